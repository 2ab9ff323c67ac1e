"""Coverage-guided fuzzing of the decode path: `fuzz.py --minutes 10`; needs `pip install atheris` (CPython on Linux).

Starts from one small good file of every format, changes bytes where that reaches new code of `artvision.image`,
`artvision.decoding` and Pillow's readers, and stops at the first input that gives anything but a picture or a
DecodeError, that takes too long, or too much memory. That input is left in the folder `--findings`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SECONDS, MEGABYTES = 10, 2048  # for one input; one megapixel takes a hundredth of either
MAX_PIXELS = 1_000_000


def main() -> None:
    """Parse the command line and fuzz until the time is over."""
    parser = argparse.ArgumentParser(description="Fuzz the decode path.")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    parser.add_argument("--corpus", type=Path, default=Path("fuzz-corpus"), help="inputs that reached new code; kept")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    fuzz(parser.parse_args())


def fuzz(wanted: argparse.Namespace) -> None:
    """Never returns: libFuzzer ends the process, with 0 where nothing was found."""
    try:
        import atheris
    except ImportError:
        sys.exit("fuzz.py needs one more package: pip install atheris")
    sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]
    with atheris.instrument_imports(include=["artvision.image", "artvision.decoding", "PIL"]):
        from artvision.errors import DecodeError
        from artvision.image import decode, resize

    resize(np.zeros((4, 4, 3), np.uint8), 2)  # imports torch, which no input should be charged with

    def one(data: bytes) -> None:
        try:
            decode(data, name="x", long_side=64, short_side=16, max_pixels=MAX_PIXELS, background=(9, 9, 9))
        except DecodeError as error:
            if len(str(error).splitlines()) != 1:
                raise

    wanted.findings.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={int(wanted.minutes * 60)}", f"-timeout={SECONDS}", f"-rss_limit_mb={MEGABYTES}"]
    places = [f"-artifact_prefix={wanted.findings}/", f"-seed={wanted.seed}", "-max_len=20000", "-close_fd_mask=2"]
    atheris.Setup([sys.argv[0], *limits, *places, str(write_seeds(wanted.corpus))], one)
    atheris.Fuzz()


def write_seeds(folder: Path) -> Path:
    """One small good file of every format and way of storing pixels."""
    from hostile import seeds

    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds().items():
        if len(data) <= 20_000:
            (folder / name).write_bytes(data)
    return folder


if __name__ == "__main__":
    main()
