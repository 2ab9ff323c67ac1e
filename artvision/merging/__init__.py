"""Runs joined into one: the shards of a whole, or runs over different inputs that were made alike."""
