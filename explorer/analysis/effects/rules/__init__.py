"""Rules as data: packs given as text, compiled once, and how the words of a command meet them."""
