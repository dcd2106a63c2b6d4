"""`demo`: everything at once on simulated hosts."""

from runner.cli.demo.command import command

__all__ = ["command"]
