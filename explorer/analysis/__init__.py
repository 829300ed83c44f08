"""From a dataset to everything an audit says of it. Pure functions: model in, model out; no files, no state, no Qt.

``audit`` runs the whole pipeline and is the door that the session uses. Its stages are packages, from the ground up:

``effects``     what each step does to the world, and what became of it
``filters``     what a token filter would see of it
``pairing``     which trajectories are compared
``alignment``   which steps of two or more trajectories correspond
``statistics``  rates, intervals and tests, with the task as the unit
``divergence``  what one side does that the other does not: lanes, counterparts, risk, and why
``embedding``   trajectories as vectors, and as places on a map

What several of them need stands beside them: ``programs`` and ``targets`` (when two steps call, or hit, the same),
``places`` (numbers that do not depend on the order of the source), ``stem`` and ``toml_text``. An import contract
holds the order.
"""
