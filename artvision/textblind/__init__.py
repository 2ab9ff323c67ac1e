"""The text-blind check: how much of a tag is read off the letters on a picture, and not seen in it."""
