"""A corpus of broken films, the same every time: small good ones of many containers, cut short or changed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from films import film, painted, panned, shot
from hostile import mutated

KINDS = {
    "h264.mp4": {"codec": "libx264", "bf": "2", "g": "12"},
    "hevc.mov": {"codec": "libx265", "x265-params": "log-level=none:keyint=12"},
    "mpeg4.avi": {"codec": "mpeg4", "g": "12"},
    "vp9.webm": {"codec": "libvpx-vp9", "deadline": "realtime", "cpu-used": "8", "g": "12"},
    "fields.mkv": {"codec": "libx264", "g": "12", "x264-params": "tff=1"},
    "deep.mkv": {"codec": "libx264", "pix_fmt": "yuv420p10le", "bf": "2", "g": "12"},
    "mpeg2.ts": {"codec": "mpeg2video", "base": Fraction(1, 24)},
    "mpeg2.mpg": {"codec": "mpeg2video", "base": Fraction(1, 24)},
    "h264.flv": {"codec": "libx264", "g": "12"},
}


def seeds() -> dict[str, bytes]:
    """Two shots of half a second each, in every container and way of coding; few bytes of each are pictures."""
    frames = [*panned(painted(1, (96, 64)), 0.5), *shot(painted(2, (96, 64)), 0.5)]
    with tempfile.TemporaryDirectory() as place:
        return {name: film(Path(place) / name, frames, **options).read_bytes() for name, options in KINDS.items()}


def corpus(rounds: int) -> Iterator[tuple[str, bytes]]:
    """(name, content): each good film mutated `rounds` times, and made huge by its header alone."""
    for place, (name, data) in enumerate(seeds().items()):
        for number in range(rounds):
            yield f"{place:02}-{number:03}-{name}", mutated(data, 1000 * place + number)
        yield f"{place:02}-zeros-{name}", data[:400] + bytes(len(data) - 400)
        yield f"{place:02}-noise-{name}", data[:400] + np.random.default_rng(place).bytes(len(data) - 400)


def write(folder: Path, rounds: int) -> list[Path]:
    """The corpus as files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, data in corpus(rounds):
        paths.append(folder / name)
        paths[-1].write_bytes(data)
    return paths
