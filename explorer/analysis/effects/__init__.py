"""What a step does to the world. Knows nothing of words that a token filter reads.

From the outside in: ``steps`` (a dataset: distinct actions once, then trajectories in order) → ``dispatch``
(one action, by kind and tool) → a classifier for what it is: ``shell`` (syntax tree, unwrapping, rules),
``sql``, ``code`` (``python_code``, ``scripts``), ``http``, ``tools``, ``browser``, ``refusal``. Classifiers
hand texts inside texts to each other through callables, never by importing in a circle; each gives a tuple of
effects, made by ``making``, and empty means "no action", never "cannot tell".

``across_steps`` reads a trajectory in order: ``traces`` says which files a step touches, ``world`` remembers
them, ``outcomes`` says what became of the parts of a command, ``pages`` what a clicked element was. ``explain``
puts a verdict into one sentence. Rules are data (``rules`` compiles packs given as text); this package opens no
file and keeps no state but caches by content.
"""
