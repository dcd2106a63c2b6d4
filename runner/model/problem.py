"""Problems, under the name by which the facts know them."""

from runner.errors import Problem, Severity

__all__ = ["Problem", "Severity"]
