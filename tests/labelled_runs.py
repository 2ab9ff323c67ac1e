"""Runs with embeddings of known truth, written without looking at a picture, for tests of calibration and heads."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from artvision.clip.zero_shot import Tagger, prompt_embeddings
from artvision.device import CPU
from artvision.pipeline import Engine
from artvision.reporting import Silent
from artvision.stages.clip import Clip


def unit_rows(count, width, seed=0):
    """(count, width) float32 of unit length."""
    rows = np.random.default_rng(seed).normal(size=(count, width))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def write_run(folder, settings, embeddings, titles=None, order=None):
    """A run of the stage clip whose rows are a0000, a0001 … with these embeddings; `order` shuffles the rows."""
    names = [f"a{at:04}" for at in range(len(embeddings))]
    rows = {
        "asset_id": names,
        "title_id": list(titles) if titles is not None else [f"t{at:04}" for at in range(len(names))],
        "path": [f"/art/{name}.jpg" for name in names],
        "content_sha256": [f"{at:064x}" for at in range(len(names))],
        "embedding": pa.array(
            [None if row is None else list(map(float, row)) for row in embeddings],
            pa.list_(pa.float32(), len(next(row for row in embeddings if row is not None))),
        ),
    }
    table = pa.table(rows)
    folder.mkdir(parents=True)
    pq.write_table(table.take(order) if order is not None else table, folder / "part-00000.parquet")
    made = Engine.of(settings, Silent())
    info = {"run_format": 1, "run_id": "r1", "parts": ["part-00000.parquet"], "fingerprint": made.fingerprint}
    (folder / "run.json").write_text(json.dumps(info | {"settings": asdict(settings)}))
    (folder / "contract.json").write_text(made.contract.to_json())
    return folder


def tagger_of(settings):
    """What scores embeddings under these settings."""
    stage = Clip(settings.on(CPU))
    stage.setup("cpu")
    encoder = stage._encoder
    prompts = prompt_embeddings(stage.vocabulary, encoder.fingerprint(), encoder.width, encoder.encode_texts)
    return Tagger.of(stage.vocabulary, prompts, encoder.logit_scale)


def scores(settings, embeddings):
    """Tag -> (N,) scores."""
    tagger = tagger_of(settings)
    table = [{f"{one.group}.{one.label}": one.value for one in tagger.score(row)} for row in embeddings]
    return {name: np.array([row[name] for row in table]) for name in table[0]}


def write_labels(path, key, keys, columns):
    """A CSV with a key and columns of labels; None is an empty cell."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([key, *columns])
        for at, name in enumerate(keys):
            writer.writerow([name, *("" if column[at] is None else column[at] for column in columns.values())])
    return path
