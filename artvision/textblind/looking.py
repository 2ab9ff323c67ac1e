"""Tags of a picture as it is, with its text taken out, and with as much of something else taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from artvision.contract import Missing
from artvision.device import one_thread_each
from artvision.errors import DecodeError
from artvision.image import Picture
from artvision.lettering.regions import Box
from artvision.pipeline import Engine
from artvision.reporting import Reporter
from artvision.settings import Settings
from artvision.sources import Asset
from artvision.stages.base import Result, Stage
from artvision.stages.clip import Clip
from artvision.textblind.filling import elsewhere, filled, hidden
from artvision.worker import Worker

# Tag -> score, None where it abstains on this picture.
Tags = Mapping[str, float | None]


@dataclass(frozen=True)
class Seen:
    """One picture with text: tags as it is, without its text, and without something else; shares that were hidden."""

    asset_id: str
    plain: Tags
    blind: Tags
    control: Tags
    share: float
    control_share: float


@dataclass(frozen=True)
class Unseen:
    """One picture that says nothing here, and why."""

    asset_id: str
    reason: str


WITHOUT = "no text found"


def engine_for(settings: Settings, reporter: Reporter) -> Engine:
    """Stages clip and text, ready to run. Raises UsageError without the extra `text`."""
    own = replace(settings, stages="clip,text", engine="local", heads="", actors="", keep_face_vectors=False)
    engine = Engine.of(own, reporter)
    for stage in engine.chosen:
        for note in stage.preparing():
            reporter.notice(note)
        stage.setup(engine.device.name)
    return engine


def thresholds_of(engine: Engine) -> dict[str, float]:
    """Tag -> the probability from which it counts as seen, for tags that are calibrated."""
    clip = next(stage for stage in engine.chosen if isinstance(stage, Clip))
    return {tag: decision.threshold for tag, decision in clip.decisions.items()}


def look(engine: Engine, assets: Sequence[Asset], advance: Callable[[int], None]) -> Iterator[Seen | Unseen]:
    """Look at every asset, in order."""
    worker = engine.worker("")
    clip = next(stage for stage in engine.chosen if stage.name == "clip")
    with ThreadPoolExecutor(engine.workers, initializer=one_thread_each) as pool:
        for found in pool.map(lambda asset: _one(worker, clip, asset), assets):
            advance(1)
            yield found


def _one(worker: Worker, clip: Stage, asset: Asset) -> Seen | Unseen:
    try:
        loaded, results, failures = worker.examine(asset)
    except DecodeError as error:
        return Unseen(asset.asset_id, str(error))
    if failures:
        return Unseen(asset.asset_id, next(iter(failures.values())))
    lines = results["text"].columns["text_regions"]
    if not lines:
        return Unseen(asset.asset_id, WITHOUT)
    boxes: list[Box] = [(line["x0"], line["y0"], line["x1"], line["y1"]) for line in lines]
    picture = loaded.picture
    size = picture.pixels.shape[1], picture.pixels.shape[0]
    text = hidden(boxes, size)
    other = elsewhere(text)
    reach = max(min((x1 - x0) * size[0], (y1 - y0) * size[1]) for x0, y0, x1, y1 in boxes) / max(size)
    pictures = [Picture(filled(picture.pixels, mask, reach), picture.width, picture.height) for mask in (text, other)]
    blind, control = clip.run(pictures, {})
    return Seen(
        asset.asset_id,
        _tags(results["clip"]),
        _tags(blind),
        _tags(control),
        float(np.mean(text)),
        float(np.mean(other)),
    )


def _tags(result: Result) -> Tags:
    return {name: None if isinstance(value, Missing) else float(value) for name, value in result.values.items()}
