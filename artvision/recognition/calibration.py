"""A threshold for a wanted false-match rate, set on pairs whose truth is known, and no surer than they allow."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from artvision.errors import UsageError
from artvision.gallery import Decision
from artvision.recognition.verification import Verification


def calibrate(verification: Verification, rate: float, decision: Decision) -> Decision:
    """`decision` with the smallest threshold at which at most `rate` of the pairs of two people are taken for one.

    Any threshold between two neighbouring impostor scores has the same measured rate; the middle is taken. Above the
    highest of them it lies halfway to the next genuine score, or to 1. The margin stays. `rate` is of one comparison:
    a face that is compared with n templates meets n chances.

    UsageError where the pairs cannot carry it: fewer than 1 / rate of two people, labels that look swapped, or no pair
    of one person recognised any more.
    """
    impostor, genuine = verification.impostor, verification.genuine
    _check(verification, rate)
    threshold = _threshold(impostor, genuine, rate)
    found = replace(verification, threshold=threshold)
    if len(genuine) and not found.true_positive_rate.value:
        raise UsageError(
            f"at a false-match rate of {rate:g} no pair of one person would be recognised; ask for a higher rate, or "
            "give pairs with larger and sharper faces"
        )
    return replace(
        decision,
        threshold=threshold,
        source=_source(found, rate),
        wanted_rate=rate,
        measured_rate=found.false_positive_rate.value,
        impostors=len(impostor),
        data_sha256=verification.data_sha256,
    )


def _check(verification: Verification, rate: float) -> None:
    count, auc = len(verification.impostor), verification.auc.value
    if not 0 < rate < 1:
        raise UsageError(f"a false-match rate of {rate:g} is not between 0 and 1; 0.001 is one in a thousand")
    if not count:
        raise UsageError("there is no usable pair of two people, so no false-match rate can be measured; add some")
    if 1 / count > rate:
        shown = f"{3 / count:.2g}"
        raise UsageError(
            f"{count} pairs of two people cannot show a rate below {shown} (rule of three, 95 %): give at least "
            f"{ceil(3 / rate)} of them" + (f", or ask for {shown}" if count > 10 else "")
        )
    if auc is not None and auc < 0.5:
        raise UsageError(
            f"pairs marked as one person score lower than those marked as two (AUC {auc:.3f}); are the labels swapped? "
            "same = 1 means one person"
        )


def _threshold(impostor: NDArray[np.float64], genuine: NDArray[np.float64], rate: float) -> float:
    steps = np.unique(impostor)  # ascending
    above = (len(impostor) - np.searchsorted(np.sort(impostor), steps, side="right")) / len(impostor)
    # The last step has nothing above it, so there is always one.
    at = int(np.argmax(above <= rate))
    low = float(steps[at])
    higher = steps[at + 1 :] if at + 1 < len(steps) else np.append(genuine[genuine > low], 1.0)
    return _between(low, float(higher.min()))


def _between(low: float, high: float) -> float:
    """The middle; of two neighbouring numbers the higher one, for a score at the threshold is a match."""
    if low >= high:
        raise UsageError("a pair marked as two people has a score of 1, the highest there is: is its label right?")
    middle = low + (high - low) / 2
    return middle if middle > low else high


def _source(found: Verification, rate: float) -> str:
    matched, recognised = found.false_positive_rate, found.true_positive_rate
    false = int((found.impostor >= found.threshold).sum())
    told = (
        f"{recognised.value:.1%} of {len(found.genuine)} pairs of one person recognised"
        if recognised.value is not None
        else "no pair of one person, so how many are recognised is not known"
    )
    return (
        f"calibrated on {len(found.scored)} pairs for a false-match rate of {rate:g}: {false} of {len(found.impostor)} "
        f"pairs of two people match (95 %: at most {matched.high:.2g}), {told}"
    )
