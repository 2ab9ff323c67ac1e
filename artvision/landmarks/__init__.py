"""Points on faces: eyes, mouth, head pose, gaze; and how much of a picture is people. Visible facts, no template.

What follows decides the numbers and enters the fingerprint; it is here, so that reading it loads no library.
"""

from __future__ import annotations

MODEL = "mediapipe"  # id in models/manifest.toml
RUNTIME = "ai-edge-litert"  # what computes the networks
CARRIER = "mediapipe"  # the package whose wheel carries them

# Of a picture, the most prominent: in a crowd the leading ones tell a story.
FACES = 12
# Pixels of a face's shorter side, the picture's long side being 960 at most; below, an eye is four wide.
SMALLEST = 32
# Side of the square that is cut out, over the face: what the mesh network was trained with.
ROOM = 1.5
# The same over the distance of an eye's corners, for the iris network.
EYE_ROOM = 2.3
SHUT = 0.1  # ratio of an eye below which its iris is not seen
WIDEST = 3.0  # mouth ratio beyond which no jaw opens
# The mesh network's logit for a face that nothing covers: the median of 75; below 0 it sees none.
PLAIN = 25.0
SEARCH = {"faces": FACES, "smallest": SMALLEST, "room": [ROOM, EYE_ROOM], "plain": PLAIN, "shut": SHUT}
