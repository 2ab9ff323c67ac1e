"""What the contenders of `bench_peers.py` wrote, read into one form, and what it has in common."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from bench import FACE_PIXELS, FRAME, SURE, overlap
from numpy.typing import NDArray

Found = dict[str, NDArray[np.float64]]  # picture -> a unit embedding (D,), or sure faces (N, 4) in [0, 1]


def run_embeddings(out: Path) -> Found:
    """Of an artvision run."""
    from artvision import read_run

    rows = read_run(out).table(["path", "embedding"]).to_pylist()
    return {Path(row["path"]).name: np.array(row["embedding"]) for row in rows}


def loop_embeddings(out: Path) -> Found:
    """Of the plain loop."""
    with np.load(out, allow_pickle=False) as found:
        return dict(zip(found["names"].tolist(), found["embeddings"].astype(float), strict=True))


def retrieval_embeddings(out: Path) -> Found:
    """Of clip-retrieval, which stores float16."""
    import pyarrow.parquet as pq

    names = pq.read_table(out / "metadata" / "metadata_0.parquet")["image_path"].to_pylist()
    embeddings = np.load(out / "img_emb" / "img_emb_0.npy", allow_pickle=False).astype(float)
    return {Path(name).name: vector for name, vector in zip(names, embeddings, strict=True)}


def run_faces(out: Path) -> Found:
    """Sure faces of an artvision run."""
    from artvision import read_run

    return {
        Path(row["path"]).name: sure_faces(
            [[*(face[side] for side in ("x0", "y0", "x1", "y1")), face["score"]] for face in row["faces"]],
            row["width"] / row["height"],
        )
        for row in read_run(out).table(["path", "width", "height", "faces"]).to_pylist()
    }


def loop_faces(out: Path) -> Found:
    """Sure faces of an MTCNN loop."""
    found = {}
    for name, seen in json.loads(out.read_text(encoding="utf-8")).items():
        width, height = seen["size"]
        faces = np.reshape(seen["faces"], (-1, 5)) / [width, height, width, height, 1]
        found[name] = sure_faces(faces.tolist(), width / height)
    return found


def sure_faces(faces: Sequence[Sequence[float]], aspect: float) -> NDArray[np.float64]:
    """(N, 4) of faces (left, top, right, bottom in [0, 1], score) that are large and certain enough to compare by."""
    return np.array(
        [box for *box, score in faces if score >= SURE and (box[3] - box[1]) * FRAME / aspect >= FACE_PIXELS]
    ).reshape(-1, 4)


def cosines(ours: Found, theirs: Found) -> str:
    """The smallest cosine of two embeddings of one picture."""
    least = min(float(ours[name] @ theirs[name] / np.linalg.norm(theirs[name])) for name in ours)
    return f"{least:.6f}"


def shared_faces(ours: Found, theirs: Found) -> str:
    """How many sure faces a peer found, and how many of these artvision has too."""
    kept = sum(overlap(box, ours[name]) >= 0.5 for name, boxes in theirs.items() for box in boxes)
    return f"{sum(map(len, theirs.values()))}, {kept}"
