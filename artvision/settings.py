"""One table of options. Flags, the config file, `--help` and the docs derive from the fields of `Settings`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from PIL import ImageColor

from artvision.device import ONNXRUNTIME, RUNTIMES, Device
from artvision.errors import UsageError

FP32, BF16, INT8 = PRECISIONS = ("fp32", "bf16", "int8")
ENGINES = ("local", "ray")
DEFAULT_RUN = "artvision-run"  # the run folder where none is named


def option(
    default: Any,
    text: str,
    *,
    low: float | None = None,
    high: float | None = None,
    among: tuple[str, ...] = (),
    decides: bool = False,
) -> Any:
    """A field of `Settings`. `decides`: it can change a number, so what it comes to enters the fingerprint.

    A default of None is resolved by the device (`Settings.on`).
    """
    told = {"help": text, "low": low, "high": high, "among": among, "decides": decides}
    return dataclasses.field(default=default, metadata=told)


@dataclass(frozen=True)
class Settings:
    """What a run was asked to do. Frozen; checked on creation."""

    stages: str = option(
        "all",
        "Stages to run, comma-separated; all: those that need no asking. all,text adds one; see `artvision stages`.",
        decides=True,
    )
    model: str = option(
        "auto", "CLIP model: auto, starter, an open_clip NAME/TAG, hf-hub:… or local-dir:….", decides=True
    )
    vocabulary: str = option(
        "",
        "Tag vocabularies, comma-separated: default, sensitive, or files of your own (TOML); empty means default.",
        decides=True,
    )
    evidence: str = option(
        "",
        "File of `artvision calibrate`: tags it supports give calibrated probabilities, others abstain.",
        decides=True,
    )
    heads: str = option("", "Your own heads, files of `artvision heads train`, comma-separated.", decides=True)
    canvases: str = option(
        "", "Your own canvases (TOML), which artwork is fitted to; empty means the bundled ones.", decides=True
    )
    actors: str = option("", "Gallery of enrolled actors to recognise; empty: nobody is recognised.", decides=True)
    closed_set: bool = option(
        True, "Where the catalogue lists a title's cast, recognise only actors of that cast.", decides=True
    )
    keep_face_vectors: bool = option(
        False, "Store the face templates of recognised actors (biometric data) in the run.", decides=True
    )
    films: bool = option(True, "Take films among the inputs apart into stills (extra `video`).")
    stills: int = option(1, "Stills of each shot of a film, at most.", low=1, high=100)
    max_stills: int = option(0, "Stills of a whole film, at most, spread evenly over it; 0: no limit.", low=0)
    background: str = option("#808080", "Colour that shows through transparent pixels.", decides=True)
    device: str = option("auto", "auto, cpu, cuda, cuda:N or mps.")
    deterministic: bool | None = option(
        None, "Byte-equal rows whatever the batch size: always so on the CPU, slower on a GPU.", decides=True
    )
    runtime: str | None = option(
        None,
        "What computes the networks: onnxruntime (CPU; same numbers, loads faster) or torch.",
        among=RUNTIMES,
        decides=True,
    )
    precision: str | None = option(
        None,
        "Floats of the CLIP image encoder: fp32, bf16 (GPU) or int8 (CPU; faster, less exact).",
        among=PRECISIONS,
        decides=True,
    )
    engine: str = option(
        "local", "What runs the stages: local (threads) or ray (actors of a Ray cluster).", among=ENGINES
    )
    batch_size: str = option("auto", "Pictures a stage sees at once: a number or auto.")
    workers: int = option(0, "Worker threads, or Ray actors; 0 means one a core.", low=0, high=256)
    max_megapixels: float = option(0.0, "Refuse larger pictures; 0 follows the machine's memory.", low=0)
    max_seconds: float = option(
        120.0, "Give up on a picture that is not decoded after so long, and go on; 0: wait for ever.", low=0
    )
    max_failures: str = option("0", "Failed inputs that still end in exit code 0: a number or a share such as 1%.")

    def __post_init__(self) -> None:
        for spec in dataclasses.fields(self):
            self._check(spec.name, getattr(self, spec.name), spec.metadata)
        if self.batch_size != "auto" and not (self.batch_size.isdecimal() and int(self.batch_size)):
            raise UsageError(f"--batch-size {self.batch_size!r} is neither auto nor a number from 1")
        if self.keep_face_vectors and not self.actors:
            raise UsageError("--keep-face-vectors keeps those of recognised actors: name a gallery with --actors")
        allowance(self.max_failures, 1)
        _ = self.background_rgb

    def on(self, device: Device) -> Settings:
        """The settings with what they leave to the device. Raises UsageError for what it cannot do."""
        runtime = self.runtime or device.runtime
        precision = self.precision or (BF16 if device.kind == "cuda" and device.multiplies_bf16 else FP32)
        if runtime == ONNXRUNTIME and device.accelerates:
            raise UsageError(f"--runtime onnxruntime computes on the CPU and not on {device.name}; use torch")
        if precision == INT8 and runtime != ONNXRUNTIME:
            raise UsageError("--precision int8 wants --runtime onnxruntime and --device cpu")
        if precision == BF16 and not device.multiplies_bf16:
            raise UsageError(f"--precision bf16 wants a CUDA device that multiplies it, not {device.name}; use fp32")
        deterministic = bool(self.deterministic) or not device.accelerates
        return replace(self, runtime=runtime, precision=precision, deterministic=deterministic)

    @property
    def background_rgb(self) -> tuple[int, int, int]:
        """`background` as sRGB bytes."""
        try:
            red, green, blue = ImageColor.getrgb(self.background)[:3]
        except ValueError:
            raise UsageError(f"--background {self.background!r} is no colour; write #rrggbb or a CSS name") from None
        return red, green, blue

    @property
    def batch(self) -> int:
        """`batch_size` as a number; 0 stands for auto."""
        return 0 if self.batch_size == "auto" else int(self.batch_size)

    @staticmethod
    def _check(name: str, value: Any, spec: Any) -> None:
        flag = "--" + name.replace("_", "-")
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"{flag} {value} is no number of use")
        if value is not None and spec["among"] and value not in spec["among"]:
            raise UsageError(f"{flag} {value!r} is none of {', '.join(spec['among'])}{suggest(value, spec['among'])}")
        if spec["low"] is not None and value < spec["low"]:
            raise UsageError(f"{flag} {value} is below {spec['low']:g}")
        if spec["high"] is not None and value > spec["high"]:
            raise UsageError(f"{flag} {value} is above {spec['high']:g}")


def deciding(before: Mapping[str, Any], now: Settings) -> str:
    """Flags under which a run with the settings `before` was made and `now` was not, as one would type them."""
    told = []
    for spec in dataclasses.fields(Settings):
        old, new = before.get(spec.name, spec.default), getattr(now, spec.name)
        if spec.name == "actors":
            old, new = (str(Path(path).resolve()) if path else "" for path in (old, new))
        if spec.metadata["decides"] and old != new and new is not None:
            flag = spec.name.replace("_", "-")
            told.append(f"--{'' if old else 'no-'}{flag}" if isinstance(old, bool) else f"--{flag} {old or repr(old)}")
    return " ".join(told)


def allowance(text: str, tried: int) -> float:
    """Failures that `--max-failures` allows: «5», or «1%» of those tried. Raises UsageError for anything else."""
    number = text.removesuffix("%")
    share = text.endswith("%")
    if not number.replace(".", "", 1).isdecimal() or (share and float(number) > 100):
        raise UsageError(f"--max-failures {text!r} is neither a number such as 5 nor a share such as 1%")
    return tried * float(number) / 100 if share else float(number)


def suggest(word: str, known: Iterable[str]) -> str:
    """«; did you mean x?» for a word that is nearly a known one, otherwise an empty text."""
    near = get_close_matches(word, list(known), n=3)
    return f"; did you mean {' or '.join(near)}?" if near else ""
