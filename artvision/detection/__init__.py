"""Finding faces: a cascade of three small networks, and what the geometry of a found face says.

Detection only. Nothing here tells one face from another, classifies a person or computes a template.
What follows decides the numbers and enters the fingerprint; it is here, so that reading it needs no torch.
"""

from __future__ import annotations

WEIGHTS = {
    "pnet": "a2a71925e0b9996a42f63e47efc1ca19043e69558b5c523b978d611dfae49c8f",
    "rnet": "bbb937de72efc9ef83b186c49f5f558467a1d7e3453a8ece0d71a886633f6a86",
    "onet": "165bfbe42940416ccfb977545cf0e976d5bf321f67083ae2aaaa5c764280118d",
}  # sha256 of the files in facenet-pytorch's wheel

SMALLEST = 20  # pixels of the smallest face looked for, at the size searched
# Probabilities that pass each network, as facenet-pytorch ships them.
THRESHOLDS = (0.6, 0.7, 0.7)
FACTOR = 0.709  # between pyramid levels: about half the area each
# A picture smaller than the search is enlarged this much at most: faces of 5 px of its own are sought.
UPSCALE = 4

# The second look, where no face found is as high as FILLING of the short side: the first loses faces from about 1.1
# of it, and smaller ones that the frame cuts.
FILLING = 0.4
SECOND_SIDE = 64  # pixels of the copy's short side
# Pixels of grey around it, 0.6 of the side: room for a face of twice the frame.
SECOND_MARGIN = 38
# (128 - 127.5) / 128 is the level nearest to the networks' zero.
SECOND_GREY = 128
# Score from which a find is a face with nothing else to say so: mistaken ones on film stills reached 0.91.
SURE = 0.95
SECOND_SCORE = SURE
SEARCH = {
    "smallest": SMALLEST,
    "thresholds": list(THRESHOLDS),
    "factor": FACTOR,
    "upscale": UPSCALE,
    "filling": FILLING,
    "second": [SECOND_SIDE, SECOND_MARGIN, SECOND_GREY, SECOND_SCORE],
}
