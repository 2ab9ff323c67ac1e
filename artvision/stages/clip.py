"""Stage clip: what the picture is about, as an embedding and as zero-shot tags.

CLIP: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021. Tags are cues
of the picture, not facts about the title; they are calibrated where `--evidence` says how.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa

from artvision.clip.evidence import NOTHING, Calibration, Decision, Evidence, read_calibration, read_evidence
from artvision.clip.mark import Mark
from artvision.clip.model import ClipModel, resolve
from artvision.clip.vocabulary import Vocabulary, choose_vocabulary
from artvision.clip.zero_shot import Score, Tagger, prompt_embeddings
from artvision.contract import Column, Field, Kind, Missing
from artvision.device import ONNXRUNTIME
from artvision.errors import WeightsError
from artvision.image import Picture
from artvision.settings import FP32, Settings
from artvision.stages.base import Result, Stage, Value

if TYPE_CHECKING:
    from artvision.clip.encoder import Encoder

# Bfloat16 moves a score by 0.0002 in the middle and 0.022 at most, half the resolution by 0.006.
TOLERANCE = 0.05
SOURCE = "zero-shot CLIP with prompt ensembling: Radford et al., ICML 2021"
TAGS = pa.list_(
    pa.struct(
        [
            ("group", pa.string()),
            ("label", pa.string()),
            ("score", pa.float32()),
            ("similarity", pa.float32()),
            ("calibrated", pa.bool_()),
        ]
    )
)


class Clip(Stage):
    """Embeds the picture and scores the vocabulary's labels against it."""

    name: ClassVar[str] = "clip"
    revised: ClassVar[str] = "1.3.0"
    version: ClassVar[str] = "1"
    summary: ClassVar[str] = "embedding and zero-shot tags: genre cue, tone, setting, time of day, style, subject"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._encoder: Encoder | None = None
        self._tagger: Tagger | None = None

    @cached_property
    def model(self) -> ClipModel:
        """What `--model` stands for on this machine."""
        return resolve(self.settings.model)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The labels and their prompts."""
        return choose_vocabulary(self.settings.vocabulary)

    @cached_property
    def calibration(self) -> Calibration | None:
        """The file of `--evidence`. Raises UsageError where it is of another model or vocabulary."""
        if not self.settings.evidence:
            return None
        found = read_calibration(Path(self.settings.evidence))
        if self._weights_sha256:
            found.require(Mark.of(self.model.fingerprint()), self.vocabulary.sha256)
        return found

    @cached_property
    def evidence(self) -> Evidence | None:
        """What is measured about the tags: by the user where a file is given, or else what the model comes with.

        None where a model comes without, nothing where the starter lacks it.
        """
        if self.calibration:
            return self.calibration.evidence
        folder = self.model.evidence_folder
        found = read_evidence(folder) if folder else None
        return found or (NOTHING if self.model.is_starter else None)

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """How the offered tags are calibrated, where they are."""
        if not self.calibration:
            return {}
        names = [f"{group}.{label}" for group, label in self._offered]
        found = {name: self.calibration.evidence.decision(name) for name in names}
        return {name: decision for name, decision in found.items() if decision}

    def fields(self) -> tuple[Field, ...]:
        """One score a label, in vocabulary order."""
        return tuple(self._field(group.name, label) for group in self.vocabulary.groups for label in group.labels)

    def columns(self) -> tuple[Column, ...]:
        """The embedding, and the offered tags as a list sorted by group and score."""
        vector = pa.list_(pa.float32(), self.model.width)
        return (
            Column("embedding", "L2-normalised image embedding of the CLIP model in the fingerprint", vector),
            Column("tags", "offered zero-shot tags: score in [0, 1] and raw cosine similarity", TAGS),
        )

    def fingerprint(self) -> dict[str, Any]:
        """Weights, preprocessing, prompts and libraries."""
        own, runtime = self.model.fingerprint(), str(self.settings.runtime)
        return {
            **own,
            "libraries": own["libraries"] | {runtime: version(runtime)},
            "runtime": runtime,
            "precision": self.settings.precision,
            "vocabulary_sha256": self.vocabulary.sha256,
            "offered": sorted(f"{group}.{label}" for group, label in self._offered),
            **({"evidence_sha256": self.calibration.sha256} if self.calibration else {}),
        }

    def min_short_side(self) -> int:
        """Twice the model's input: a decoder that shrinks no further changes the embedding by less than 1e-5."""
        return 2 * self.model.image_size

    def notices(self) -> tuple[str, ...]:
        """That a stand-in model runs, and how many tags it is trusted with."""
        if self.evidence is None:
            return self.model.notices
        offered, every = len(self._offered), len(self.fields())
        return (
            *self.model.notices,
            f"{self.model.name}: {offered} of {every} tags are offered, those that "
            f"{self.settings.evidence or 'held-out data'} supports; the others abstain",
        )

    def preparing(self) -> tuple[str, ...]:
        """That the network is exported for onnxruntime, where it never was."""
        if self.settings.runtime != ONNXRUNTIME:
            return ()
        from artvision.clip.exported import export_key
        from artvision.exported import is_exported

        if is_exported(export_key(self.model, self.settings.precision or FP32)):
            return ()
        return (f"{self.model.name} is prepared for this machine, which is done once: 10 to 30 seconds",)

    def setup(self, device: str) -> None:
        """Load the model and embed the prompts. Raises WeightsError."""
        from artvision.clip.loading import load_encoder

        encoder = load_encoder(self.model, device, self.settings)
        prompts = prompt_embeddings(self.vocabulary, encoder.fingerprint(), encoder.width, encoder.encode_texts)
        self._encoder, self._tagger = encoder, Tagger.of(self.vocabulary, prompts, encoder.logit_scale)

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:  # noqa: ARG002
        """Embed the batch, then score each picture by itself."""
        if self._encoder is None or self._tagger is None:
            raise RuntimeError("the clip stage runs after setup")
        inputs = np.stack([self._encoder.preprocess(picture.pixels) for picture in batch])
        embeddings = self._encoder.encode_images(inputs)
        return [self._result(embedding, self._tagger.score(embedding)) for embedding in embeddings]

    def close(self) -> None:
        """Let the model go."""
        self._encoder = self._tagger = None

    @cached_property
    def _offered(self) -> frozenset[tuple[str, str]]:
        evidence = self.evidence
        return frozenset(
            (group.name, label)
            for group in self.vocabulary.groups
            for label in group.labels
            if evidence is None or evidence.offers(group, label, self._weights_sha256)
        )

    @property
    def _weights_sha256(self) -> str:
        """As the model has it; "" where the weights are missing, for fields are described without them too."""
        try:
            return self.model.weights_sha256
        except WeightsError:
            return ""

    def _field(self, group: str, label: str) -> Field:
        own = next(item for item in self.vocabulary.groups if item.name == group)
        how = "share among the group's labels" if own.mode == "exclusive" else "against the group's neutral prompts"
        figures = self.evidence.of(own, label, self._weights_sha256) if self.evidence else None
        decision = self.decisions.get(f"{group}.{label}")
        if decision:
            how = f"chance that the label holds, as on {decision.pictures:,} labelled pictures"
            how += ", each label by itself" if own.mode == "exclusive" else ""
        return Field(
            f"{group}.{label}",
            f"«{label.replace('_', ' ')}», {how}. {own.meaning}",
            "score",
            0.0,
            1.0,
            SOURCE,
            higher="the label fits better",
            kind=Kind.ZERO_SHOT,
            # A sigmoid's slope is 1/4.
            tolerance=decision.curve.moved_by(4 * TOLERANCE) if decision else TOLERANCE,
            calibrated=decision is not None,
            evidence=figures,
        )

    def _result(self, embedding: Any, scores: Sequence[Score]) -> Result:
        told = [(score, self._told(score)) for score in scores]
        values: dict[str, Value] = {
            f"{score.group}.{score.label}": Missing.ABSTAINED if value is None else _closed(value)
            for score, value in told
        }
        order = [group.name for group in self.vocabulary.groups]
        seen = [(score, value) for score, value in told if value is not None]
        seen.sort(key=lambda pair: (order.index(pair[0].group), -pair[1], pair[0].label))
        tags = [
            {
                "group": score.group,
                "label": score.label,
                "score": _closed(value),
                "similarity": _closed(score.similarity, -1.0),
                "calibrated": f"{score.group}.{score.label}" in self.decisions,
            }
            for score, value in seen
        ]
        return Result(values, {"embedding": embedding, "tags": tags})

    def _told(self, score: Score) -> float | None:
        """What a tag says of a picture: its score, or the calibrated probability; None where it abstains."""
        if (score.group, score.label) not in self._offered:
            return None
        decision = self.decisions.get(f"{score.group}.{score.label}")
        return decision.chance(score.value) if decision else score.value


def _closed(value: float, low: float = 0.0) -> float:
    """A number as float32 stores it, inside [low, 1] whatever was rounded."""
    return float(np.clip(np.float32(value), low, 1.0))
