"""Judges a life of the runner by what truly happened; imports nothing of the program that it judges."""

from proof.checker.case import Case, Violation
from proof.checker.verdict import Verdict, judge

__all__ = ["Case", "Verdict", "Violation", "judge"]
