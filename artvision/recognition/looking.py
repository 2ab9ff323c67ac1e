"""One picture file as recognition sees it: its bytes' checksum, the faces in it, and a sighting of each.

For portraits to enrol and pairs to verify; a run gets the same faces from its stage `faces`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from artvision.detection.found import face_detector
from artvision.detection.geometry import Face
from artvision.detection.reading import find_faces
from artvision.device import Device, available_cores
from artvision.image import FACE_SIDE, Picture, decode, default_max_pixels, read_bytes
from artvision.recognition.embedder import Sighting
from artvision.settings import Settings

# Of the main face's height: who is smaller stands at four times the distance, or is a false alarm.
BYSTANDER = 0.25


@dataclass(frozen=True)
class Looked:
    """A picture and its `faces`, most prominent first; `sightings` are the same faces, to be embedded."""

    sha256: str  # of the file's bytes
    picture: Picture = field(repr=False)
    faces: tuple[Face, ...]

    @property
    def company(self) -> int:
        """How many people the picture is of: faces at least BYSTANDER times as high as the most prominent one."""
        return sum(face.height >= BYSTANDER * self.faces[0].height for face in self.faces)

    @property
    def sightings(self) -> tuple[Sighting, ...]:
        """One a face, in the order of `faces`."""
        return tuple(Sighting(self.picture.pixels, face.box, face.points) for face in self.faces)


class Looker:
    """Decodes pictures and finds the faces in them, as a run does. Threads may share one."""

    def __init__(self, device: str = "cpu") -> None:
        """Load the detector. Raises WeightsError naming the command that mends its weights."""
        self._detector = face_detector(device, Device(device, "").runtime)
        self._background = Settings().background_rgb
        self._max_pixels = default_max_pixels(available_cores())

    def look(self, path: Path) -> Looked:
        """The picture in a file and the faces in it. Raises DecodeError, also where there is no file."""
        data = read_bytes(str(path))
        picture = decode(
            data,
            name=str(path),
            long_side=FACE_SIDE,
            short_side=0,
            max_pixels=self._max_pixels,
            background=self._background,
        )
        (faces,) = find_faces(self._detector, [picture])
        return Looked(hashlib.sha256(data).hexdigest(), picture, tuple(faces))
