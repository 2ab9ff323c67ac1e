"""Films that tests make: shots of painted pictures, encoded with time stamps of the test's own choosing."""

from fractions import Fraction

import av
import numpy as np
from PIL import Image

SIZE = (160, 96)
BASE = Fraction(1, 1000)


def painted(seed, size=SIZE):
    """(H, W, 3) uint8: large coloured blocks with some grain, different for every seed."""
    rng = np.random.default_rng(seed)
    blocks = Image.fromarray(rng.integers(20, 236, (5, 8, 3), dtype=np.uint8)).resize(size, Image.Resampling.NEAREST)
    grain = rng.integers(-12, 13, (size[1], size[0], 1))
    return np.clip(np.asarray(blocks, np.int16) + grain, 0, 255).astype(np.uint8)


def shot(picture, seconds, rate=24):
    """A shot in which nothing moves."""
    return [picture] * round(seconds * rate)


def panned(picture, seconds, rate=24, step=3):
    """A shot in which the camera moves on by `step` pixels a frame."""
    return [np.roll(picture, step * number, axis=1) for number in range(round(seconds * rate))]


def steady(count, rate=24, start=0.0):
    """Times of frames at a constant rate."""
    return [start + number / rate for number in range(count)]


def film(path, frames, times=None, *, codec="mpeg4", pix_fmt="yuv420p", rate=24, base=BASE, prepare=None, **options):
    """Write a film of arrays (H, W, 3) or frames; `times` in seconds, by default at a constant rate.

    `prepare` is shown the stream before it opens.
    """
    times = steady(len(frames), rate) if times is None else times
    made = [item if isinstance(item, av.VideoFrame) else av.VideoFrame.from_ndarray(item, "rgb24") for item in frames]
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height = made[0].width, made[0].height
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = base
        if prepare:
            prepare(stream)
        for frame, time in zip(made, times, strict=True):
            frame.pts, frame.time_base = round(Fraction(time) / base), base
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path
