"""Text in a script that the asset's language is not written in: Cyrillic on artwork for English, say."""

from __future__ import annotations

from typing import ClassVar

from artvision.audit.kinds.of_language import OfLanguage, Told
from artvision.audit.scripts import LATIN, script_of, scripts_of
from artvision.keys import Key


class ScriptOfLanguage(OfLanguage):
    """Compares the script measured on the picture with the scripts of the catalogue's language."""

    name: ClassVar[str] = "script-of-language"
    summary: ClassVar[str] = "text on the picture is in a script of the catalogue's language"
    shows: ClassVar[tuple[str, ...]] = ("script", "language")
    keys: ClassVar[dict[str, Key]] = {
        "script": Key(str, "column with the script, by ISO 15924 code or name", "text.script"),
        "language": Key(str, "column with the language, as BCP 47 tag", "language"),
        "always": Key(list, "scripts that are in order everywhere", (LATIN,)),
    }

    def compare(self, measured: str, language: str) -> Told:
        """See `OfLanguage.compare`."""
        seen, allowed = script_of(measured), scripts_of(language)
        if seen is None or allowed is None:
            return Told(unknown=f"script {measured}" if seen is None else f"language {language}")
        if seen & (allowed | frozenset(self.rule.options["always"])):
            return Told()
        return Told(
            wrong=f"text in {measured}, and the language is {language}, written in {', '.join(sorted(allowed))}"
        )
