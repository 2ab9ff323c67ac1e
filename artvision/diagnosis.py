"""The checks behind `artvision doctor`."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

import psutil
from PIL import features

from artvision.device import available_cores, choose_device
from artvision.errors import ArtvisionError, UsageError
from artvision.image import default_max_pixels
from artvision.recognition.embedder import get_make, library_versions
from artvision.settings import Settings
from artvision.stages import create
from artvision.stages.base import Stage
from artvision.wording import counted

NEEDED = ("torch", "torchvision", "open-clip-torch", "facenet-pytorch", "pillow", "numpy", "scipy", "pyarrow")
EXTRAS = {
    "index": ("lancedb", "pylance", "opencv-python-headless", "imagehash"),
    "report": ("jinja2", "plotly"),
    "audit": ("duckdb", "junitparser", "langcodes"),
    "faiss": ("faiss-cpu",),
    "text": ("rapidocr", "onnxruntime"),
    "language": ("lingua-language-detector",),
    "heads": ("scikit-learn",),
    "people": ("ai-edge-litert",),
    "video": ("av", "scenedetect-headless", "imagehash"),
    "s3": ("s3fs",),
    "gs": ("gcsfs",),
    "az": ("adlfs",),
    "http": ("aiohttp", "tenacity"),
}
FORMATS = {"jpg": "JPEG", "zlib": "PNG", "webp": "WebP", "avif": "AVIF", "libtiff": "compressed TIFF"}


@dataclass(frozen=True)
class Check:
    """One line of the diagnosis; `remedy` says what to do where the state is not ok."""

    state: Literal["ok", "note", "broken"]
    what: str
    found: str
    remedy: str = ""


def diagnose() -> list[Check]:
    """All checks, in the order a reader wants them."""
    return [
        _machine(),
        *map(_package, NEEDED),
        *_formats(),
        _heic(),
        _recognition(),
        *map(_extra, EXTRAS),
        _device(),
        _torch_pair(),
        *_stages(),
        _temporary(),
    ]


def _machine() -> Check:
    memory, cores = psutil.virtual_memory(), available_cores()
    cap = default_max_pixels(cores) / 1e6
    return Check(
        "ok",
        "machine",
        f"Python {platform.python_version()}, {cores} cores, {memory.available / 2**30:.1f} GiB "
        f"free, pictures up to {cap:.0f} megapixels",
    )


def _package(name: str) -> Check:
    try:
        return Check("ok", name, version(name))
    except PackageNotFoundError:
        return Check("broken", name, "absent", "install artvision again: pip install artvision")


def _extra(name: str) -> Check:
    try:
        found = ", ".join(f"{package} {version(package)}" for package in EXTRAS[name])
    except PackageNotFoundError as error:
        return Check("note", name, f"{error.name} is not installed", f"pip install 'artvision[{name}]'")
    return Check("ok", name, found)


def _formats() -> list[Check]:
    have = [text for name, text in FORMATS.items() if features.check(name)]
    lack = [text for name, text in FORMATS.items() if not features.check(name)]
    checks = [Check("ok", "image formats", ", ".join([*have, "GIF", "BMP"]))]
    return checks + [Check("note", text, "this Pillow lacks it", "pip install --upgrade pillow") for text in lack]


def _heic() -> Check:
    try:
        return Check("ok", "HEIC", f"pillow-heif {version('pillow-heif')}")
    except PackageNotFoundError:
        return Check("note", "HEIC", "cannot be read", "pip install 'artvision[heic]'")


def _recognition() -> Check:
    try:
        return Check("ok", "dlib, for --actors", ", ".join(library_versions(get_make("dlib")).values()))
    except UsageError:
        return Check("note", "dlib, for --actors", "not installed", "pip install 'artvision[actors]'")


def _device() -> Check:
    device = choose_device("auto")
    return Check("ok", "device", f"{device.name}: {device.reason}")


def _torch_pair() -> Check:
    """A CPU-only torch beside a CUDA-linked torchvision fails only when torchvision is imported."""
    remedy = "reinstall both together: pip install --force-reinstall torch torchvision"
    return _attempt("torch with torchvision", lambda: __import__("torchvision").__version__, remedy)


def _stages() -> list[Check]:
    try:
        every, _ = create(Settings())
    except Exception as error:  # a stage whose library is broken cannot even be imported; that is the finding
        return [Check("broken", "stages", f"{type(error).__name__}: {error}", "install artvision again")]
    checks = [_attempt(f"stage {stage.name}", partial(_ready, stage), "artvision models list") for stage in every]
    return [
        replace(check, state="note") if stage.opt_in and check.state == "broken" else check
        for stage, check in zip(every, checks, strict=True)
    ]


def _ready(stage: Stage) -> str:
    """Fields and fingerprint need the model's description and the checksums of its weights, and nothing heavy."""
    stage.fingerprint()
    return "; ".join([counted(len(stage.fields()), "field"), *stage.notices()])


def _temporary() -> Check:
    free = psutil.disk_usage(tempfile.gettempdir()).free / 2**30
    return Check(
        "ok" if free > 1 else "note",
        "disk",
        f"{free:.1f} GiB free for temporary files",
        "" if free > 1 else "make room",
    )


def _attempt(what: str, act: Callable[[], str], remedy: str) -> Check:
    try:
        return Check("ok", what, act())
    except ArtvisionError as error:
        return Check("broken", what, str(error), remedy)
    except Exception as error:
        return Check("broken", what, f"{type(error).__name__}: {error}", remedy)
