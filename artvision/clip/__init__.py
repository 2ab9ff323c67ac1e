"""CLIP: which model `--model` means, its encoder, and zero-shot tags from a vocabulary."""
