"""What every classifier of effects builds on. Imports none of them."""
