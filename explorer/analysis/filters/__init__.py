"""What sanitation by words would see. Reads text only: it shares no list and no code with ``effects``.

``presets`` reads lists, ``token_match`` finds their words in one text, ``token_scan`` in a dataset, ``token_filter``
gives the verdicts; ``learned_filter`` on ``bag_of_tokens`` is the strongest reader of words; ``workbench`` shows how
verdicts fall on what steps really do.
"""
