"""The source, read: nothing loads a pickle, and nothing unpacks an archive to where its names say."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for folder in ("artvision", "scripts", "examples") for path in (ROOT / folder).rglob("*.py"))
FORBIDDEN = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle"}  # modules
UNPACKING = {"extractall", "unpack_archive"}


def faults(source):
    """(line, what) of everything in a source that could run code from a file, or write where an archive says."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {(node.module or "").split(".")[0]}
        else:
            names = set()
        for name in sorted(names & FORBIDDEN):
            yield node.lineno, f"imports {name}"
        if isinstance(node, ast.Call) and (said := call_fault(node)):
            yield node.lineno, said


def call_fault(call):
    name, given = ast.unparse(call.func), {word.arg: ast.unparse(word.value) for word in call.keywords}
    if name.endswith("read_pickle") or name.split(".")[-1] in UNPACKING:
        return f"calls {name}"
    if name in {"torch.load", "open_clip.load_checkpoint"} and given.get("weights_only") != "True":
        return f"{name} without weights_only=True"
    if name in {"np.load", "numpy.load"} and given.get("allow_pickle") != "False":
        return f"{name} without allow_pickle=False"
    if name.endswith(("yaml.load", "yaml.unsafe_load", "yaml.full_load")) or name in {"eval", "exec"}:
        return f"calls {name}"
    return None


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_source_can_run_code_from_a_file(path):
    assert list(faults(path.read_text(encoding="utf-8"))) == []


HOLES = """import pickle
from joblib import load
torch.load(p)
torch.load(p, weights_only=False)
open_clip.load_checkpoint(n, p)
np.load(p)
np.load(p, allow_pickle=True)
zipfile.ZipFile(p).extractall(d)
shutil.unpack_archive(p)
pandas.read_pickle(p)
yaml.load(t)
eval(t)"""


@pytest.mark.parametrize("source", HOLES.splitlines())
def test_the_search_finds_what_it_looks_for(source):
    assert list(faults(source))


@pytest.mark.parametrize(
    "source", ["torch.load(p, weights_only=True)", "np.load(p, allow_pickle=False)", "network.eval()"]
)
def test_the_search_leaves_the_rest_alone(source):
    assert list(faults(source)) == []
