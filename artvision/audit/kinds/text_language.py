"""Text in another language than the catalogue says: the file of another market, or a wrong cell."""

from __future__ import annotations

from typing import ClassVar

from artvision.audit.kinds.of_language import OfLanguage, Told
from artvision.audit.scripts import near, scripts_of
from artvision.keys import Key
from artvision.lettering.language import LANGUAGES


class TextLanguage(OfLanguage):
    """Compares the language that was read on the picture with the catalogue's."""

    name: ClassVar[str] = "text-language"
    summary: ClassVar[str] = "text on the picture is in the catalogue's language"
    shows: ClassVar[tuple[str, ...]] = ("text", "language")
    keys: ClassVar[dict[str, Key]] = {
        "text": Key(str, "column with the language of the text, as BCP 47 tag", "text_language.code"),
        "language": Key(str, "column with the language, as BCP 47 tag", "language"),
        "always": Key(list, "languages that are in order everywhere", ("en",)),
        "told": Key(list, "languages that the column can say; others in their scripts are not judged", LANGUAGES),
    }

    def compare(self, measured: str, language: str) -> Told:
        """See `OfLanguage.compare`. Region and script do not count; languages whose readers read both agree."""
        agrees = near(measured, language)
        if agrees is None:
            return Told(unknown=f"language {language if near(measured, measured) else measured}")
        if agrees or any(near(measured, always) for always in self.rule.options["always"]):
            return Told()
        if not any(near(told, language) for told in self.rule.options["told"]) and _may_look_alike(measured, language):
            return Told(unknown=f"language {language}")
        return Told(wrong=f"text in {measured}, and the language is {language}")


def _may_look_alike(measured: str, language: str) -> bool:
    """Whether text in a language that is never told would be taken for another: Catalan for Spanish, say."""
    allowed = scripts_of(language)
    return allowed is None or bool(allowed & (scripts_of(measured) or frozenset()))
