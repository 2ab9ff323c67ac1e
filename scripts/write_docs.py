"""Write the generated parts of README.md and docs/ between their markers; with --check only say whether they are fresh.

A block looks like `<!-- generated: NAME -->` … `<!-- end -->`; what stands between comes from the code.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sizing

import artvision.errors
from artvision.audit.formats import formats as reports
from artvision.audit.kinds import kinds
from artvision.audit.policy_file import POLICY, RULE, WAIVER
from artvision.contract import Contract, Field
from artvision.contracts.policy import LIMITS, RULES
from artvision.export.formats import formats
from artvision.framing.canvas_file import read_canvases
from artvision.keys import NEEDED, Key
from artvision.settings import Settings
from artvision.stages import contract_of, create
from artvision.suite.columns import FIELDS, PLATE
from artvision.weights import read_manifest

MARKS = {"yes": "●", "part": "◐", "no": "", "?": "?"}
ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z_]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def contract() -> Contract:
    """The contract of the starter: the one that works with nothing fetched."""
    every, _ = create(Settings(model="starter"))
    return contract_of(every)


def field_row(field: Field) -> list[object]:
    """One field as a reader wants it."""
    tolerance = f"{field.tolerance:g}" if field.tolerance else "-"
    return [f"`{field.name}`", field.meaning, field.unit, f"{field.low:g}…{field.high:g}", tolerance, field.kind.value]


def fields() -> str:
    """Every scalar field, a table a group; tags, which share everything but the label, in one line a group."""
    found, texts = contract(), []
    for group in found.groups:
        own = [field for field in found.fields if field.group == group]
        if all(field.kind == "zero-shot" for field in own):
            texts.append(f"**{group}** (zero-shot tags): " + ", ".join(f"`{field.name}`" for field in own))
        else:
            texts.append(
                f"**{group}**\n\n"
                + table(["field", "meaning", "unit", "range", "tolerance", "kind"], map(field_row, own))
            )
    return "\n\n".join(texts)


def sources() -> str:
    """Where each measured or detected field comes from."""
    own = [field for field in contract().fields if field.kind != "zero-shot"]
    return table(["field", "source"], [[f"`{field.name}`", field.source] for field in own])


def groups() -> str:
    """The blocks of the dense vector."""
    found = contract()
    return table(
        ["block", "offset", "width"], [[f"`{group}`", start, width] for group, (start, width) in found.blocks.items()]
    )


def columns() -> str:
    """The structured columns."""
    rows = [
        [f"`{column.name}`", column.meaning, f"`{column.arrow}`", column.privacy.value] for column in contract().columns
    ]
    return table(["column", "meaning", "type", "privacy"], rows)


def stages() -> str:
    """The stages."""
    every, _ = create(Settings(model="starter"))
    return table(["stage", "looks at", "needs", "fields", "columns"],
                 [[f"`{stage.name}`", stage.summary, ", ".join(stage.needs) or "-", len(stage.fields()),
                   ", ".join(f"`{column.name}`" for column in stage.columns()) or "-"] for stage in every])  # fmt: skip


def settings() -> str:
    """Flags and names in the config file."""
    rows = [
        [
            f"`--{spec.name.replace('_', '-')}`",
            f"`{spec.default}`" if spec.default not in ("", None) else "-",
            spec.metadata["help"],
            "yes" if spec.metadata["decides"] else "no",
        ]
        for spec in dataclasses.fields(Settings)
    ]
    return table(["flag", "default", "meaning", "can change a number"], rows)


def policy() -> str:
    """What a drift policy may say, with the defaults and where they come from."""
    rows = [
        [f"`{name}`", f"`{str(spec.default).lower()}`", spec.metadata["text"], spec.metadata["source"]]
        for name, spec in (LIMITS | RULES).items()
    ]
    return table(["name", "default", "meaning", "the default is"], rows)


def errors() -> str:
    """The exception tree, as its module says it."""
    return "```\n" + (inspect.getdoc(artvision.errors) or "").split("\n\n", 1)[1] + "\n```"


def models() -> str:
    """Weights, licences and states."""
    rows = [
        [
            f"`{entry.id}`",
            entry.what,
            entry.licence,
            f"{size / 1e6:.0f} MB" if (size := sum(file.bytes for file in entry.files)) else "?",
            entry.dims or "-",
        ]
        for entry in read_manifest().values()
    ]
    return table(["id", "what", "licence", "size", "dims"], rows)


def suites() -> str:
    """The columns that compare an asset with its suite."""
    head = ["field", "meaning", "unit", "range", "source"]
    rows = [
        [f"`{field.name}`", field.meaning, field.unit, f"{field.low:g}…{field.high:g}", field.source]
        for field in FIELDS
    ]
    return table(head, [*rows, [f"`{PLATE.name}`", PLATE.meaning, "id", "-", "artvision.plates"]])


def export_formats() -> str:
    """The export formats."""
    rows = [[f"`{kind.name}`", kind.summary, kind.reader] for kind in formats().values()]
    return table(["format", "what", "read by"], rows)


def audit_kinds() -> str:
    """The kinds of rules of an audit, with their keys."""
    rows = [
        [f"`{name}`", kind.summary, "<br>".join(_key(key, about) for key, about in kind.keys.items()) or "-",
         ", ".join(f"`{shown}`" for shown in kind.shows) or ("columns" if name == "condition" else "-")]
        for name, kind in kinds().items()
    ]  # fmt: skip
    return table(["kind", "holds where", "keys", "values a message may show"], rows)


def audit_keys() -> str:
    """The keys of a policy, its rules and its waivers."""
    tables = {"": POLICY, "[[rule]]": RULE, "[[waiver]]": WAIVER}
    rows = [
        [f"`{name}`", f"`{key}`", about.meaning, _default(about)]
        for name, keys in tables.items()
        for key, about in keys.items()
        if key not in {"rule", "waiver"} or name
    ]
    return table(["table", "key", "meaning", "default"], [[cell.replace("``", "-") for cell in row] for row in rows])


def audit_formats() -> str:
    """The formats of an audit's report."""
    return table(["format", "for"], [[f"`{name}`", form.summary] for name, form in reports().items()])


def _key(name: str, about: Key) -> str:
    return f"`{name}`: {about.meaning} ({_default(about)})"


def _default(about: Key) -> str:
    """The default of a key, as a policy would write it."""
    if about.default is NEEDED:
        return "must be given"
    if about.default in ("", None, ()):
        return "-"
    return f"`{json.dumps(list(about.default) if isinstance(about.default, tuple) else about.default)}`"


def canvases() -> str:
    """The bundled canvases and where they are from."""
    rows = [
        [f"`{canvas.id}`", f"{canvas.service}: {canvas.name}", canvas.shape, canvas.title.value,
         canvas.source.split("/")[2], "yes" if canvas.checked else "no", ", ".join(canvas.ours)]
        for canvas in read_canvases().canvases
    ]  # fmt: skip
    return table(["canvas", "what", "aspect", "title", "source", "checked", "ours"], rows)


def sized(name: str) -> Callable[[], str]:
    """A table of the sizing page, from its figures."""
    return lambda: table(*sizing.TABLES[name](sizing.read_figures()))


def tree() -> str:
    """The package: its own files, and its folders, each with its first line."""
    package = ROOT / "artvision"
    return _listed([*package.glob("*.py"), *package.glob("*/__init__.py")])


def files() -> str:
    """Every source file with its first line."""
    return _listed([*(ROOT / "artvision").rglob("*.py"), *(ROOT / "scripts").rglob("*.py")])


def _listed(paths: Iterable[Path]) -> str:
    lines = []
    for path in sorted(paths, key=lambda path: (path.parent.parts, path.name)):
        name = str(path.relative_to(ROOT)).removesuffix("__init__.py")
        lines.append(f"{name:36s} {_first_line(path)}")
    return "```\n" + "\n".join(lines) + "\n```"


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n")[0]


def features() -> str:
    """docs/features.toml: a table a group, ours first, then whether a peer has it."""
    content = tomllib.loads((ROOT / "docs" / "features.toml").read_text(encoding="utf-8"))
    peers = content["peers"]
    head = ["what", "fields", "shown by", *peers]
    texts = [
        f"**{group['name']}**\n\n" + table(head, [_feature(one, peers) for one in group["feature"]])
        for group in content["group"]
    ]
    return "\n\n".join([*texts, "Peers: " + "; ".join(f"**{name}** {about}" for name, about in peers.items()) + "."])


def _feature(feature: dict[str, Any], peers: Iterable[str]) -> list[str]:
    names = [*feature.get("fields", []), *(f"{name} (index)" for name in feature.get("suite", []))]
    shown = f"`{feature['shown']}`" if feature["shown"] else "-"
    return [
        feature["what"],
        ", ".join(f"`{name}`" for name in names) or "-",
        shown,
        *(MARKS[feature["has"].get(peer, "no")] for peer in peers),
    ]


BLOCKS: dict[str, Callable[[], str]] = {
    "fields": fields, "sources": sources, "groups": groups, "columns": columns, "stages": stages,
    "settings": settings, "policy": policy, "errors": errors, "models": models, "suites": suites,
    "features": features, "formats": export_formats, "audit_kinds": audit_kinds, "audit_keys": audit_keys,
    "audit_formats": audit_formats, "canvases": canvases, "tree": tree, "files": files,
    **{name: sized(name) for name in sizing.TABLES},
}  # fmt: skip


def refreshed(text: str) -> str:
    """The text with every generated block made anew."""
    return BLOCK.sub(lambda match: f"{match[1]}{BLOCKS[match['name']]()}\n{match[3]}", text)


def main() -> None:
    """Write, or with --check exit 1 naming the stale pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    stale = [page for page in pages if refreshed(page.read_text(encoding="utf-8")) != page.read_text(encoding="utf-8")]
    if check and stale:
        sys.exit(f"stale, run `make docs`: {', '.join(str(page.relative_to(ROOT)) for page in stale)}")
    for page in stale:
        page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
