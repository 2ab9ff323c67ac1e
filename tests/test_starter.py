"""The starter: its folder, its evidence, and the parts of its training that need no shared data."""

from __future__ import annotations

import json
import random
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from artvision.clip.vocabulary import read_vocabulary

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "models" / "starter"
sys.path.insert(0, str(ROOT / "scripts"))  # the training code is a script's, not the package's

from starter.augment import crop, jittered  # noqa: E402 - needs the path above
from starter.captions import Attributes, Statement, truth_of  # noqa: E402
from starter.corpus import PARTS, SHOTS, genre_label, part_of, read_corpus  # noqa: E402
from starter.evidence import LEAST, Figure, figure, macro_figure, stratified_auc  # noqa: E402
from starter.labels import PROXIES, class_indices, independent_logits, prompt_means, proxy_truth  # noqa: E402
from starter.network import build, forget_unseen_tokens, save, weights_sha256  # noqa: E402
from starter.probe import out_of_fold  # noqa: E402
from starter.training import balanced_loss  # noqa: E402


@pytest.fixture(scope="module")
def loaded():
    import open_clip

    source = f"local-dir:{FOLDER}"
    model, _, preprocess = open_clip.create_model_and_transforms(source)
    return model.eval(), preprocess, open_clip.get_tokenizer(source)


def test_folder_is_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 24_000_000


def test_loads_without_network(monkeypatch):
    import open_clip

    def refuse(*_: object) -> None:
        raise AssertionError("the starter must load without a network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    model, _, _ = open_clip.create_model_and_transforms(f"local-dir:{FOLDER}")
    tokens = open_clip.get_tokenizer(f"local-dir:{FOLDER}")(["a film poster"])
    assert model.encode_text(tokens).shape == (1, model.visual.head.proj.out_features)


def test_whole_picture_reaches_the_model(loaded):
    _, preprocess, _ = loaded
    wide = np.zeros((90, 160, 3), np.uint8)
    wide[:, :8] = 255
    seen = preprocess(Image.fromarray(wide))
    assert seen.shape[1] == seen.shape[2]
    assert seen[:, :, 0].mean() > seen[:, :, -1].mean() + 1, "the left edge was cut off"


def test_two_pictures_have_two_embeddings(loaded):
    model, preprocess, _ = loaded
    flat = Image.new("RGB", (128, 188), (200, 30, 30))
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (188, 128, 3), dtype=np.uint8))
    with torch.no_grad():
        first, second = model.encode_image(torch.stack([preprocess(flat), preprocess(noise)]), normalize=True)
    assert float(first @ second) < 0.99
    assert float(first @ first) == pytest.approx(1, abs=1e-5)


def test_weights_are_finite(loaded):
    assert all(torch.isfinite(value).all() for value in loaded[0].state_dict().values())


def test_unknown_words_say_nothing(loaded):
    model, _, tokens = loaded
    row = int(tokens(["zeppelinesque"])[0, 1])
    assert model.token_embedding.weight[row].abs().sum() == 0


def test_evidence_is_of_these_weights_and_prompts():
    evidence = json.loads((FOLDER / "evidence.json").read_text(encoding="utf-8"))
    groups = {group.name: group for group in read_vocabulary().groups}
    assert evidence["weights_sha256"] == weights_sha256(FOLDER)
    assert evidence["tags"], "no tag was measured"
    for name, entry in evidence["tags"].items():
        group, _, label = name.partition(".")
        assert label in groups[group].labels
        assert entry["group_sha256"] == groups[group].sha256, (
            f"{group}: prompts changed since the evidence; run train_starter.py --measure"
        )
        assert entry["low"] <= entry["auc"] <= entry["high"]
        assert entry["offered"] == (entry["low"] > 0.5 + evidence["margin"])
        assert min(entry["positives"], entry["negatives"]) >= LEAST


def test_card_names_a_starter_and_these_weights():
    card = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert card.startswith("# The starter")
    assert weights_sha256(FOLDER) in card


def test_every_proxy_is_a_label_of_the_vocabulary():
    groups = {group.name: group for group in read_vocabulary().groups}
    for name in PROXIES:
        group, _, label = name.partition(".")
        assert label in groups[group].labels


def test_split_is_stable_and_has_the_stated_shares():
    keys = [f"tt{number:07d}".encode() for number in range(4000)]
    parts = [part_of(key) for key in keys]
    assert parts == [part_of(key) for key in keys]
    assert np.bincount(parts, minlength=len(PARTS)) / len(keys) == pytest.approx([0.75, 0.10, 0.15], abs=0.02)
    assert part_of(b"tt0098412") == part_of(b"tt0098412")


def test_genre_names_become_labels():
    assert [genre_label(name) for name in ("Sci-Fi", "Film-Noir", "War")] == ["sci_fi", "film_noir", "war"]


def test_captions_are_deterministic_and_true_of_their_picture():
    attributes = Attributes(["horror", "sci_fi"], ["castle"])
    truth = torch.zeros(2, attributes.count)
    truth[0, [0, 1]] = 1
    truth[1, -1] = 1
    said = [[attributes.statement(held, random.Random(7)) for _ in range(3)] for held in ([0, 1], [2 + len(SHOTS)])]
    assert said == [[attributes.statement(held, random.Random(7)) for _ in range(3)] for held in ([0, 1], [9])]
    assert truth_of(said[0] + said[1], truth).tolist() == [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]
    assert "castle" in said[1][0].text


def test_unknown_attributes_stay_unknown():
    truth = torch.tensor([[1.0, float("nan")]])
    assert truth_of([Statement("both", (0, 1))], truth).isnan().all()


def test_crop_of_the_whole_view_is_the_picture_and_mirrors():
    pixels = torch.from_numpy(np.random.default_rng(1).integers(0, 255, (1, 8, 8, 3), dtype=np.uint8))
    box = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
    same = crop(pixels, box, torch.tensor([False]), 8)
    expected = pixels.permute(0, 3, 1, 2).float() / 255
    assert torch.allclose(same, expected, atol=1e-5)
    assert torch.allclose(crop(pixels, box, torch.tensor([True]), 8), expected.flip(3), atol=1e-5)


def test_jittered_boxes_stay_inside_their_view():
    views = torch.tensor([[0.2, 0.1, 0.7, 0.9]]).expand(200, 4)
    boxes = jittered(views, 0.75, torch.Generator().manual_seed(0))
    assert (boxes[:, :2] >= views[:, :2] - 1e-6).all()
    assert (boxes[:, 2:] <= views[:, 2:] + 1e-6).all()
    area = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
    assert (area >= 0.75 * 0.4 - 1e-6).all()


def test_label_embedding_is_the_mean_of_unit_prompts():
    table = {"a": [3.0, 0.0], "b": [0.0, 5.0], "c": [-1.0, 0.0]}
    found = prompt_means(lambda texts: torch.tensor([table[text] for text in texts]), [["a", "b"], ["c"]])
    assert torch.allclose(found, torch.tensor([[0.5**0.5, 0.5**0.5], [-1.0, 0.0]]))


def test_logits_compare_a_label_with_the_null():
    images = torch.tensor([[1.0, 0.0]])
    labels, null = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[0.0, 1.0]])
    assert independent_logits(images, labels, null, torch.tensor(10.0)).tolist() == [[10.0, 0.0]]


def test_balanced_loss_ignores_unknown_truth_and_is_least_at_the_prior():
    prior = torch.tensor([0.2])
    truth = torch.tensor([[0.2], [float("nan")]])
    at_zero = balanced_loss(torch.zeros(2, 1), truth, prior, torch.ones(1))
    moved = balanced_loss(torch.tensor([[0.5], [99.0]]), truth, prior, torch.ones(1))
    assert at_zero < moved
    assert torch.isfinite(moved)


def test_proxy_truth_sums_the_wanted_classes():
    classes, scores = torch.tensor([[3, 7, 9]]), torch.tensor([[0.5, 0.3, 0.1]])
    assert proxy_truth(classes, scores, torch.tensor([7, 9])).tolist() == pytest.approx([0.4])
    with pytest.raises(ValueError, match="not in list"):
        class_indices("subject.train", ["bullet train"])


def test_auc_in_closed_form():
    scores, truth = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert stratified_auc(scores, truth) == 0.75
    assert stratified_auc(np.ones(4), truth) == 0.5
    assert np.isnan(stratified_auc(scores, np.zeros(4, bool)))


def test_strata_are_never_compared():
    scores, truth = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, True, False, True])
    assert stratified_auc(scores, truth) == 0.75
    assert stratified_auc(scores, truth, np.array([0, 0, 1, 1])) == 1.0


def test_intervals_hold_the_figure_and_repeat():
    chance = np.random.default_rng(0)
    truth = chance.random(300) < 0.3
    scores = chance.normal(size=300) + truth
    first = figure(scores, truth, seed=1)
    assert first == figure(scores, truth, seed=1)
    assert first.low < first.auc < first.high
    assert first.positives + first.negatives == 300
    assert macro_figure(scores[:, None], truth[:, None], seed=1)[0] == pytest.approx(first.auc)


def test_a_tag_is_offered_only_above_the_margin():
    assert Figure(0.7, 0.551, 0.8, 20, 80).offered
    assert not Figure(0.7, 0.55, 0.8, 20, 80).offered


def test_probe_learns_what_is_there_and_judges_strangers():
    chance = torch.Generator().manual_seed(0)
    features = torch.randn(200, 6, generator=chance)
    truth = (features[:, :1] > 0).float()
    soft = out_of_fold(features, truth, seed=0)
    assert stratified_auc(soft[:, 0].numpy(), truth[:, 0].numpy() > 0) > 0.95


def test_saved_model_is_read_back_and_unseen_tokens_are_gone(tmp_path):
    from safetensors.torch import load_file

    torch.manual_seed(0)
    clip = build()
    forget_unseen_tokens(clip, torch.tensor([5, 9]))
    sha = save(clip, tmp_path)
    state = load_file(tmp_path / "open_clip_model.safetensors")
    assert sha == weights_sha256(tmp_path)
    rows = state["token_embedding.weight"].abs().sum(dim=1)
    assert torch.nonzero(rows)[:, 0].tolist() == [5, 9]


def test_real_corpus_is_split_into_disjoint_parts(shared):
    corpus = read_corpus(shared, ["horror"])
    rows = [set(corpus.rows(part).tolist()) for part in PARTS]
    assert sum(map(len, rows)) == len(corpus.part)
    assert not rows[0] & rows[1]
    assert not rows[0] & rows[2]
    assert not rows[1] & rows[2]
