"""Read YAML text into documents with positions; the only door to PyYAML."""

from __future__ import annotations

from runner.adapters.yaml_documents.decoding import MOST_BYTES
from runner.adapters.yaml_documents.reading import read_document

__all__ = ["MOST_BYTES", "read_document"]
