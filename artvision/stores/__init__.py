"""Object stores and web servers through fsspec: what a URI names is read, listed and, for runs, written."""
