"""How a picture fits the canvases of services: which crop, which faces survive it, where a title would stand."""
