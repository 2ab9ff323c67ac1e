"""Finding faces: a cascade of three small networks, and what the geometry of a found face says.

Detection only. Nothing here tells one face from another, classifies a person or computes a template.
"""
