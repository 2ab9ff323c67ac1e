"""Searching an index: by text, picture, asset and sums of them; answers as rows and as a contact sheet."""
