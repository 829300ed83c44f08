"""What one side of a pair does and the other does not.

``diverge`` is the door. ``occurrences`` lists every effect of concern; ``counterparts`` looks for the same act in the
other trajectory (``containment``, ``deciding_text``, ``find_selection`` for targets that are not plain values,
``find_sets`` and ``search_containment`` for searches that select more or less than one another) and ``lanes`` puts
each on a side, on both, or where it cannot be told. ``other_side``, ``differing``, ``origin`` (with ``mentions`` and
``echo``), ``request`` (of ``asked``, with ``asked_of_target`` and ``forbidding``, and ``agreed``), ``own_objects``,
``own_processes`` and ``input_difference`` gather what speaks for and against it;
``support``, ``surprise`` and ``risk`` weigh it; ``fold`` and ``cluster`` join repeats;
``explanation`` says it in sentences and ``rows`` makes the published table.
"""
