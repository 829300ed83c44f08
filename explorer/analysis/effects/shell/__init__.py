"""Shell commands. Parse → walk in execution order → expand → unwrap → resolve against the rules.

``commands`` is the door; ``run`` and ``state`` are what is carried along. ``heredoc`` and ``parse`` make a tree that
can be trusted, ``walk`` reads it in order, ``expand`` and ``literal`` turn words into values, ``unwrap``, ``lists``,
``options`` and ``interpret`` find the command inside a command, ``resolve`` asks the rules.
"""
