"""The training loop: distillation, and statements about pictures judged through both towers."""

from __future__ import annotations

import copy
import math
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.model import CLIP
from torch import Tensor, nn

from starter.augment import crop, jittered, recolour, standardised, whole
from starter.captions import Statement, truth_of
from starter.corpus import Corpus
from starter.evidence import stratified_auc
from starter.heldout import AIM
from starter.labels import independent_logits, prompt_means
from starter.network import IMAGE_SIZE, Distiller, build, forget_unseen_tokens, tokenizer
from starter.targets import Targets

Floats = NDArray[np.float64]
PLAIN = ("a picture", "an image", "a film poster", "a film still")  # null texts of captions


@dataclass(frozen=True)
class Plan:
    """Everything that decides a training run besides the data."""

    seed: int = 0
    epochs: int = 44
    minutes: float = 85.0  # at most; a slower machine follows the same schedule with fewer steps
    batch: int = 64
    image_rate: float = 2e-3
    text_rate: float = 1e-3
    decay: float = 0.05
    average: float = 0.998  # of the exponential moving average of the weights
    sizes: tuple[tuple[float, int], ...] = ((0.4, 80), (0.8, 96), (1.0, IMAGE_SIZE))  # until this share of the run: px
    least_area: float = 0.75  # of a view that a training crop shows
    whole_share: float = 0.6  # of draws that show the teacher's whole view, not its crop
    captions: int = 32  # per step
    trust: float = 0.5  # in the catalogue's genre labels, against the probe's
    weights: tuple[float, float, float, float] = (1.0, 0.3, 8.0, 1.0)  # features, classes, labels, captions


@dataclass
class Batch:
    """One step's pictures (B, 3, S, S) float32, their rows (B,) and the view (B,) in {0, 1} that each shows."""

    pictures: Tensor
    rows: Tensor
    view: Tensor


class Trainer:
    """Holds the model, its moving average and the data of one run."""

    def __init__(self, corpus: Corpus, targets: Targets, plan: Plan, device: torch.device, workers: int = 1) -> None:
        torch.manual_seed(plan.seed)
        self.corpus, self.targets, self.plan, self.device = corpus, targets, plan, device
        self.chance = random.Random(plan.seed)
        self.draws = torch.Generator().manual_seed(plan.seed)
        self.tokens = tokenizer()
        self.seen: set[int] = set()
        self.model = Distiller(build()).to(memory_format=torch.channels_last).to(device)
        self.replicas = [self.model, *(replica(self.model) for _ in range(workers - 1))]
        self.workers = ThreadPoolExecutor(workers)
        self.average = copy.deepcopy(self.model).eval().requires_grad_(False)
        self.optimiser = self._optimiser()
        self.rows = corpus.rows("train")
        self.steps = plan.epochs * (len(self.rows) // plan.batch)
        self.step = 0
        self.started = time.monotonic()
        rarity = targets.label_prior.clamp(min=0.02).rsqrt()
        self.label_weight = (rarity / rarity.mean()).to(device)

    def _optimiser(self) -> torch.optim.Optimizer:
        groups: dict[tuple[float, float], list[Tensor]] = {}
        for name, parameter in self.model.named_parameters():
            text = name.startswith("clip.") and not name.startswith("clip.visual.")
            rate = self.plan.text_rate if text else self.plan.image_rate
            groups.setdefault((rate, self.plan.decay if parameter.ndim > 1 else 0.0), []).append(parameter)
        table = [{"params": p, "lr": rate, "peak": rate, "weight_decay": decay} for (rate, decay), p in groups.items()]
        return torch.optim.AdamW(table, fused=True)

    def run(self, progress: Callable[[str], None]) -> tuple[CLIP, list[dict[str, float]]]:
        """Train; returns the averaged model of the epoch with the best validation macro-AUC, and the history."""
        history: list[dict[str, float]] = []
        best = copy.deepcopy(self.average.state_dict())
        while self.progress < 1:
            size = self._size()
            loss, auc = self._epoch(size), self.validate()
            if auc > max((row["auc"] for row in history), default=0.0):
                best = copy.deepcopy(self.average.state_dict())
            history.append({"epoch": len(history) + 1, "auc": auc, "steps": self.step})
            progress(self._line(history, size, loss))
        self.average.load_state_dict(best)
        forget_unseen_tokens(self.average.clip, torch.tensor(sorted(self.seen)))
        return self.average.clip, history

    def _line(self, history: list[dict[str, float]], size: int, loss: Floats) -> str:
        spent = (time.monotonic() - self.started) / 60
        losses = " ".join(f"{value:.3f}" for value in loss)
        return (
            f"epoch {len(history)} {size} px · losses {losses} · validation macro-AUC {history[-1]['auc']:.4f} · "
            f"{self.progress:.0%} in {spent:.1f} min, about {spent / self.progress - spent:.0f} min left"
        )

    @property
    def progress(self) -> float:
        """Share of the run behind us, by steps or by time, whichever is more."""
        minutes = (time.monotonic() - self.started) / 60
        return min(1.0, max(self.step / self.steps, minutes / self.plan.minutes))

    def _size(self) -> int:
        return next(size for until, size in self.plan.sizes if self.progress < until)

    def _epoch(self, size: int) -> Floats:
        """One pass over the training part; returns the mean of each loss, in the order of Plan.weights."""
        self.model.train()
        losses = [self._update(batch) for batch in self._batches(size) if self.progress < 1]
        return np.asarray(np.mean(losses, axis=0))

    def _batches(self, size: int) -> Iterator[Batch]:
        """The training part in random order; each batch is made while the one before it is used."""
        order = self.rows[torch.randperm(len(self.rows), generator=self.draws)]
        whole_ones = order[: len(order) // self.plan.batch * self.plan.batch].view(-1, self.plan.batch)
        with ThreadPoolExecutor(1) as maker:
            waiting = maker.submit(self._batch, whole_ones[0], size)
            for rows in whole_ones[1:]:
                ready, waiting = waiting, maker.submit(self._batch, rows, size)
                yield ready.result()
                del ready
            yield waiting.result()

    def _batch(self, rows: Tensor, size: int) -> Batch:
        view = (torch.rand(len(rows), generator=self.draws) >= self.plan.whole_share).long()
        boxes = jittered(self.corpus.views[rows, view], self.plan.least_area, self.draws)
        mirrored = torch.rand(len(rows), generator=self.draws) < 0.5
        pictures = recolour(crop(self.corpus.pixels[rows], boxes, mirrored, size), self.draws)
        return Batch(standardised(pictures).to(self.device), rows, view)

    def _update(self, batch: Batch) -> Floats:
        """One step; parts of the batch pass the image tower at the same time, one CPU thread each."""
        self._set_rate()
        parts = batch.pictures.chunk(len(self.replicas))
        seen = list(self.workers.map(self._look, self.replicas, parts))
        leaves = [tuple(value.detach().requires_grad_() for value in values) for values in seen]
        losses = self._losses(batch, *(torch.cat(values) for values in zip(*leaves, strict=True)))
        total = sum(weight * loss for weight, loss in zip(self.plan.weights, losses, strict=True))
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.as_tensor(total))
        list(self.workers.map(_pass_back, seen, leaves))
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return np.array([float(loss.detach()) for loss in losses])

    def _look(self, model: Distiller, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        with torch.autocast(self.device.type, torch.bfloat16):
            seen: tuple[Tensor, Tensor, Tensor] = model(pictures)
        return seen

    def _set_rate(self) -> None:
        """Warm-up over 200 steps, then half a cosine to zero."""
        factor = min(1.0, (self.step + 1) / 200) * 0.5 * (1 + math.cos(math.pi * self.progress))
        for group in self.optimiser.param_groups:
            group["lr"] = factor * group["peak"]

    def _follow(self) -> None:
        keep = min(self.plan.average, (1 + self.step) / (10 + self.step))
        pairs = zip(self.average.state_dict().values(), self.model.state_dict().values(), strict=True)
        floats = [(mean, now) for mean, now in pairs if mean.is_floating_point()]
        with torch.no_grad():
            torch._foreach_lerp_([mean for mean, _ in floats], [now for _, now in floats], 1 - keep)

    def _losses(self, batch: Batch, images: Tensor, features: Tensor, classes: Tensor) -> tuple[Tensor, ...]:
        """Features, classes, labels, captions."""
        statements = self._statements(batch)
        with torch.autocast(self.device.type, torch.bfloat16):
            labels, nulls, said, plain = self._texts(statements)
        scale = self.model.clip.logit_scale.exp().clamp(max=100)
        wanted = self.targets.features[batch.rows, batch.view].to(self.device)
        return (
            (features - wanted).square().mean(),
            self._class_loss(classes, batch),
            self._label_loss(scale * (images @ labels.T - images @ nulls.T), batch),
            self._caption_loss(independent_logits(images, said, plain, scale), statements, batch),
        )

    def _class_loss(self, logits: Tensor, batch: Batch) -> Tensor:
        """Cross-entropy against the teacher's best 8 scores; the mass it left out is left out."""
        classes = self.corpus.classes[batch.rows, batch.view].to(self.device)
        scores = self.corpus.scores[batch.rows, batch.view].to(self.device)
        return -(scores * nn.functional.log_softmax(logits, dim=1).gather(1, classes)).sum(dim=1).mean()

    def _label_loss(self, logits: Tensor, batch: Batch) -> Tensor:
        truth = self.targets.label_truth[batch.rows, batch.view].to(self.device)
        return balanced_loss(logits, truth, self.targets.label_prior.to(self.device), self.label_weight)

    def _caption_loss(self, logits: Tensor, statements: list[Statement], batch: Batch) -> Tensor:
        truth = truth_of(statements, self.targets.attribute_truth[batch.rows, batch.view])
        known = truth_of(statements, self.targets.attribute_truth[self.rows, 0])
        prior = known.nanmean(dim=0).clamp(1e-3, 1 - 1e-3).to(self.device)
        return balanced_loss(logits, truth.to(self.device), prior, torch.ones_like(prior))

    def _statements(self, batch: Batch) -> list[Statement]:
        """Captions of some of the batch's pictures."""
        truth = self.targets.attribute_truth[batch.rows, batch.view] >= 0.5
        held = [torch.nonzero(row)[:, 0].tolist() for row in truth]
        speaking = [columns for columns in held if columns][: self.plan.captions]
        return [self.targets.attributes.statement(columns, self.chance) for columns in speaking]

    def _texts(self, statements: list[Statement]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Unit embeddings of one prompt per label (L, D), its null (L, D), the captions (T, D), a plain text (1, D)."""
        groups = [
            [self.chance.choice(prompts) for prompts in self.targets.prompts],
            [self.chance.choice(nulls) for nulls in self.targets.nulls],
            [statement.text for statement in statements],
            [self.chance.choice(PLAIN)],
        ]
        unique = sorted({text for texts in groups for text in texts})
        unit = nn.functional.normalize(self.embed(self.model.clip, unique), dim=-1)
        places = {text: place for place, text in enumerate(unique)}
        parts = [unit[[places[text] for text in texts]] for texts in groups]
        return parts[0], parts[1], parts[2], parts[3]

    def embed(self, clip: CLIP, texts: list[str]) -> Tensor:
        """Text embeddings (T, D) float32, not normalised; remembers which tokens were used."""
        tokens = self.tokens(texts)
        self.seen.update(tokens.unique().tolist())
        embedding: Tensor = clip.encode_text(tokens.to(self.device))
        return embedding.float()

    @torch.no_grad()
    def validate(self) -> float:
        """Macro-AUC of AIM on the validation posters, through the averaged model's text prompts."""
        rows = self.corpus.rows("validation", posters_only=True)
        wanted = [self.targets.labels.index(f"genre.{label}") for label in AIM]
        labels = prompt_means(lambda t: self.embed(self.average.clip, t), [self.targets.prompts[i] for i in wanted])
        null = prompt_means(lambda t: self.embed(self.average.clip, t), [self.targets.nulls[wanted[0]]])
        images = torch.cat([self._image(part) for part in torch.split(rows, 128)])
        scores = independent_logits(images, labels, null, torch.tensor(1.0)).numpy()
        truth = self.corpus.genres[rows][:, wanted].numpy() > 0
        return float(np.mean([stratified_auc(scores[:, i], truth[:, i]) for i in range(len(wanted))]))

    def _image(self, rows: Tensor) -> Tensor:
        pictures = whole(self.corpus.pixels[rows], IMAGE_SIZE).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            return torch.as_tensor(self.average(pictures)[0]).cpu()


def replica(model: Distiller) -> Distiller:
    """A copy that shares the parameters and has buffers of its own, so that two threads can use both at once."""
    memo = {id(parameter): parameter for parameter in model.parameters()}
    return copy.deepcopy(model, memo)


def _pass_back(seen: tuple[Tensor, ...], leaves: tuple[Tensor, ...]) -> None:
    torch.autograd.backward(seen, [leaf.grad for leaf in leaves])


def balanced_loss(logits: Tensor, truth: Tensor, prior: Tensor, weight: Tensor) -> Tensor:
    """Cross-entropy of logits (B, L) + log-odds of the prior (L,) against truth (B, L); NaN truth does not count.

    Adding the prior's log-odds (logit adjustment, Menon et al. 2021, arXiv:2007.07314) leaves the logits as
    log-likelihood ratios: zero, a score of 0.5, says that the picture tells nothing about the label.
    """
    known = ~truth.isnan()
    entropy = nn.functional.binary_cross_entropy_with_logits
    loss = entropy(logits + torch.logit(prior), truth.nan_to_num(), reduction="none")
    return (loss * known * weight).sum() / known.sum().clamp(min=1)
