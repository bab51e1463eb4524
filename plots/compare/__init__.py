"""Two results side by side: what changed from A to B, and how sure that is."""
