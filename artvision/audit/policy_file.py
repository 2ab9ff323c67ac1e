"""Reading a policy from TOML. What is misspelt in it is an error that names the file, the rule and near names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from artvision.audit.finding import ID_LENGTH, Severity
from artvision.audit.kinds import kinds
from artvision.audit.policy import Policy, Rule, Unjudged, Waiver
from artvision.bundled import data_text
from artvision.errors import UsageError
from artvision.keys import Key, read_keys
from artvision.settings import suggest
from artvision.toml_file import TomlFile, parse_toml, read_toml

BUNDLED = "bundled policy"
RULE_ID = re.compile(r"[a-z0-9][a-z0-9-]*\Z")

POLICY = {
    "fail_on": Key(Severity, "severity from which the exit code is 6", Severity.ERROR),
    "unjudged": Key(Unjudged, "what becomes of assets on which a rule cannot say anything", Unjudged.WARN),
    "optional": Key(list, "columns that a run may lack; `group.*` stands for a group", ()),
    "rule": Key(list, "the rules", ()),
    "waiver": Key(list, "the waivers", ()),
}
RULE = {
    "id": Key(str, "name of the rule in findings and waivers: lower case, digits, hyphens"),
    "kind": Key(str, "what sort of rule it is", "condition"),
    "severity": Key(Severity, "note, warning or error", Severity.ERROR),
    "when": Key(str, "SQL: the assets to which it applies; empty: all", ""),
    "message": Key(str, "what a finding says; `{light.brightness:.0f}` shows a value", ""),
    "help": Key(str, "why the rule is there and what to do", ""),
    "unjudged": Key(Unjudged, "overrides the policy's", None),
}
WAIVER = {
    "reason": Key(str, "why it is in order"),
    "expires": Key(date, "the last day on which it holds (UTC)"),
    "finding": Key(str, "id of a finding", ""),
    "rule": Key(str, "id of a rule, with `asset` or `title`", ""),
    "asset": Key(str, "asset ids: `*` and `?` stand for any letters", ""),
    "title": Key(str, "title ids: `*` and `?` stand for any letters", ""),
}


def bundled_text() -> str:
    """The policy that is used where none is named."""
    return data_text("policy.toml")


def read_policy(path: Path | None = None) -> Policy:
    """The policy in a file, or the bundled one. Raises UsageError naming what is wrong in it."""
    return _policy(read_toml(path)) if path else parse(bundled_text(), BUNDLED)


def parse(text: str, source: str) -> Policy:
    """The policy that a text says; `source` names it in messages."""
    return _policy(parse_toml(text, source))


def _policy(file: TomlFile) -> Policy:
    loaded, source = file.tables, file.source
    rules, waivers = (_tables(loaded, name, source) for name in ("rule", "waiver"))
    top = read_keys({name: value for name, value in loaded.items() if name not in {"rule", "waiver"}}, POLICY, source)
    read = tuple(_rule(table, number, source, top["unjudged"]) for number, table in enumerate(rules, 1))
    _distinct(read, source)
    known = {rule.id for rule in read}
    return Policy(
        source=source,
        sha256=file.sha256,
        fail_on=top["fail_on"],
        optional=tuple(top["optional"]),
        rules=read,
        waivers=tuple(_waiver(table, number, source, known) for number, table in enumerate(waivers, 1)),
    )


def _tables(loaded: Mapping[str, Any], name: str, source: str) -> list[dict[str, Any]]:
    tables = loaded.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"{source}: {name} must be tables: write [[{name}]]")
    return tables


def _rule(table: dict[str, Any], number: int, source: str, unjudged: Unjudged) -> Rule:
    name = table.get("id")
    where = f"{source}: rule {name if isinstance(name, str) and name else number}"
    known = kinds()
    kind = str(table.get("kind", RULE["kind"].default))
    if kind not in known:
        raise UsageError(f"{where}: there is no kind {kind!r}{suggest(kind, known) or '; ' + ', '.join(known)}")
    values = read_keys(table, RULE | dict(known[kind].keys), where)
    if not RULE_ID.match(values["id"]):
        raise UsageError(f"{where}: the id {values['id']!r} must be lower case letters, digits and hyphens")
    if values["when"] and not known[kind].selects:
        raise UsageError(f"{where}: a rule of the kind {kind} does not look at single assets; leave `when` out")
    own = {name: values.pop(name) for name in known[kind].keys}
    return Rule(**values | {"unjudged": values["unjudged"] or unjudged}, options=own, where=where)


def _distinct(rules: tuple[Rule, ...], source: str) -> None:
    names = [rule.id for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"{source}: two rules are called {twice[0]!r}; findings and waivers go by the name")


def _waiver(table: dict[str, Any], number: int, source: str, rules: set[str]) -> Waiver:
    where = f"{source}: waiver {number}"
    found = Waiver(number, **read_keys(table, WAIVER, where))
    if bool(found.finding) == bool(found.rule):
        raise UsageError(f"{where}: name either a finding by its id, or a rule with an asset or a title")
    if found.finding and (found.asset or found.title):
        raise UsageError(f"{where}: a finding's id says all; leave asset and title out")
    if found.finding and not re.fullmatch(rf"[0-9a-f]{{{ID_LENGTH}}}", found.finding):
        raise UsageError(f"{where}: {found.finding!r} is no id of a finding: {ID_LENGTH} hex digits")
    if found.rule and not (found.asset or found.title):
        raise UsageError(f"{where}: a whole rule is not waived; name an asset or a title, or take the rule out")
    if found.rule and found.rule not in rules:
        raise UsageError(f"{where}: there is no rule {found.rule!r}{suggest(found.rule, rules)}")
    return found
