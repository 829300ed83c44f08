"""Which trajectories are compared with which, and what is left without a partner, and why."""
