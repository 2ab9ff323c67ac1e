"""The tag vocabulary: groups of labels, each label a few prompts; read from TOML, checked word by word.

```toml
version = "1.0.0"
[groups.genre]
meaning = "..."            # what the group says of a picture
mode = "independent"       # several labels may hold; or "exclusive": exactly one does
null = ["a film poster"]   # independent only: what a label is measured against
[groups.genre.labels]
horror = ["a horror film poster", "..."]
```
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from artvision.errors import DefinitionError
from artvision.settings import suggest
from artvision.toml_file import read_toml

DATA = Path(__file__).parent.parent / "data"
BUNDLED = DATA / "vocabulary.toml"
DEFAULT = "default"
# What `--vocabulary` knows by name.
NAMED = {DEFAULT: BUNDLED, "sensitive": DATA / "sensitive.toml"}
MODES = ("independent", "exclusive")
WORD = re.compile(r"[a-z][a-z0-9_]*\Z")

# People are counted, never described: no tag may ask for these, in a bundled or a user's own vocabulary.
ABOUT_PEOPLE = frozenset(
    [
        "man", "men", "woman", "women", "boy", "boys", "girl", "girls", "male", "female", "masculine", "feminine",
        "gender", "transgender", "nonbinary",
        "age", "aged", "ages", "elderly", "young", "younger", "adolescent", "adolescents", "teen", "teens", "teenager",
        "teenagers", "toddler", "toddlers",
        "race", "races", "racial", "ethnic", "ethnicity", "ethnicities", "caucasian", "asian", "african", "latino",
        "latina", "latinx", "hispanic",
        "attractive", "attractiveness", "unattractive", "handsome", "sexy", "ugly",
        "emotion", "emotions", "emotional", "happy", "sad", "angry", "fearful", "disgusted", "surprised",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Group:
    """Labels that are scored together. `labels` maps each label to its prompts; `null` is empty when exclusive."""

    name: str
    meaning: str
    mode: str
    null: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]

    @property
    def sha256(self) -> str:
        """Checksum of all that decides a score of this group: mode, null and label prompts."""
        content = {
            "mode": self.mode,
            "null": list(self.null),
            "labels": {label: list(prompts) for label, prompts in self.labels.items()},
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def prompts(self) -> tuple[str, ...]:
        """All prompts, the null's first."""
        return (*self.null, *(prompt for prompts in self.labels.values() for prompt in prompts))


@dataclass(frozen=True)
class Vocabulary:
    """All groups, in the file's order."""

    version: str
    groups: tuple[Group, ...]

    @property
    def prompts(self) -> tuple[str, ...]:
        """Every prompt once, in order of first appearance."""
        return tuple(dict.fromkeys(prompt for group in self.groups for prompt in group.prompts))

    @property
    def sha256(self) -> str:
        """Checksum of the groups, their names and their order; comments and layout of the file do not matter."""
        content = [self.version, *([group.name, group.meaning, group.sha256] for group in self.groups)]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def choose_vocabulary(words: str) -> Vocabulary:
    """What `--vocabulary` names: `default`, `sensitive` and files, comma-separated, joined in this order.

    Empty: the default. Raises as `read_vocabulary`, and DefinitionError where two have a group of one name.
    """
    names = [name.strip() for name in words.split(",") if name.strip()] or [DEFAULT]
    read = [read_vocabulary(NAMED.get(name) or Path(name)) for name in names]
    groups = [group for vocabulary in read for group in vocabulary.groups]
    if twice := [name for name, count in Counter(group.name for group in groups).items() if count > 1]:
        raise DefinitionError(f"--vocabulary {words}: the group {twice[0]!r} stands in two of them; rename it in one")
    return Vocabulary(" + ".join(vocabulary.version for vocabulary in read), tuple(groups))


def read_vocabulary(path: Path | None = None) -> Vocabulary:
    """Read a vocabulary, the bundled one by default.

    Raises UsageError where the file cannot be read, DefinitionError naming file, group and label where it is wrong.
    """
    path = path or BUNDLED
    return parse_vocabulary(read_toml(path, "--vocabulary").tables, str(path))


def parse_vocabulary(content: Mapping[str, Any], where: str) -> Vocabulary:
    """Check the parsed TOML; `where` names the file in messages. Raises DefinitionError."""
    _keys(content, ("version", "groups"), where)
    version, groups = content.get("version"), content.get("groups")
    if not isinstance(version, str) or not version:
        raise DefinitionError(f'{where}: version = "…" is missing')
    if not isinstance(groups, dict) or not groups:
        raise DefinitionError(f"{where}: there is no [groups.NAME]")
    return Vocabulary(version, tuple(_group(name, body, f"{where}: group {name!r}") for name, body in groups.items()))


def _group(name: str, body: Any, where: str) -> Group:
    require_word(name, where)
    if not isinstance(body, dict):
        raise DefinitionError(f"{where} is not a table")
    _keys(body, ("meaning", "mode", "null", "labels"), where)
    mode, labels, meaning = body.get("mode"), body.get("labels"), body.get("meaning")
    if mode not in MODES:
        raise DefinitionError(f"{where}: mode {mode!r} is none of {', '.join(MODES)}{suggest(str(mode), MODES)}")
    if not isinstance(meaning, str) or not meaning:
        raise DefinitionError(f'{where}: meaning = "…" is missing')
    if not isinstance(labels, dict) or len(labels) < (2 if mode == "exclusive" else 1):
        raise DefinitionError(f"{where}: [groups.{name}.labels] is missing or too short for mode {mode!r}")
    if (mode == "independent") != ("null" in body):
        raise DefinitionError(f"{where}: null = [prompts] belongs to mode 'independent', and to it alone")
    null = _prompts(body["null"], f"{where}, null") if "null" in body else ()
    return Group(name, meaning, mode, null, {label: _label(label, prompts, where) for label, prompts in labels.items()})


def _label(label: str, prompts: Any, where: str) -> tuple[str, ...]:
    where = f"{where}, label {label!r}"
    require_word(label, where)
    return _prompts(prompts, where)


def _prompts(prompts: Any, where: str) -> tuple[str, ...]:
    if not (isinstance(prompts, list) and prompts and all(isinstance(text, str) and text.strip() for text in prompts)):
        raise DefinitionError(f"{where}: needs a list of prompts, each some words of text")
    if len(set(prompts)) < len(prompts):
        raise DefinitionError(f"{where}: a prompt stands there twice")
    for prompt in prompts:
        refuse_about_people(prompt, where)
    return tuple(prompts)


def require_word(name: str, where: str) -> None:
    """Raise DefinitionError where a name is no word of ours, or asks for what people are."""
    if not WORD.match(name):
        raise DefinitionError(f"{where}: a name is lower-case letters, digits and _, beginning with a letter")
    refuse_about_people(name, where)


def refuse_about_people(text: str, where: str) -> None:
    """Raise DefinitionError where a text asks for age, gender, race, attractiveness or emotion."""
    if found := sorted(ABOUT_PEOPLE & set(re.findall(r"[a-z]+", text.lower()))):
        raise DefinitionError(
            f"{where}: {text!r} asks for {found[0]!r}; people are counted, never described: "
            "no age, gender, race, attractiveness or emotion"
        )


def _keys(content: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in content:
        if key not in known:
            raise DefinitionError(f"{where}: unknown key {key!r}{suggest(key, known)}; known are {', '.join(known)}")
