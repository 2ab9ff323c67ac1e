"""Engines run a job over chunks and know nothing of what it computes."""
