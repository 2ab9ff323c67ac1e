"""Frames that hold two fields, taken a fiftieth of a second apart, become one whole picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from artvision.film.frame import Around

# Ffmpeg's; it looks at the frames on both sides.
FILTER, HOW = "bwdif", "mode=send_frame:parity=auto:deint=all"


def whole(around: Around) -> Any:
    """The frame in the middle; deinterlaced where it says that it is in fields, with the help of its neighbours."""
    frame = around.shown.frame
    if not frame.interlaced_frame:
        return frame
    neighbours = [found.frame for found in around if found is not None and _alike(found.frame, frame)]
    return next((found for found in _filtered(neighbours) if _time(found) == _time(frame)), frame)


def _time(frame: Any) -> Any:
    """Its time stamp in seconds: the filter counts in other units than the film."""
    return frame.pts * frame.time_base


def _alike(one: Any, other: Any) -> bool:
    return (one.width, one.height, one.format.name) == (other.width, other.height, other.format.name)


def _filtered(frames: list[Any]) -> list[Any]:
    import av

    first = frames[0]
    graph = av.filter.Graph()
    source = graph.add_buffer(width=first.width, height=first.height, format=first.format, time_base=first.time_base)
    middle, sink = graph.add(FILTER, HOW), graph.add("buffersink")
    source.link_to(middle)
    middle.link_to(sink)
    graph.configure()
    for frame in [*frames, None]:
        graph.push(frame)
    return list(_pulled(graph))


def _pulled(graph: Any) -> Any:
    import av

    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, EOFError):
            return
