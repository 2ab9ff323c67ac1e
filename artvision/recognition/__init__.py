"""Recognising enrolled actors, only when asked: templates of faces, a gallery to compare with, who may be named.

A template is computed only where a gallery was given, and forgotten unless its owner was recognised and
`--keep-face-vectors` asks for it. Nothing here says anything of a person but who of the gallery it is.
"""
