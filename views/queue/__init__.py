"""The queue: entries by risk, in lanes, alone or in groups of the same move. Reads the session, sends intents."""
