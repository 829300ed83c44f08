"""What did not pair: the list with its reasons, and the keys that may mean the same task, to be accepted or taken
back. Reads the session; how a mapping is written and read again is handed in or asked for by signal."""
