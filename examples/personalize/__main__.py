"""Does a model that chooses artwork gain from artvision's vectors? A simulation on real pictures, start to end.

python examples/personalize catalog.csv -o personalize     a catalogue: image, title_id, genres (joined by |), actors
python examples/personalize run -o personalize             a run of such a catalogue that is there already
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
from curve import Course, run_curve
from policies import ABLATIONS, ART, MAIN
from showing import advantage, markdown, picture
from trial import Size, run_trial
from truth import look

import artvision
from artvision.errors import ArtvisionError, SourceError

TRAINED = 0.75  # share of titles that the starter saw in training


def main() -> None:
    """Parse, extract where that is to be done, repeat, show."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", type=Path, help="a catalogue, or a run of one")
    parser.add_argument(
        "-o", "--out", type=Path, default=Path("personalize"), help="folder for results (default: %(default)s)"
    )
    parser.add_argument(
        "--seeds", type=int, default=10, help="repetitions, each with a world of its own (default: %(default)s)"
    )
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument(
        "--pictures", type=int, default=2400, help="pictures of a world, at most (default: %(default)s)"
    )
    parser.add_argument(
        "--held-out", action="store_true", help="only titles that the starter was not trained on, by their ids"
    )
    parser.add_argument("--past", type=int, default=Size.past, help="visits in the past (default: %(default)s)")
    parser.add_argument("--test", type=int, default=Size.test, help="visits to judge by (default: %(default)s)")
    parser.add_argument(
        "--visits", type=int, default=Course.visits, help="visits of each new title in the curve (default: %(default)s)"
    )
    parser.add_argument("--no-ablations", action="store_true", help="leave the policies of single blocks out")
    given = parser.parse_args()
    try:
        run(given)
    except ArtvisionError as error:
        sys.exit(f"error: {error}")


def run(given: argparse.Namespace) -> None:
    """The whole experiment."""
    given.out.mkdir(parents=True, exist_ok=True)
    place = _extracted(given.place, given.out)
    pictures = _pictures(place, given.pictures, held_out=given.held_out)
    truth = look(pictures, given.out / "truth.json")
    policies = MAIN if given.no_ablations else (*MAIN, *ABLATIONS)
    size, course = Size(given.past, given.test), Course(given.visits)
    trials, curves = [], []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        folder = given.out / f"seed-{seed}"
        trials.append(run_trial(place, truth, policies, size, seed, folder))
        curves.append(run_curve(place, truth, MAIN[1:], size.past, course, seed, folder))
        print(
            f"seed {seed}: vectors {advantage(trials[-1:], 'cold', ART.name)[0]:+.1f} % over ids on new titles",
            file=sys.stderr,
        )
    text = markdown(trials)
    (given.out / "table.md").write_text(text + "\n", encoding="utf-8")
    plain = [
        {part: {name: asdict(one) for name, one in own.items()} for part, own in trial.items()} for trial in trials
    ]
    (given.out / "results.json").write_text(json.dumps({"trials": plain, "curves": curves}, indent=1), encoding="utf-8")
    picture(trials, curves, course.bin, given.out / "personalization.png")
    print(text)
    mean, half = advantage(trials, "cold", ART.name)
    verdict = "significant" if abs(mean) > half else "NOT significant"
    print(
        f"\nnew titles: vectors win {mean:+.1f} % ± {half:.1f} over artwork ids, {verdict} at 95 %, {len(trials)} seeds"
    )


def _extracted(place: Path, out: Path) -> Path:
    """The run itself, or that of a catalogue, extracted beside the results; what is there is not computed again."""
    if place.is_dir():
        return place
    artvision.extract([place], out / "run")
    return out / "run"


def _pictures(place: Path, most: int, *, held_out: bool):  # noqa: ANN202 - a pyarrow table, whose package ships no types
    """Some rows of the run, the same in every call."""
    rows = artvision.open_rows(place)
    table = rows.table(["asset_id", "title_id", "path", "genres", "catalog.actors"]).sort_by("asset_id")
    if held_out:
        table = table.filter([_unseen(title_id) for title_id in table["title_id"].to_pylist()])
    if "genres" not in table.column_names:
        raise SourceError(f"{place} has no column `genres`: the catalogue must say which genres a title has")
    return table.take(np.random.default_rng(0).permutation(table.num_rows)[:most])


def _unseen(title_id: str) -> bool:
    """Whether a title was left out of the starter's training: the rule of `scripts/starter/corpus.py`."""
    return int(hashlib.sha256(title_id.encode()).hexdigest()[:8], 16) / 2**32 >= TRAINED


if __name__ == "__main__":
    main()
