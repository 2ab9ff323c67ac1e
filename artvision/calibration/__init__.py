"""Calibration: labelled pictures decide which tags are offered, and which probability a score stands for."""
