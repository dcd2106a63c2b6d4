"""Starts the proof by crash points."""

import sys

from proof.crashes.command import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
