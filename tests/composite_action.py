"""Runs a composite action's steps as a runner would: its expressions, its files, its shell. `uses:` is only noted.

Of GitHub's expression language it knows what `action.yml` uses: paths into contexts, texts, ==, !=, && and always().
"""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

SHELL = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]  # what `shell: bash` means in an action
WRITTEN = {"GITHUB_OUTPUT": "output", "GITHUB_ENV": "env", "GITHUB_STEP_SUMMARY": "summary", "GITHUB_PATH": "path"}


@dataclass
class Ran:
    """What became of a job: its exit code, the ids or names of steps by outcome, and what it left."""

    code: int = 0
    outcomes: dict = field(default_factory=dict)
    used: dict = field(default_factory=dict)
    said: str = ""
    outputs: dict = field(default_factory=dict)
    summary: str = ""


class Action:
    """An action, with the folder that holds it."""

    def __init__(self, path):
        self.folder = Path(path).parent
        self.text = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        self.steps = self.text["runs"]["steps"]

    def run(self, workspace, given, path, replaced=()):
        """Run it in `workspace`; steps whose id is in `replaced` are taken for done. `path` comes first in PATH."""
        temp = workspace.parent / f"{workspace.name}-temp"
        temp.mkdir(exist_ok=True)
        inputs = {name: given.get(name, about.get("default", "")) for name, about in self.text["inputs"].items()}
        missing = [name for name, about in self.text["inputs"].items() if about.get("required") and name not in given]
        assert not missing, missing
        contexts = {
            "inputs": inputs,
            "runner": {"temp": str(temp), "os": "Linux"},
            "github": {"run_id": "7", "run_attempt": "1"},
            "steps": {},
        }
        ran = Ran()
        for step in self.steps:
            self._step(step, contexts, ran, workspace, temp, path, replaced)
        ran.outputs = {name: filled(about["value"], contexts) for name, about in self.text["outputs"].items()}
        return ran

    def _step(self, step, contexts, ran, workspace, temp, path, replaced):
        name = step.get("id", step["name"])
        here = contexts["steps"].setdefault(name, {"outputs": {}, "outcome": "skipped"})
        ran.outcomes[name] = "skipped"
        condition = str(step.get("if", "success()"))
        if not (ran.code == 0 or "always()" in condition) or not holds(condition, contexts):
            return
        code = 0
        if "uses" in step:
            ran.used[name] = {key: filled(str(value), contexts) for key, value in step.get("with", {}).items()}
        elif name not in replaced:
            code = self._shell(step, contexts, ran, workspace, temp, path, here)
        here["outcome"] = ran.outcomes[name] = "failure" if code else "success"
        ran.code = ran.code or code

    def _shell(self, step, contexts, ran, workspace, temp, path, here):
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
        files = {name: temp / file for name, file in WRITTEN.items()}
        for file in files.values():
            file.write_text("")
        script = temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        environment = {
            **{name: os.environ[name] for name in ("HOME", "LANG", "ARTVISION_CACHE") if name in os.environ},
            "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
            "GITHUB_ACTION_PATH": str(self.folder),
            **{name: str(file) for name, file in files.items()},
            **{key: filled(str(value), contexts) for key, value in step.get("env", {}).items()},
        }
        words = [*SHELL, str(script)]
        done = subprocess.run(words, cwd=workspace, env=environment, capture_output=True, text=True, check=False)
        ran.said += done.stdout + done.stderr
        ran.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        here["outputs"] |= dict(line.split("=", 1) for line in lines)
        return done.returncode


def filled(text, contexts):
    """The text with its expressions replaced."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(value(found[1].strip(), contexts)), text)


def holds(condition, contexts):
    """Whether an `if:` holds."""
    return all(_part(part.strip(), contexts) for part in condition.split("&&"))


def value(text, contexts):
    """The value of a path or a text; what is not there is empty."""
    if text[0] == "'":
        return text[1:-1]
    found = contexts
    for name in text.split("."):
        assert isinstance(found, dict), text
        found = found.get(name, "")
    return found


def _part(part, contexts):
    if part in {"always()", "success()"}:
        return True
    left, sign, right = re.fullmatch(r"(\S+) (==|!=) (\S+)", part).groups()
    return (value(left, contexts) == value(right, contexts)) is (sign == "==")
