"""What every panel shares: the theme, the only text widgets allowed, painters and small widgets.

Knows no panel and no session. Text from a log reaches the screen through :mod:`views.shared.plain_text` only.
"""
