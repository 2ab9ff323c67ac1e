"""The language of the text on a picture, to hold against the catalogue's. What the text says is not kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, ClassVar

from artvision.contract import Field, Kind, Missing
from artvision.errors import UsageError
from artvision.image import Picture
from artvision.lettering.language import FEWEST, LANGUAGES, LIBRARY, MARGIN, SIGNS, wording
from artvision.settings import Settings
from artvision.stages.base import Result, Stage, Value

if TYPE_CHECKING:
    from artvision.lettering.language import Guesser

_LINGUA = "lingua: n-grams of one to five letters"
_FIELDS = (
    Field(
        "text_language.letters",
        "letters surely read, without the names of the catalogue's cast",
        "letters",
        0,
        100_000,
        "PP-OCRv6 (PaddleOCR), in rapidocr",
        "more to tell by",
        Kind.DETECTED,
        dtype="int32",
        tolerance=20,
    ),
    Field(
        "text_language.lead",
        "confidence in the likeliest language minus that in the next; text_language.code abstains below "
        f"{MARGIN:g}, {FEWEST} letters, or {SIGNS['zh']} of Chinese or Japanese",
        "probability",
        0,
        1,
        _LINGUA,
        "surer",
        Kind.DETECTED,
        tolerance=0.3,
    ),
    Field(
        "text_language.code",
        "language of most that was read, ISO 639-1; of others than these it says the most alike",
        "label",
        0,
        1,
        _LINGUA,
        kind=Kind.DETECTED,
        dtype="category",
        labels=LANGUAGES,
    ),
)


class Language(Stage):
    """Guesses the language of the lines that the stage `text` read."""

    name: ClassVar[str] = "language"
    version: ClassVar[str] = "2"
    since: ClassVar[str] = "1.4.0"
    needs: ClassVar[tuple[str, ...]] = ("text",)
    opt_in: ClassVar[bool] = True
    summary: ClassVar[str] = "language of the text; only with --stages all,text,language"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._guesser: Guesser | None = None

    def fields(self) -> tuple[Field, ...]:
        """One block: language."""
        return _FIELDS

    def fingerprint(self) -> dict[str, Any]:
        """Library, languages, thresholds. Raises UsageError where the extra `language` is not installed."""
        try:
            library = version(LIBRARY)
        except PackageNotFoundError:
            raise UsageError("the stage language needs lingua: pip install 'artvision[language]'") from None
        return {LIBRARY: library, "languages": list(LANGUAGES), "margin": MARGIN, "fewest": {"": FEWEST, **SIGNS}}

    def depends(self, title_id: str | None, cast: Sequence[str]) -> Any:  # noqa: ARG002 - names count, not titles
        """The names that are left out."""
        return sorted(cast) or None

    def setup(self, device: str) -> None:  # noqa: ARG002 - it counts letters
        """Load the models."""
        from artvision.lettering.language import Guesser

        self._guesser = Guesser()

    def run(self, batch: Sequence[Picture], upstream: Mapping[str, Sequence[Result]]) -> list[Result]:
        """Language of each picture's text; not applicable where there is none."""
        if self._guesser is None:
            raise RuntimeError("language: run before setup")
        return [_result(self._guesser, *pair) for pair in zip(upstream["text"], batch, strict=True)]

    def close(self) -> None:
        """Forget the models."""
        self._guesser = None


def _result(guesser: Guesser, text: Result, picture: Picture) -> Result:
    """Letters of a script that the reader does not know are read as others: only a known script has a language."""
    values: dict[str, Value] = dict.fromkeys((field.name for field in _FIELDS), Missing.NOT_APPLICABLE)
    if not text.unwritten:
        return Result(values)
    read = wording(text.unwritten, picture.cast)
    guess = guesser.guess(read)
    unknown = isinstance(text.values["text.script"], Missing)
    values["text_language.letters"] = guess.letters
    values["text_language.lead"] = guess.lead if guess.letters else Missing.NOT_APPLICABLE
    values["text_language.code"] = Missing.ABSTAINED if unknown or guess.language is None else guess.language
    return Result(values)
