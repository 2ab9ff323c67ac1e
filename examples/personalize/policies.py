"""The policies on trial: one learner, Vowpal Wabbit's contextual bandit, that sees different things of an artwork."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import vowpalwabbit
from world import CANDIDATES, Ints

import artvision
from artvision.export.formats.to_vw import tag
from artvision.export.recipe import Scale

TAGS = ("genre", "setting", "subject", "style", "time", "tone")
BLOCKS = {
    "tags": TAGS,
    "embedding": ("embedding",),
    "faces": ("face", "shot"),
    "light and colour": ("light", "color", "detail"),
    "composition": ("composition",),
}


@dataclass(frozen=True)
class Policy:
    """`blocks`: groups of BLOCKS that it sees; `ids`: which artwork it is; `personal`: crossed with the member."""

    name: str
    blocks: tuple[str, ...] = ()
    ids: bool = False
    personal: bool = True


VECTORS = tuple(BLOCKS)
MAIN = (
    Policy("artwork ids, the same for everybody", ids=True, personal=False),
    Policy("artwork ids", ids=True),
    Policy("artvision's vectors", VECTORS),
    Policy("vectors and ids", VECTORS, ids=True),
)
ABLATIONS = (
    *(Policy(f"only {name}", (name,)) for name in BLOCKS),
    *(Policy(f"without {name}", tuple(other for other in BLOCKS if other != name)) for name in BLOCKS),
)
IDS, ART = MAIN[1], MAIN[2]


def action_lines(policy: Policy, place: Path, assets: Iterable[str], statistics: Path, folder: Path) -> dict[str, str]:
    """asset id -> its line, as `artvision export --format vw --scale zscore` writes it; ids are added here."""
    assets = list(assets)
    if not policy.blocks:
        return {asset: f"|id {tag(asset)}" for asset in assets}
    blocks = tuple(block for name in policy.blocks for block in BLOCKS[name])
    out = folder / "-".join(["actions", *policy.blocks]).replace(" ", "_")
    choice, recipe = artvision.Choice(blocks), artvision.Recipe(Scale.ZSCORE)
    artvision.write_export(place, out, "vw", choice=choice, recipe=recipe, statistics=statistics)
    text = (out / "actions.vw").read_text(encoding="utf-8")
    spaces = dict(line[1:].split("|", 1) for line in text.split("\n") if line)
    return {asset: f"|{spaces[tag(asset)]}" + (f" |id {tag(asset)}" if policy.ids else "") for asset in assets}


def options(actions: Mapping[str, str], policy: Policy) -> str:
    """The learner's options. Members are crossed with every namespace of the artwork, by first letters."""
    line = next(iter(actions.values()))
    letters = sorted({space[0] for space in line.split("|")[1:] if space})
    crossed = " ".join(f"-q m{letter}" for letter in letters) if policy.personal else "--ignore m"
    return f"--cb_explore_adf --cb_type mtr --epsilon 0 {crossed} -b 22 -l 0.02 --l2 1e-7 --quiet"


def train(text: Iterable[str], given: str, model: Path, scratch: Path) -> None:
    """Fit a policy to a log and keep it in `model`."""
    scratch.write_text("\n".join(text) + "\n", encoding="utf-8")
    vowpalwabbit.Workspace(f"{given} -d {scratch} -f {model}").finish()


def choose(text: Iterable[str], model: Path, scratch: Path) -> Ints:
    """(n,): the place of the artwork that the policy shows at each visit; nothing is learnt."""
    scratch.write_text("\n".join(text) + "\n", encoding="utf-8")
    found = scratch.with_suffix(".choices")
    vowpalwabbit.Workspace(f"-t -i {model} -d {scratch} -p {found} --quiet").finish()
    rows = [line for line in found.read_text(encoding="utf-8").split("\n") if line]
    return np.array([_best(line) for line in rows], np.int64)


def _best(line: str) -> int:
    """The likeliest action of «2:0.97,0:0.01,…»; of equals the first place, which means nothing: they are shuffled."""
    pairs = [pair.split(":") for pair in line.split(" ", maxsplit=1)[0].split(",")]
    chance = np.zeros(CANDIDATES)
    for action, share in pairs:
        chance[int(action)] = float(share)
    return int(chance.argmax())
