"""Trajectories as vectors (``encode``), and their places on a map with distances in the full space (``embed``)."""
