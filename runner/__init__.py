"""The scheduled batch campaign runner for TikMatrix hosts."""

__version__ = "0.1.0"
