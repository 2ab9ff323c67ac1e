"""Pixels to a CLIP model's input, byte for byte as open_clip's own transform makes it, without torchvision."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artvision.clip.model import Preprocess
from artvision.image import Pixels

Input = NDArray[np.float32]  # (3, height, width), normalised


def preprocess(pixels: Pixels, cfg: Preprocess) -> Input:
    """(H, W, 3) uint8 sRGB -> (3, h, w) float32: resized, cut or padded, scaled to [0, 1], normalised by channel.

    The rules (which side, how rounded, where cut) are those of open_clip's `image_transform` for inference.
    """
    samples = fitted(pixels, cfg)
    table = _levels(cfg.mean, cfg.std)
    return np.stack([table[channel][samples[..., channel]] for channel in range(3)])


def fitted(pixels: Pixels, cfg: Preprocess) -> Pixels:
    """(H, W, 3) uint8 sRGB -> (h, w, 3) uint8: resized, and cut or padded."""
    return np.asarray(_fit(Image.fromarray(pixels), cfg))


@lru_cache(maxsize=8)
def _levels(mean: tuple[float, ...], std: tuple[float, ...]) -> Input:
    """(3, 256): what each level of each channel becomes; computed in float32 in open_clip's order of operations."""
    levels = np.arange(256, dtype=np.float32) / np.float32(255)
    return np.stack(
        [(levels - np.float32(middle)) / np.float32(spread) for middle, spread in zip(mean, std, strict=True)]
    )


def _fit(image: Image.Image, cfg: Preprocess) -> Image.Image:
    height, width = cfg.size
    filter_ = Image.Resampling.BILINEAR if cfg.interpolation == "bilinear" else Image.Resampling.BICUBIC
    if cfg.resize_mode == "squash":
        return image.resize((width, height), filter_)
    if cfg.resize_mode == "longest":
        ratio = max(image.height / height, image.width / width)
        sized = image.resize((round(image.width / ratio), round(image.height / ratio)), filter_)
        return _cut_or_pad(sized, cfg)
    if height == width:
        return _cut_or_pad(_short_side(image, height, filter_), cfg)
    ratio = min(image.height / height, image.width / width)
    # open_clip resizes bicubically here whatever the configuration says
    sized = image.resize((round(image.width / ratio), round(image.height / ratio)), Image.Resampling.BICUBIC)
    return _cut_or_pad(sized, cfg)


def _short_side(image: Image.Image, side: int, filter_: Image.Resampling) -> Image.Image:
    """Short side exactly `side`, the long one rounded down."""
    short, long = sorted(image.size)
    other = int(side * long / short)
    return image.resize((side, other) if image.width <= image.height else (other, side), filter_)


def _cut_or_pad(image: Image.Image, cfg: Preprocess) -> Image.Image:
    """The centre of `image` at exactly the wanted size; what is missing is filled."""
    height, width = cfg.size
    if width > image.width or height > image.height:
        across, down = max(0, width - image.width), max(0, height - image.height)
        canvas = Image.new("RGB", (image.width + across, image.height + down), (cfg.fill_color,) * 3)
        canvas.paste(image, (across // 2, down // 2))
        image = canvas
    left, top = round((image.width - width) / 2), round((image.height - height) / 2)
    return image.crop((left, top, left + width, top + height))
