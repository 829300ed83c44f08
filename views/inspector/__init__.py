"""The inspector: one step told and explained, and the verdict on it. Reads the session, sends intents."""
