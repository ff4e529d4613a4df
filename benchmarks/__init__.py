"""Measurements of Parley beside others, as ratios in one run: `make bench` runs the lot and writes docs/performance.md.

A part is one file with a TITLE and a `run(options)` that gives a Result; parts.py lists them.
"""
