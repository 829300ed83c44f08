"""The replication at toy scale: worlds, tiny policies, sanitation, distillation, evaluation and their logs.

It makes the embedded sample and the ground truth that tests and benchmarks measure the audit against. It uses
model, progress, errors and the product's own token filter; nothing but the command line uses it. Only
``policy_network``, ``training``, ``rollouts``, ``distil`` and ``conditions`` import torch.
"""
