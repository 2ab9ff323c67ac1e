"""What decoding is made of: formats by content, colour to sRGB, resampling. `artvision.image` puts it together."""
