"""The alignment: trajectories side by side, a row an aligned step. Reads the session, sends intents."""
