"""Light, colour and detail of a picture, measured from its pixels at the canonical size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pyarrow as pa

from artvision.contract import Column, Field, Missing
from artvision.image import SCORE_SIDE, Picture
from artvision.pixels import blocks, color, detail, harmony, tone
from artvision.pixels.dominant import dominant
from artvision.pixels.palette import Swatch, palette
from artvision.pixels.plane import Plane, mean
from artvision.pixels.pyramid import Colours, Pyramid
from artvision.pixels.tone import Tones
from artvision.stages.base import Result, Stage, Value

_CIE = "CIE 15:2004, L* of sRGB (IEC 61966-2-1)"
_COHEN_OR = "Cohen-Or et al. 2006, ACM TOG 25(3)"
_MODE = "Comaniciu & Meer 2002, IEEE TPAMI 24(5), in CIELAB"
_PERCENTILES = {"light.median": 0.5, "light.p5": 0.05, "light.p95": 0.95}

_LIGHT = (
    Field("light.brightness", "mean lightness", "L*", 0, 100, _CIE, "brighter", tolerance=0.1, fill=50),
    Field("light.median", "median lightness", "L*", 0, 100, _CIE, "brighter", tolerance=0.6, fill=50),
    Field("light.p5", "lightness of the darkest twentieth", "L*", 0, 100, _CIE, "lifted shadows", tolerance=0.3),
    Field(
        "light.p95",
        "lightness below which all but a twentieth lie",
        "L*",
        0,
        100,
        _CIE,
        "brighter highlights",
        tolerance=0.5,
        fill=100,
    ),
    Field(
        "light.contrast",
        "standard deviation of lightness",
        "L*",
        0,
        50,
        "Peli 1990, JOSA A 7(10), on L*",
        "more contrast",
        tolerance=0.1,
    ),
    Field(
        "light.shadows_clipped",
        f"share darker than L* {tone.CLIP_DARK:g}",
        "share",
        0,
        1,
        "ours",
        "blacker shadows",
        tolerance=0.01,
    ),
    Field(
        "light.highlights_clipped",
        f"share lighter than L* {tone.CLIP_LIGHT:g}",
        "share",
        0,
        1,
        "ours",
        "whiter highlights",
        tolerance=0.005,
    ),
    Field(
        "light.low_key",
        "share in the lower third of the lightness scale",
        "share",
        0,
        1,
        "ours",
        "low-key",
        tolerance=0.005,
    ),
    Field(
        "light.high_key",
        "share in the upper third of the lightness scale",
        "share",
        0,
        1,
        "ours",
        "high-key",
        tolerance=0.005,
    ),
)
_COLOR = (
    Field(
        "color.colorfulness",
        "colourfulness M (33 moderate, 59 quite, 109 extreme)",
        "M of 8-bit sRGB",
        0,
        color.MAX_COLORFULNESS,
        "Hasler & Süsstrunk 2003, SPIE 5007",
        "more colourful",
        tolerance=0.3,
    ),
    Field("color.chroma", "mean chroma", "C*ab", 0, color.MAX_CHROMA, "CIE 15:2004", "more saturated", tolerance=0.2),
    Field(
        "color.warmth",
        "warm against cold hues; 0 neutral or grey",
        "balance",
        -1,
        1,
        "ours, after the classes of CinemaNet",
        "warmer",
        tolerance=0.01,
    ),
    Field(
        "color.hue_concentration",
        "how far all hues are one, weighted by chroma",
        "share",
        0,
        1,
        "Mardia & Jupp 2000, §2.3",
        "fewer hues",
        tolerance=0.01,
    ),
    Field(
        "color.harmony_distance",
        "mean arc of hues outside the best harmonic template",
        "degrees",
        0,
        180,
        _COHEN_OR,
        "less harmonic",
        tolerance=0.3,
    ),
    *(
        Field(
            f"color.harmony_{name}",
            f"mean arc of hues outside the template {name}",
            "degrees",
            0,
            180,
            _COHEN_OR,
            "hues spread beyond the template",
            tolerance=0.5,
        )
        for name in harmony.TEMPLATES
    ),
    Field("color.dominant_l", "L* of the densest colour", "L*", 0, 100, _MODE, tolerance=0.5, fill=50),
    Field("color.dominant_a", "a* of the densest colour", "a*", -87, 99, _MODE, "redder", tolerance=0.5),
    Field("color.dominant_b", "b* of the densest colour", "b*", -108, 95, _MODE, "yellower", tolerance=0.5),
    Field(
        "color.dominant_share",
        "share of the picture around the densest colour",
        "share",
        0,
        1,
        _MODE,
        "more uniform",
        tolerance=0.01,
    ),
)
_DETAIL = (
    Field(
        "detail.sharpness",
        "variance of the Laplacian at half size, logarithm",
        "log10 L*²",
        0,
        detail.MAX_SHARPNESS,
        "Pech-Pacheco et al. 2000, ICPR",
        "sharper",
        tolerance=0.05,
    ),
    Field(
        "detail.motion_blur",
        "detail lost along one direction against across it",
        "share",
        0,
        1,
        "ours",
        "smeared one way",
        tolerance=0.03,
    ),
    Field(
        "detail.noise",
        "standard deviation of noise",
        "L*",
        0,
        100,
        "Immerkær 1996; Donoho & Johnstone 1994",
        "noisier",
        tolerance=0.08,
    ),
    Field(
        "detail.blockiness",
        "strength of a square grid of compression blocks",
        "share",
        0,
        1,
        "Wang, Bovik & Evans 2000, ICIP, with a free period",
        "blockier",
        tolerance=0.03,
    ),
    Field(
        "detail.entropy",
        "entropy of lightness in bins of one L*",
        "bits",
        0,
        tone.MAX_ENTROPY,
        "Shannon 1948",
        "more tones",
        tolerance=0.05,
    ),
)
_SWATCH = pa.struct([*((channel, pa.uint8()) for channel in "rgb"), ("share", pa.float32()), ("name", pa.string())])


def _light(lightness: Plane, tones: Tones) -> dict[str, Value]:
    percentiles = tones.percentiles(tuple(_PERCENTILES.values()))
    return {
        "light.brightness": mean(lightness),
        **dict(zip(_PERCENTILES, percentiles, strict=True)),
        "light.contrast": tone.rms_contrast(lightness),
        "light.shadows_clipped": tones.share_below(tone.CLIP_DARK),
        "light.highlights_clipped": tones.share_above(tone.CLIP_LIGHT),
        "light.low_key": tones.share_below(tone.KEY_DARK),
        "light.high_key": tones.share_above(tone.KEY_LIGHT),
    }


def _harmony(hues: harmony.Hues | None) -> dict[str, Value]:
    if hues is None:
        return {f"color.harmony_{name}": Missing.NOT_APPLICABLE for name in ("distance", *harmony.TEMPLATES)}
    arcs = harmony.template_distances(hues)
    arcs["distance"] = min(arcs.values())
    return {f"color.harmony_{name}": arc for name, arc in arcs.items()}


def _color(seen: Colours) -> dict[str, Value]:
    point, share = dominant(seen.cells)
    concentration = color.hue_concentration(seen)
    return {
        "color.colorfulness": seen.colorfulness,
        "color.chroma": seen.means.chroma,
        "color.warmth": color.warmth(seen),
        "color.hue_concentration": Missing.NOT_APPLICABLE if concentration is None else concentration,
        **_harmony(seen.hues),
        **dict(zip(("color.dominant_l", "color.dominant_a", "color.dominant_b"), point, strict=True)),
        "color.dominant_share": share,
    }


def _detail(planes: Pyramid, tones: Tones) -> dict[str, Value]:
    return {
        "detail.sharpness": detail.sharpness(planes.half),
        "detail.motion_blur": detail.motion_blur(planes.half),
        "detail.noise": detail.noise(planes.lightness),
        "detail.blockiness": blocks.blockiness(planes.lightness),
        "detail.entropy": tones.entropy(),
    }


def _row(swatch: Swatch) -> dict[str, Any]:
    return dict(zip("rgb", swatch.rgb, strict=True)) | {"share": swatch.share, "name": swatch.name}


class Light(Stage):
    """Measures tone, colour and detail; keeps nothing between pictures."""

    name: ClassVar[str] = "light"
    version: ClassVar[str] = "2"
    min_long_side: ClassVar[int] = SCORE_SIDE
    summary: ClassVar[str] = "brightness, contrast, colour, palette, sharpness, noise"

    def fields(self) -> tuple[Field, ...]:
        """Three blocks: light, color, detail."""
        return (*_LIGHT, *_COLOR, *_DETAIL)

    def columns(self) -> tuple[Column, ...]:
        """The palette."""
        return (Column("palette", "colours by k-means in CIELAB, largest share first", pa.list_(_SWATCH)),)

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """Measure each picture by itself."""
        return [self._measure(picture.derived(Pyramid.of, SCORE_SIDE)) for picture in batch]

    def _measure(self, planes: Pyramid) -> Result:
        tones = Tones.of(planes.lightness)
        values = _light(planes.lightness, tones) | _color(planes.colours) | _detail(planes, tones)
        return Result(values, {"palette": [_row(swatch) for swatch in palette(planes.colours.cells)]})
