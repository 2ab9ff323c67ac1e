"""Heads: linear layers over an embedding, the user's own and LAION's, each bound to the embedding it was fitted on."""
