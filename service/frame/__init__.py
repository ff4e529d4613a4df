"""The frame serves the embed's HTML: the first comments drawn on the server, and the pieces its scripts swap in."""
