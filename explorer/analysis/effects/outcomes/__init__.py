"""What became of an action: of each part of a command, what its output proves, and whether the agent refused."""
