"""Public pages read from a streaming replica."""
