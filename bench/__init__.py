"""Measures the product against yardsticks: `python -m bench [NAME...]`."""
