"""Check files: from documents to campaigns and settings, or to every problem in them."""

from __future__ import annotations

from runner.core.check.campaign import check_campaign
from runner.core.check.config import check_config

__all__ = ["check_campaign", "check_config"]
