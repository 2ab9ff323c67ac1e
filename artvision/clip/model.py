"""What `--model` names: architecture, weights, preprocessing and their fingerprint, without importing torch.

Forms: `auto` (the production model if it was fetched, otherwise the starter), `starter`, open_clip's `NAME/TAG`,
`NAME/PATH` (a local checkpoint), `hf-hub:ORG/NAME` (only what lies in the local hub cache), `local-dir:PATH`, and
`NAME/random[:SEED]` (the true architecture with seeded random weights: for tests and speed, never for results).
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from artvision.cache import known_hash
from artvision.errors import UsageError, WeightsError
from artvision.settings import suggest
from artvision.weights import STARTER, Model, State, get_model, inspect, read_manifest, require

CONFIG = "open_clip_config.json"
CHECKPOINTS = (
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.safetensors",
    "open_clip_pytorch_model.bin",
    "open_clip_pytorch_model.pth",
)
SUFFIXES = (".safetensors", ".bin", ".pth", ".pt")
RANDOM = re.compile(r"random(?::(\d{1,9}))?\Z")


@dataclass(frozen=True)
class Preprocess:
    """How pixels become a model's input: open_clip's `preprocess_cfg`, with its defaults (OpenAI CLIP's)."""

    size: tuple[int, int]  # height, width
    mean: tuple[float, ...] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, ...] = (0.26862954, 0.26130258, 0.27577711)
    interpolation: str = "bicubic"
    resize_mode: Literal["shortest", "longest", "squash"] = "shortest"
    fill_color: int = 0

    @classmethod
    def of(cls, size: int | list[int], given: Mapping[str, Any]) -> Preprocess:
        """Defaults, overlaid with what `given` says (other keys are ignored, as open_clip does)."""
        sides = (size, size) if isinstance(size, int) else (size[0], size[-1])
        names = ("mean", "std", "interpolation", "resize_mode", "fill_color")
        known = {name: given[name] for name in names if given.get(name) is not None}
        for name in {"mean", "std"} & known.keys():
            value = known[name]
            known[name] = (float(value),) * 3 if isinstance(value, int | float) else tuple(map(float, value))
        return cls(sides, **known)


@dataclass(frozen=True)
class ClipModel:
    """A resolved model. `source` is what open_clip builds from; `locate` None means random weights of `seed`.

    Width, input size and preprocessing are known without the weights; `checkpoint`, `weights_sha256` and
    `fingerprint` ask for them and raise WeightsError where they are missing or altered.
    """

    name: str
    source: str
    config: Mapping[str, Any]
    preprocess: Preprocess
    locate: Callable[[], Path] | None
    seed: int = 0
    quick_gelu: bool = False
    evidence_folder: Path | None = None
    is_starter: bool = False
    notices: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Numbers in an embedding."""
        return int(self.config["embed_dim"])

    @property
    def image_size(self) -> int:
        """Longer side of the model's input in pixels."""
        return max(self.preprocess.size)

    @cached_property
    def checkpoint(self) -> Path | None:
        """The weights' file, checked; None for random weights."""
        return self.locate() if self.locate else None

    @cached_property
    def weights_sha256(self) -> str:
        """Checksum of the weights, or «random:SEED»."""
        return known_hash(self.checkpoint) if self.checkpoint else f"random:{self.seed}"

    def fingerprint(self) -> dict[str, Any]:
        """JSON values: all that decides an embedding, except the device."""
        shape = json.dumps(self.config, sort_keys=True)
        return {
            "model": self.name,
            "weights_sha256": self.weights_sha256,
            "architecture": shape,
            "dtype": "float32",
            "quick_gelu": self.quick_gelu,
            "preprocess": json.loads(json.dumps(vars(self.preprocess))),
            "libraries": {name: version(name) for name in self._libraries()},
        }

    def _libraries(self) -> tuple[str, ...]:
        timm = "timm_model_name" in self.config["vision_cfg"]
        return ("open-clip-torch", "torch", *(("timm",) if timm else ()))


def resolve(spec: str) -> ClipModel:
    """What the text of `--model` stands for. Raises UsageError for what cannot be meant, WeightsError for a model
    that would have to be downloaded to be known, naming the command that does it.
    """
    if spec == "auto":
        return _auto()
    if spec == STARTER:
        return _starter()
    if spec.startswith("local-dir:"):
        folder = Path(spec.removeprefix("local-dir:"))
        return _folder(folder, f"local-dir:{folder.name}")
    if spec.startswith("hf-hub:"):
        return _hub(spec)
    name, slash, tag = spec.partition("/")
    if not slash or not tag:
        known = ["auto", STARTER, *read_manifest()]
        raise UsageError(
            f"--model {spec!r} is none of auto, starter, NAME/TAG, NAME/random, hf-hub:ORG/NAME, "
            f"local-dir:PATH{suggest(spec, known)}"
        )
    return _named(name, tag)


def _auto() -> ClipModel:
    production = next(model for model in read_manifest().values() if model.default)
    if inspect(production) is not State.ABSENT:
        return resolve(production.id)
    line = (
        f"the bundled starter model is used: small, and only for a first look; `artvision models fetch` brings "
        f"{production.id}"
    )
    return _starter(line)


def _starter(*notices: str) -> ClipModel:
    model = get_model(STARTER)
    found = _folder(model.folder, STARTER)
    return replace(found, locate=partial(_only_checkpoint, model), is_starter=True, notices=notices)


def _folder(folder: Path, name: str) -> ClipModel:
    """A folder in open_clip's form: its configuration and one checkpoint."""
    path = folder / CONFIG
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        config, given = content["model_cfg"], content.get("preprocess_cfg", {})
        preprocess = Preprocess.of(config["vision_cfg"]["image_size"], given)
    except OSError as error:
        raise UsageError(f"--model {name}: {path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"--model {name}: {path} is no open_clip configuration: {error!r}") from None
    return ClipModel(
        name, f"local-dir:{folder}", config, preprocess, partial(_checkpoint, folder, name), evidence_folder=folder
    )


def _only_checkpoint(model: Model) -> Path:
    """The checkpoint among a manifest model's files, after all of them were checked."""
    return next(path for path in require(model) if path.suffix in SUFFIXES)


def _checkpoint(folder: Path, name: str) -> Path:
    for candidate in CHECKPOINTS:
        if (folder / candidate).is_file():
            return folder / candidate
    others = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    if len(others) != 1:
        raise WeightsError(f"--model {name}: {folder} holds {len(others)} checkpoints; name one {CHECKPOINTS[0]}")
    return others[0]


def _hub(spec: str) -> ClipModel:
    """A hub repository's files where an earlier download left them; never asks the hub."""
    from huggingface_hub import try_to_load_from_cache

    repo = spec.removeprefix("hf-hub:")
    config = try_to_load_from_cache(repo, CONFIG)
    if not isinstance(config, str):
        raise WeightsError(
            f"--model {spec}: not in the local hub cache, and a run never downloads; "
            f"run `hf download {repo}` first, or use local-dir:PATH"
        )
    return _folder(Path(config).parent, spec)


def _named(name: str, tag: str) -> ClipModel:
    config = architecture(name)
    size = config["vision_cfg"]["image_size"]
    if drawn := RANDOM.match(tag):
        seed = int(drawn.group(1) or 0)
        line = f"{name} runs with random weights (seed {seed}): its embeddings and tags mean nothing"
        return ClipModel(
            f"{name}/random:{seed}", name, config, Preprocess.of(size, {}), None, seed=seed, notices=(line,)
        )
    if model := read_manifest().get(f"{name}/{tag}"):
        return _fetched(model, architecture(model.architecture))
    if (path := Path(tag)).is_file():
        return ClipModel(f"{name}/{path.name}", name, config, Preprocess.of(size, {}), partial(Path, path))
    return _tagged(name, tag, config)


def _fetched(model: Model, config: Mapping[str, Any]) -> ClipModel:
    preprocess = Preprocess.of(config["vision_cfg"]["image_size"], model.preprocess)
    return ClipModel(model.id, model.architecture, config, preprocess, partial(_only_checkpoint, model))


def _tagged(name: str, tag: str, config: Mapping[str, Any]) -> ClipModel:
    """A tag that open_clip knows and our manifest does not: usable where its hub files lie in the local cache.

    Takes seconds: the list of tags can only be had by importing open_clip, and torch with it.
    """
    from huggingface_hub import try_to_load_from_cache
    from open_clip.pretrained import get_pretrained_cfg, list_pretrained_tags_by_model

    given = get_pretrained_cfg(name, tag)
    if not given:
        known = list_pretrained_tags_by_model(name)
        raise UsageError(f"--model {name}/{tag}: no such tag{suggest(tag, known)}; known are {', '.join(known)}")
    repo, _, file = given.get("hf_hub", "").rpartition("/")
    found = (
        [
            path
            for file in ([file] if file else CHECKPOINTS)
            if isinstance(path := try_to_load_from_cache(repo, file), str)
        ]
        if repo
        else []
    )
    if not found:
        raise WeightsError(
            f"--model {name}/{tag}: not in the local hub cache, and a run never downloads; run "
            f"`hf download {repo or 'its repository'}` first, or name the file: {name}/PATH"
        )
    preprocess = Preprocess.of(config["vision_cfg"]["image_size"], given)
    return ClipModel(
        f"{name}/{tag}", name, config, preprocess, partial(Path, found[0]), quick_gelu=bool(given.get("quick_gelu"))
    )


def architecture(name: str) -> Mapping[str, Any]:
    """open_clip's configuration of a model, read from its package folder without importing it. Raises UsageError."""
    spec = importlib.util.find_spec("open_clip")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError("open_clip is not installed; install artvision again: pip install artvision")
    folder = Path(spec.submodule_search_locations[0]) / "model_configs"
    path = folder / f"{name}.json"
    if not path.is_file():
        known = sorted(path.stem for path in folder.glob("*.json"))
        raise UsageError(f"--model: open_clip knows no {name!r}{suggest(name, known)}")
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return config
