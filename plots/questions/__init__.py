"""The questions of the thread: what was claimed, and what this machine's own data say to it."""
