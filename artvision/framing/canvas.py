"""A canvas: a frame in which a service shows artwork, and what in it is covered or reserved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from artvision.framing.box import WHOLE, Box


class Corner(StrEnum):
    """Where a service puts a badge over the picture."""

    NONE = "none"
    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"


class Title(StrEnum):
    """Whether the artwork itself carries the title; `forbidden` is the rule that it be textless."""

    REQUIRED = "required"
    FORBIDDEN = "forbidden"
    FREE = "free"


@dataclass(frozen=True)
class Frame:
    """The geometry of a canvas. `aspect` is width over height; all else are shares of the canvas.

    `safe` is what the unsafe bands leave, `badge` the area that may be covered, `slot` the least (width, height) of a
    title. Canvases of one frame have one crop and one slot.
    """

    aspect: float
    safe: Box = WHOLE
    badge: Box | None = None
    slot: tuple[float, float] = (0.4, 0.12)


@dataclass(frozen=True)
class Canvas:
    """A frame with its name, its title rule, and where all that is said. `ours`: keys that the source leaves open."""

    id: str
    name: str
    service: str
    shape: str
    frame: Frame
    title: Title = Title.FREE
    source: str = ""
    checked: bool = False
    ours: tuple[str, ...] = ()


def cornered(corner: Corner, width: float, height: float) -> Box | None:
    """The box of that size in the corner of a canvas; None for no corner."""
    if corner is Corner.NONE:
        return None
    x0 = 0.0 if corner.endswith("left") else 1.0 - width
    y0 = 0.0 if corner.startswith("top") else 1.0 - height
    return Box(x0, y0, x0 + width, y0 + height)
