"""The targets that some scripts name in their configuration: the host makes a task of each."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_USERS = ("target_users", "target_user")
TARGET_KEYS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"follow": _USERS, "unfollow": _USERS, "comment": ("target_post_urls", "target_post_url")}
)
"""By script: the key of a list of targets, which wins, and the key of one or several in a text."""


def split_targets(text: str) -> tuple[str, ...]:
    """Return the targets of one text: one per line, or separated by commas."""
    return tuple(part.strip() for part in re.split(r"[\n,]", text) if part.strip())


def targets_of(keys: tuple[str, str], script_config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the targets that a configuration names under one of two keys; none where it names none."""
    many, one = keys
    listed = script_config.get(many)
    if isinstance(listed, list) and listed:
        return tuple(str(target) for target in listed)
    return split_targets(str(script_config.get(one) or ""))
