"""Disqus speaks its dialect: the scripts, calls and shapes its clients rely on, translated; it decides nothing."""
