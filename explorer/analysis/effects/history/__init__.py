"""What a step does in the light of the steps before it, and of what others of the same task were shown.

``across_steps`` walks a trajectory: ``traces`` says which files a step touches, ``looks`` what a look at files proves,
``memory`` and ``world`` remember it; ``followed_scripts`` reads scripts that are run, ``stored`` what is left to run
later, ``given_files`` what another trajectory of the task was shown.
"""
