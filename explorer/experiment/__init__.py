"""The replication at toy scale: worlds, tiny policies, sanitation, distillation, evaluation and their logs.

It makes the embedded sample and the ground truth that tests and benchmarks measure the audit against. It uses
model, progress, errors and the product's own token filter; nothing but the command line uses it. Worlds, tasks,
shell and settings know no torch; policy_network, training and distil do, and with them whatever puts the
experiment together.
"""
