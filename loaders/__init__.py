"""File shapes → the canonical tables. Knows the model, errors and progress; nothing else of the application.

Every file is untrusted: parsed in small batches, validated, never memory-mapped, never executed; what cannot be read
is a message. One module per shape (``step_rows``, ``messages``, ``text_calls``, ``event_stream``,
``parallel_lists``, ``action_observation``), each claiming a file by a score; ``registry`` picks the best.
"""
