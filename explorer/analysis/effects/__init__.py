"""What a step does to the world. Knows nothing of words that a token filter reads.

``steps`` is the door: a dataset's distinct actions once, then its trajectories in order. Below it, from the top:

``history``    what a step does in the light of the steps before it: files known, made, written, scripts followed
``actions``    one action by itself: picks the classifier by kind of step and tool; explains; checks rules' examples
``tools``      calls of API tools: by name, by arguments, by a table of rules
``outcomes``   what became of the parts of a command, what an output proves, what a refusal says
``shell``      commands: syntax tree, unwrapping, expansion, then the rules
``code``       Python from its syntax tree, other languages by their tokens
``web``        HTTP requests and clicks · ``databases`` SQL and document stores
``rules``      rule packs given as text, and how an argument vector meets them
``shared``     how every effect is made: severity, names of tools, folders, text as the eye reads it

Classifiers hand texts inside texts to each other through callables, never by importing in a circle (a contract holds
that); each gives a tuple of effects, and empty means "no action", never "cannot tell". Nothing here opens a file or
keeps state but caches by content.
"""
