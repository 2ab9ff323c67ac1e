"""A gallery belongs to one embedder with its weights: templates of another make say nothing about one another."""

from __future__ import annotations

from pathlib import Path

from artvision.errors import GalleryError
from artvision.gallery import Decision, Gallery
from artvision.recognition.embedder import Make
from artvision.weights import expected_sha256, get_model


def weights_of(make: Make) -> tuple[str, ...]:
    """sha256 of the weight files that the make's templates come from, in the manifest's order."""
    model = get_model(make.model)
    return tuple(expected_sha256(model, file) for file in model.files)


def new_gallery(make: Make) -> Gallery:
    """An empty gallery for that make, with its own threshold."""
    return Gallery(make.name, weights_of(make), make.width, Decision(make.threshold, make.margin, make.source))


def require_same_make(gallery: Gallery, make: Make, path: Path) -> None:
    """Raises GalleryError, naming the command that enrols again, where the gallery's templates are of another make."""
    again = f"enrol again into a new file: `artvision actors enroll PEOPLE -g NEW --embedder {make.name}`"
    if gallery.embedder != make.name:
        raise GalleryError(f"{path} holds templates of {gallery.embedder}, not of {make.name}; {again}")
    if gallery.weights != weights_of(make):
        raise GalleryError(f"{path} holds templates of other weights of {make.name} than those here; {again}")
