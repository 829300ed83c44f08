"""What statements for databases do: SQL by its parsed form, document stores by their calls."""
