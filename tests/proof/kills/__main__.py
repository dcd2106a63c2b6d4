"""Starts the proof by kills."""

import sys

from proof.kills.command import run

if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
