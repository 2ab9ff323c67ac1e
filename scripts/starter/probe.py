"""Soft genre labels: what a linear probe on the teacher's features makes of pictures it was not fitted on."""

from __future__ import annotations

import torch
from torch import Tensor, nn

PENALTY = 0.3  # L2 weight; strong, because there are more features than pictures of most genres
FOLDS = 5


def fit_logistic(features: Tensor, truth: Tensor, penalty: float = PENALTY) -> tuple[Tensor, Tensor]:
    """L2-penalised logistic regression, all columns at once: features (N, F), truth (N, G) → (F, G), (G,)."""
    weight = torch.zeros(features.shape[1], truth.shape[1], requires_grad=True)
    bias = torch.logit(truth.mean(dim=0), eps=1e-4).clone().requires_grad_()
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> float:
        optimiser.zero_grad()
        logits = features @ weight + bias
        fit = nn.functional.binary_cross_entropy_with_logits(logits, truth, reduction="none").mean(dim=0).sum()
        total = fit + penalty / 2 * weight.square().sum()
        torch.autograd.backward(total)
        return float(total.detach())

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()


def out_of_fold(features: Tensor, truth: Tensor, seed: int) -> Tensor:
    """Probabilities (N, G) for every row from a probe fitted on the other folds."""
    folds = torch.randperm(len(features), generator=torch.Generator().manual_seed(seed)) % FOLDS
    soft = torch.zeros_like(truth)
    for fold in range(FOLDS):
        weight, bias = fit_logistic(features[folds != fold], truth[folds != fold])
        soft[folds == fold] = torch.sigmoid(features[folds == fold] @ weight + bias)
    return soft
