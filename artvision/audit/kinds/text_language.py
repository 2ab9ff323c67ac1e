"""Text in another language than the catalogue says: the file of another market, or a wrong cell."""

from __future__ import annotations

from typing import ClassVar

from artvision.audit.kinds.of_language import OfLanguage, Told
from artvision.audit.scripts import near
from artvision.keys import Key


class TextLanguage(OfLanguage):
    """Compares the language that was read on the picture with the catalogue's."""

    name: ClassVar[str] = "text-language"
    summary: ClassVar[str] = "text on the picture is in the catalogue's language"
    shows: ClassVar[tuple[str, ...]] = ("text", "language")
    keys: ClassVar[dict[str, Key]] = {
        "text": Key(str, "column with the language of the text, as BCP 47 tag", "text_language.code"),
        "language": Key(str, "column with the language, as BCP 47 tag", "language"),
        "always": Key(list, "languages that are in order everywhere", ("en",)),
    }

    def compare(self, measured: str, language: str) -> Told:
        """See `OfLanguage.compare`. Region and script do not count; languages whose readers read both agree."""
        agrees = near(measured, language)
        if agrees is None:
            return Told(unknown=f"language {language if near(measured, measured) else measured}")
        if agrees or any(near(measured, always) for always in self.rule.options["always"]):
            return Told()
        return Told(wrong=f"text in {measured}, and the language is {language}")
