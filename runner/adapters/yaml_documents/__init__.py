"""Read YAML text into documents with positions; the only door to PyYAML."""

from __future__ import annotations

from runner.adapters.yaml_documents.reading import read_document

__all__ = ["read_document"]
