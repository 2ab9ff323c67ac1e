"""Rows of the column `canvases` for tests of what reads them."""


def in_canvas(
    canvas, *, white=9.0, black=1.0, emptiness=1.0, slot=True, whole=1, cut=0, covered=0, lead=True, text=None
):
    """A row of the column `canvases`; as given it serves a canvas. `text`: (whole, cut)."""
    box = dict.fromkeys(("x0", "y0", "x1", "y1"), 0.5)
    faces = {"faces_whole": whole, "faces_cut": cut, "faces_clear": None if whole is None else whole - covered}
    words = dict(zip(("text_whole", "text_cut", "text_clear"), (*(text or (None, None)), None), strict=True))
    place = {**box, "emptiness": emptiness, "white": white, "black": black, "ink": "white"} if slot else None
    return {"canvas": canvas, **box, "saliency": 1.0, **faces, "lead_whole": lead, **words, "slot": place}
