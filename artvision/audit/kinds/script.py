"""Text in a script that the asset's language is not written in: Cyrillic on artwork for English, say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from artvision.audit.keys import Key
from artvision.audit.kinds.base import Kind, Verdict
from artvision.audit.known import Known
from artvision.audit.scripts import LATIN, script_of, scripts_of
from artvision.audit.unjudged import explained

if TYPE_CHECKING:
    from artvision.audit.evidence import Evidence


class ScriptOfLanguage(Kind):
    """Compares the script measured on the picture with the scripts of the catalogue's language."""

    name: ClassVar[str] = "script-of-language"
    summary: ClassVar[str] = "text on the picture is in a script of the catalogue's language"
    shows: ClassVar[tuple[str, ...]] = ("script", "language")
    keys: ClassVar[dict[str, Key]] = {
        "script": Key(str, "column with the script, by ISO 15924 code or name", "text.script"),
        "language": Key(str, "column with the language, as BCP 47 tag", "language"),
        "always": Key(list, "scripts that are in order everywhere", (LATIN,)),
    }

    def reads(self, known: Known) -> Sequence[str]:
        """The two columns."""
        return [known.named(self.rule.options[key], f"{self.rule.where}: {key}") for key in ("script", "language")]

    def judge(self, evidence: Evidence, places: Sequence[int]) -> Verdict:
        """See `Kind.judge`."""
        found, columns = Verdict(), self.reads(evidence.known)
        scripts, languages = (evidence.column(name) for name in columns)
        for place in places:
            subject, script, language = evidence.subjects[place], scripts[place], languages[place]
            if script is None or language is None:
                found.unjudged[subject] = explained(evidence, place, columns)
                continue
            seen, allowed = script_of(script), scripts_of(language)
            if seen is None or allowed is None:
                what = f"script {script}" if seen is None else f"language {language}"
                found.unjudged[subject] = f"nothing is known of the {what}"
                continue
            found.judged += 1
            if not seen & (allowed | frozenset(self.rule.options["always"])):
                words = f"text in {script}, and the language is {language}, written in {', '.join(sorted(allowed))}"
                found.findings.append(self.finding(subject, words, {"script": script, "language": language}))
        return found
