"""The product's labels as training targets: prompts from the vocabulary, truth from catalogue genres or proxies."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

# Teacher classes (ImageNet names) that stand in for labels nobody has annotated. A label without an entry has no
# held-out evidence and is therefore not offered under the starter.
PROXIES: dict[str, str] = {
    "subject.aircraft": "airliner, airship, warplane, wing",
    "subject.armour": "breastplate, chain mail, cuirass, shield",
    "subject.car": (
        "beach wagon, cab, car mirror, convertible, grille, jeep, limousine, minivan, model t, moving "
        "van, police van, racer, sports car, trailer truck"
    ),
    "subject.castle": "bell cote, castle, church, dome, monastery, mosque, palace, triumphal arch",
    "subject.firearm": "assault rifle, holster, revolver, rifle",
    "subject.formal_wear": "bow tie, suit, windsor tie",
    "subject.gown": "gown, hoopskirt, overskirt",
    "subject.helmet": "bearskin, crash helmet, football helmet, pickelhaube",
    "subject.mask": "gasmask, mask, oxygen mask, ski mask",
    "subject.musical_instrument": (
        "accordion, acoustic guitar, bassoon, cello, cornet, drum, electric guitar, flute, french horn, "
        "grand piano, harmonica, oboe, panpipe, sax, trombone, upright, violin"
    ),
    "subject.ship": (
        "aircraft carrier, container ship, fireboat, gondola, lifeboat, liner, pirate, schooner, "
        "speedboat, submarine, trimaran, wreck, yawl"
    ),
    "subject.spacecraft": "missile, projectile, space shuttle",
    "subject.sports_gear": (
        "ballplayer, baseball, basketball, football helmet, jersey, knee pad, puck, punching bag, rugby "
        "ball, scoreboard, soccer ball, volleyball"
    ),
    "subject.train": "bullet train, electric locomotive, freight car, passenger car, steam locomotive",
    "setting.coast": "breakwater, lakeside, pier, promontory, sandbar, seashore",
    "setting.mountains": "alp, cliff, valley, volcano",
    "setting.stage": "stage, spotlight, theater curtain",
}


def proxy_truth(classes: Tensor, scores: Tensor, wanted: Tensor) -> Tensor:
    """Sum (…) of the teacher's scores over the wanted class indices, from its best-8 lists (…, 8)."""
    return (scores * torch.isin(classes, wanted)).sum(dim=-1)


def class_indices(label: str, names: list[str]) -> Tensor:
    """Indices of a proxy's classes; a name the teacher does not have is an error."""
    return torch.tensor([names.index(name) for name in PROXIES[label].split(", ")])


def prompt_means(embed: Callable[[list[str]], Tensor], prompts: Sequence[Sequence[str]]) -> Tensor:
    """Label embeddings (L, D): the normalised mean of the normalised embeddings of each label's prompts."""
    flat = nn.functional.normalize(embed([text for texts in prompts for text in texts]), dim=-1)
    means = [part.mean(dim=0) for part in torch.split(flat, [len(texts) for texts in prompts])]
    return nn.functional.normalize(torch.stack(means), dim=-1)


def independent_logits(images: Tensor, labels: Tensor, null: Tensor, scale: Tensor) -> Tensor:
    """logit_scale · (sim(label) − sim(null)) for unit images (B, D), labels (L, D) and null (1, D) → (B, L)."""
    return scale * (images @ labels.T - images @ null.T)
