"""The space that an index's vectors lie in, and how texts and pictures get there: by the index's own model, or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import ImageColor

from artvision import image
from artvision.clip.mark import DECIDES
from artvision.clip.model import ClipModel, resolve
from artvision.device import Device, choose_device, one_thread_each
from artvision.errors import RunError, UsageError
from artvision.fingerprint import DECODE_PATH, differences
from artvision.passes import Floats, normalised
from artvision.settings import Settings

if TYPE_CHECKING:
    from artvision.clip.encoder import Encoder
    from artvision.clip.texts import TextTower

# The starter was trained on what sets a text apart from these (scripts/starter/training.py, PLAIN), not on the text's
# own similarity: without them its order of held-out posters is much worse, see docs/benchmarks.md.
NEUTRAL = ("a picture", "an image", "a film poster", "a film still")


@dataclass(frozen=True)
class Space:
    """A resolved model that is the one of the index, with the index's way to decode. Weights load on first use."""

    model: ClipModel
    made: Mapping[str, Any]
    max_pixels: int

    @property
    def notices(self) -> tuple[str, ...]:
        """That libraries were others when the index was made, where they were."""
        before = {**self.made["libraries"], **self.made["stages"]["clip"]["libraries"]}
        changed = differences(before, {name: version(name) for name in before})
        said = f"the index was made with other libraries ({', '.join(changed)}): last digits may differ"
        return (said,) if changed else ()

    @cached_property
    def texts(self) -> TextTower:
        """The model for texts, loaded on the kind of device that made the index, where this machine has one."""
        from artvision.clip.texts import load_texts

        return load_texts(self.model, self._device.name)

    @cached_property
    def pictures(self) -> Encoder:
        """The model for pictures, as it ran when the index was made, where this machine can run it so."""
        from artvision.clip.loading import load_encoder

        own = self.made["stages"]["clip"]
        try:
            settings = Settings(runtime=own["runtime"], precision=own["precision"]).on(self._device)
        except UsageError:
            settings = Settings().on(self._device)
        return load_encoder(self.model, self._device.name, settings)

    @cached_property
    def _device(self) -> Device:
        try:
            return choose_device(self.made["device"])
        except UsageError:
            return choose_device("cpu")

    def text(self, text: str) -> Floats:
        """(D,) float32, L2-normalised, of the text as it is written: no prompt is put around it, see docs/cli.md.

        Under the starter it is what sets the text apart from one that says nothing.
        """
        row: Floats = self.texts.encode([text])[0]
        if self.model.is_starter:
            row = normalised((row - self._plain)[np.newaxis])[0]
        return row

    @cached_property
    def _plain(self) -> Floats:
        plain: Floats = normalised(self.texts.encode(NEUTRAL).mean(axis=0, keepdims=True))[0]
        return plain

    def picture(self, path: str) -> Floats:
        """The file's embedding, (D,) float32, L2-normalised, with the bytes that `extract` stores on this machine.

        Raises DecodeError where the file cannot be read, RunError where pictures are decoded another way now.
        """
        decode = self.made["decode"]
        if decode["path"] != DECODE_PATH:
            raise RunError(
                f"the index was made by another version of artvision, which decoded pictures another way "
                f"({decode['path']}, now {DECODE_PATH}); index again, or search by text or asset:ID"
            )
        picture = image.decode(
            image.read_bytes(path),
            name=path,
            long_side=decode["long_side"],
            short_side=decode["short_side"],
            max_pixels=self.max_pixels,
            background=ImageColor.getrgb(decode["background"])[:3],
        )
        encoder = self.pictures
        one_thread_each()
        row: Floats = encoder.encode_images(encoder.preprocess(picture.pixels)[np.newaxis])[0]
        return row


def open_space(info: Mapping[str, Any], spec: str = "") -> Space:
    """The space of an index, from its `index.json`; `spec` names the model where it lies elsewhere by now.

    Raises RunError where the index has no vectors, or the model is another one, WeightsError where it is not here.
    """
    made, settings = info["fingerprint"], info["settings"]
    own = made["stages"].get("clip")
    if own is None:
        raise RunError("the index has no embeddings: its run left out the stage clip; index again with it")
    model = resolve(spec or (own["model"] if settings["model"] == "auto" else settings["model"]))
    _require_same(model, own)
    return Space(model, made, round(settings["max_megapixels"] * 1e6) or image.default_max_pixels(1))


def _require_same(model: ClipModel, own: Mapping[str, Any]) -> None:
    found = model.fingerprint()
    odd = [name for name in DECIDES if found[name] != own[name]]
    if odd:
        raise RunError(
            f"the index was made with {own['model']} ({own['weights_sha256'][:12]}), this is {model.name} "
            f"({found['weights_sha256'][:12]}), of other {', '.join(odd).replace('_', ' ')}: their vectors cannot be "
            "compared; name the index's own model with --model, or index again with this one"
        )
