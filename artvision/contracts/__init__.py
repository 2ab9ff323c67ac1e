"""Contracts compared and written down: what changed between two, how far their values drifted, JSON Schema, SQL, Arrow.

Works on the dicts of `contract.json` (`Contract.described`), not on this installation's stages: the two sides of a
comparison may come from other versions of artvision. Nothing here prints.
"""
