"""Training of the bundled starter CLIP: corpus, captions, network, training, evidence, model card."""
