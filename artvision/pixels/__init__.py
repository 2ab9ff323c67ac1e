"""Pixel maths as free functions on arrays: no files, no stages, no state. Every formula names its source.

A picture is (H, W, 3) uint8 sRGB; a *plane* is (H, W) float32; L* runs over 0..100 (CIE 1976).
"""
