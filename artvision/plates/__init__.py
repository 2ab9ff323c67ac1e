"""Plates: which assets share one background, whatever their crop, colours, mirroring and type.

`sketch` keeps of a picture what comparing needs; `proposing` finds likely pairs; `aligning` lays one over the other;
`verifying` confirms on the pixels that are not type; `grouping` makes groups with lasting names.
"""
