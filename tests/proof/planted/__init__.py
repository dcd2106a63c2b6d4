"""Known wrong engines: a figure of no violations means something only if each of these is caught."""

from proof.planted.bugs import LATER, PLANTED, Planted

__all__ = ["LATER", "PLANTED", "Planted"]
