"""Packed weights give what the plain transformer gives, and other models are left alone."""

import copy

import pytest
import torch
from open_clip.model import CLIP
from tiny_clip import CONFIG
from torch import nn

from artvision.clip import packing
from artvision.clip.packing import PackedAttention, PackedLinear, pack


@pytest.fixture
def visual():
    torch.manual_seed(1)
    return CLIP(**CONFIG["model_cfg"]).visual.eval()


def packs_here():
    if not packing._works():
        pytest.skip("this torch has no packed operators")


def test_a_packed_tower_says_what_the_plain_one_says(visual):
    packs_here()
    pictures = torch.randn(4, 3, 32, 32)
    with torch.inference_mode():
        plain = copy.deepcopy(visual)(pictures)
        assert pack(visual, rows=4 * 17)
        packed = visual(pictures)
    assert sum(isinstance(part, PackedLinear) for part in visual.modules()) == 2 * 4
    assert torch.nn.functional.cosine_similarity(plain, packed).min() > 0.999999
    assert torch.allclose(plain, packed, atol=1e-4)


@pytest.mark.parametrize("bias", [True, False])
def test_a_packed_product_with_any_leading_shape(bias):
    packs_here()
    linear = nn.Linear(24, 40, bias=bias)
    with torch.inference_mode():
        for shape in ((24,), (5, 24), (2, 3, 24)):
            x = torch.randn(shape)
            assert torch.allclose(PackedLinear(linear.weight, linear.bias, 8)(x), linear(x), atol=1e-5)


def test_packed_attention_obeys_a_mask():
    packs_here()
    attention = nn.MultiheadAttention(32, 4, batch_first=True).eval()
    x, mask = torch.randn(2, 6, 32), torch.full((6, 6), float("-inf")).triu(1)
    with torch.inference_mode():
        plain = attention(x, x, x, need_weights=False, attn_mask=mask)[0]
        assert torch.allclose(
            PackedAttention(attention, 12)(x, x, x, need_weights=False, attn_mask=mask)[0], plain, atol=1e-5
        )


def test_other_towers_are_left_alone():
    tower = nn.Sequential(nn.Linear(4, 4))
    assert not pack(tower, rows=4)
    assert type(tower[0]) is nn.Linear


def test_where_the_operators_are_missing_nothing_is_packed(visual, monkeypatch):
    monkeypatch.setattr(packing, "_works", lambda: False)
    assert not pack(visual, rows=4)
