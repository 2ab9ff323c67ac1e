"""The docs cannot drift: every command, stage, setting and error stands in them, and generated blocks are fresh."""

import importlib.util
import re
from pathlib import Path

import pytest
from typer.main import get_command

from artvision import errors, stages
from artvision.cli import app
from artvision.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group=None, prefix=()):
    group = group or get_command(app)
    for name, command in group.commands.items():
        yield from commands(command, (*prefix, name)) if hasattr(command, "commands") else [(*prefix, name)]


def writer():
    spec = importlib.util.spec_from_file_location("write_docs", ROOT / "scripts" / "write_docs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_is_documented(words):
    lines = [line for line in text("docs/cli.md").splitlines() if line.startswith(f"| `artvision {words[0]}")]
    assert any(words[-1] in line for line in lines)


def test_every_documented_command_exists():
    known = {words[0] for words in commands()}
    for page in PAGES:
        for found in re.findall(
            r"^\$ artvision (\w+)|`artvision (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert set(found) - {""} <= known, page.name


def test_every_stage_is_in_the_readme():
    assert all(f"`{stage.name}`" in text("README.md") for stage in stages.discover())


def test_every_setting_and_error_is_in_the_docs():
    page = text("docs/cli.md")
    assert all(f"--{name.replace('_', '-')}" in page for name in vars(Settings()))
    assert all(name in page for name, kind in vars(errors).items() if isinstance(kind, type) and name != "annotations")


def test_links_between_pages_lead_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_table_has_a_line_under_its_head(page):
    lines = ["", *page.read_text(encoding="utf-8").splitlines(), ""]
    heads = [at for at in range(1, len(lines)) if lines[at].startswith("|") and not lines[at - 1].startswith("|")]
    assert [lines[at] for at in heads if not re.fullmatch(r"[|: -]+", lines[at + 1])] == []


def test_figures_at_a_glance_stand_in_their_sections():
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text("docs/benchmarks.md"), re.MULTILINE | re.DOTALL))
    by_anchor = {re.sub(r"[^a-z0-9 -]", "", name.lower()).replace(" ", "-"): body for name, body in sections.items()}
    rows = re.findall(r"^\| (.+) \| (.+) \| \[.+\]\(#(.+)\) \|$", sections["At a glance"], re.MULTILINE)
    assert rows
    for what, figure, anchor in rows:
        numbers = re.findall(r"\d[\d,.]*\d|\d", f"{what} {figure}")
        assert [number for number in numbers if number not in by_anchor[anchor]] == [], what


def test_generated_blocks_are_known_and_fresh():
    module = writer()
    for page in PAGES:
        for name in re.findall(r"<!-- generated: (\w+) -->", page.read_text(encoding="utf-8")):
            assert name in module.BLOCKS, f"{page.name}: {name}"


def test_a_stale_block_is_noticed():
    module = writer()
    assert (
        module.refreshed("<!-- generated: errors -->\nold\n<!-- end -->")
        != "<!-- generated: errors -->\nold\n<!-- end -->"
    )


def test_nothing_names_this_machine():
    for page in PAGES:
        assert not re.search(r"/(work|root|home|tmp)/", page.read_text(encoding="utf-8")), page.name
