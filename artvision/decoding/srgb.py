"""Any picture Pillow can decode becomes 8-bit sRGB: every mode, depth and profile, and what shows through alpha."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageCms

# 8-bit modes whose values may be averaged.
CONTINUOUS = ("L", "LA", "RGB", "RGBA", "CMYK", "LAB")
# What white may be, by mode; in 16 bits it is 65535.
_WHITES = {"I": (255.0, 65535.0), "F": (1.0, 255.0, 65535.0)}
# A profile that moves no probe colour by more than this is sRGB under another name.
_SAME_AS_SRGB = 2


class BrokenProfileError(Exception):
    """An ICC profile that cannot be read or does not belong to pixels of this kind."""


def to_continuous(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """A loaded picture of any mode in one of `CONTINUOUS`, same size, and what had to be done."""
    if image.mode.startswith("I") or image.mode == "F":
        return _from_deep(image)
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        # Pillow inverts as for Adobe's files; without their marker 0 is no ink.
        return ImageChops.invert(image), ()
    if image.has_transparency_data:
        mode = "LA" if image.mode in {"L", "LA", "La", "1"} else "RGBA"
    else:
        mode = {"1": "L"}.get(image.mode, image.mode if image.mode in CONTINUOUS else "RGB")
    return (image if mode == image.mode else image.convert(mode)), ()


def _from_deep(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """16-bit, 32-bit and float grey to 8 bits. The white point is the type's, or the first of 1, 255, 65535 that fits.

    A float or 32-bit picture does not say what white is; outside those three ranges its own extremes become
    black and white. Not-a-number becomes black.
    """
    values = np.nan_to_num(np.asarray(image, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    fitting = [white for white in _WHITES.get(image.mode, (65535.0,)) if low >= 0 and high <= white]
    black, white = (0.0, fitting[0]) if fitting else (low, max(high, low + 1.0))
    scaled = np.clip((values - black) * (255.0 / (white - black)) + 0.5, 0, 255).astype(np.uint8)
    return Image.fromarray(scaled), (f"{image.mode} grey scaled from {black:g}..{white:g}",)


def flatten(
    image: Image.Image, icc: bytes | None, background: tuple[int, int, int]
) -> tuple[Image.Image, tuple[str, ...]]:
    """Opaque 8-bit sRGB of a picture in one of `CONTINUOUS`: its profile `icc` applied, alpha over `background`."""
    alpha = image.getchannel("A") if image.mode in {"LA", "RGBA"} else None
    colours = image.convert(image.mode[:-1]) if alpha else image
    try:
        colours, notes = _apply(colours, icc)
    except BrokenProfileError as error:
        colours, notes = colours.convert("RGB"), (f"colour profile ignored: {error}",)
    if alpha is None or alpha.getextrema() == (255, 255):
        return colours, notes
    canvas = Image.new("RGB", image.size, background)
    canvas.paste(colours, mask=alpha)
    return canvas, (*notes, "transparent parts over #{:02x}{:02x}{:02x}".format(*background))


def _apply(image: Image.Image, icc: bytes | None) -> tuple[Image.Image, tuple[str, ...]]:
    if image.mode == "LAB":
        return _convert(image, _lab_transform()), ("Lab converted to sRGB",)
    if not icc:
        return image.convert("RGB"), ("CMYK without a profile",) if image.mode == "CMYK" else ()
    transform, mode, name = _transform(icc, image.mode)
    if transform is None:
        return image.convert("RGB"), ()
    return _convert(image.convert(mode), transform), (f"{name} converted to sRGB",)


def _convert(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    converted = ImageCms.applyTransform(image, transform)
    if converted is None:
        raise BrokenProfileError("it gave no picture")
    return converted


@lru_cache(maxsize=1)
def _lab_transform() -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")


@lru_cache(maxsize=16)
def _transform(icc: bytes, mode: str) -> tuple[ImageCms.ImageCmsTransform | None, str, str]:
    """(transform, mode it takes, profile name); transform None where it would change nothing.

    Relative colorimetric with black point compensation: what browsers and Photoshop do by default.
    """
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc))
        space = profile.profile.xcolor_space.strip()
        name = " ".join((profile.profile.profile_description or "unnamed profile").split())[:60]
        takes = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}.get(space, space)
        if takes != mode and (takes, mode) != ("RGB", "L"):
            raise BrokenProfileError(f"{name} is for {space}, the pixels are {mode}")
        transform = ImageCms.buildTransform(
            profile,
            ImageCms.createProfile("sRGB"),
            takes,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        raise BrokenProfileError(" ".join(str(error).split()) or type(error).__name__) from error
    return (None if takes == "RGB" and _is_identity(transform) else transform), takes, name


def _is_identity(transform: ImageCms.ImageCmsTransform) -> bool:
    probe = Image.fromarray(_lattice())
    moved = np.asarray(_convert(probe, transform)).astype(np.int16) - np.asarray(probe)
    return int(np.abs(moved).max()) <= _SAME_AS_SRGB


def _lattice() -> NDArray[np.uint8]:
    """Every colour with channels at 0, 17, …, 255: (64, 64, 3) uint8."""
    steps = np.arange(16, dtype=np.uint8) * 17
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    return np.ascontiguousarray(grid.reshape(64, 64, 3))
