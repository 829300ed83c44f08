"""Risk weights and alignment costs: read them, change them, audit again."""
