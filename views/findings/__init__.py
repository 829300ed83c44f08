"""Findings: what was judged, by whom, when and why. Reads the session, sends intents."""
