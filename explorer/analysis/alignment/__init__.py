"""Which steps of trajectories of one task correspond.

``features`` says what of a step is compared, with arguments masked by ``normalize``; ``kernel`` is the compiled
dynamic programme for many pairs; ``align`` runs it and says how alike two trajectories are. ``inversions`` finds what
both do in another order, ``multi_align`` puts several trajectories into columns with common rows, ``prefix_tree``
shows at which action they part. Knows nothing of lanes or risk.
"""
