"""`python -m artvision`."""

from artvision.cli import main

if __name__ == "__main__":
    main()
