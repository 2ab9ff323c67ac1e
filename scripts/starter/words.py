"""Which words the starter was trained on: `words.json` beside its weights, for searches to say what they can ask for.

python scripts/starter/words.py [DATA] [--out FOLDER]        by itself; needs the data that training needs
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from artvision.clip.vocabulary import Group, Vocabulary, read_vocabulary  # noqa: E402 - needs the path above
from starter import captions  # noqa: E402
from starter.corpus import read_corpus, teacher_names  # noqa: E402
from starter.labels import PROXIES  # noqa: E402
from starter.network import weights_sha256  # noqa: E402
from starter.targets import spoken_classes  # noqa: E402
from starter.training import PLAIN  # noqa: E402

FILE = "words.json"
ORIGIN = (
    "Words of every text that training could show the starter: templates, genre and shot names of captions.py, "
    "frequent teacher classes (targets.spoken_classes), prompts and null texts of labels with training truth, PLAIN. "
    "`neutral` words stand in templates and null texts and tell no two pictures apart. By scripts/starter/words.py."
)


def neutral_texts(vocabulary: Vocabulary) -> list[str]:
    """Texts that say nothing of a picture: templates without their word, and null texts."""
    templates = (*captions.GENRE_TEMPLATES, *captions.SHOT_TEMPLATES, *captions.CLASS_TEMPLATES)
    nulls = chain.from_iterable(group.null for group in _trained(vocabulary))
    return [*(template.format("") for template in templates), *nulls, *PLAIN]


def telling_texts(vocabulary: Vocabulary, classes: Iterable[str]) -> list[str]:
    """Texts that say something of a picture: labels' prompts, and what captions put into their templates."""
    genres = next(group for group in vocabulary.groups if group.name == "genre").labels
    spoken = [captions.GENRE_WORDS.get(label, (label.replace("_", " "),)) for label in genres]
    wanted = {f"genre.{label}" for label in genres} | PROXIES.keys()
    prompts = [
        texts
        for group in _trained(vocabulary)
        for label, texts in group.labels.items()
        if f"{group.name}.{label}" in wanted
    ]
    return [*chain.from_iterable([*spoken, *captions.SHOT_WORDS.values(), *prompts]), *classes]


def words_of(texts: Iterable[str]) -> set[str]:
    """Lower-case words: runs of letters and digits, without a possessive s."""
    return {word for text in texts for word in re.findall(r"(?<!')[^\W_]+", text.lower())}


def write_words(folder: Path, vocabulary: Vocabulary, classes: Sequence[str]) -> None:
    """Write words.json for the weights in `folder`; `classes` are the names that captions spoke of."""
    neutral = words_of(neutral_texts(vocabulary))
    content = {
        "origin": ORIGIN,
        "weights_sha256": weights_sha256(folder),
        "neutral": sorted(neutral),
        "words": sorted(words_of(telling_texts(vocabulary, classes)) - neutral),
    }
    (folder / FILE).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def classes_of(data: Path, vocabulary: Vocabulary) -> list[str]:
    """Names of the teacher's classes that captions spoke of, from the training data in `data`."""
    genres = next(group for group in vocabulary.groups if group.name == "genre")
    names = teacher_names(data / "imagenet_labels.txt")
    return [names[index] for index in spoken_classes(read_corpus(data, list(genres.labels)), names)]


def _trained(vocabulary: Vocabulary) -> list[Group]:
    names = {"genre", *(label.partition(".")[0] for label in PROXIES)}
    return [group for group in vocabulary.groups if group.name in names]


def main() -> None:
    """Read the training data and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "starter")
    asked = parser.parse_args()
    vocabulary = read_vocabulary()
    write_words(asked.out, vocabulary, classes_of(asked.data, vocabulary))


if __name__ == "__main__":
    main()
