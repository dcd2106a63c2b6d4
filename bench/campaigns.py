"""The files that the daemon is measured with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SCRIPT_CONFIG = {"content_type": 0, "captions": "New clip! #launch", "material_list": ["C:/Videos/clip.mp4"]}


def serial(number: int) -> str:
    """Return the name of a simulated host's device, counted from 1."""
    return f"SIM{number:04}"


def body(number: int) -> dict[str, object]:
    """Return what one create says; the daemon sends the same."""
    return {"serials": [serial(number)], "script_name": "post", "script_config": SCRIPT_CONFIG}


def write_config(folder: Path, *, hosts: Mapping[str, str]) -> Path:
    """Write a config, by host name and URL, all else as it is by default; return where its ledger will be."""
    (folder / "campaigns").mkdir(parents=True)
    config = {"timezone": "UTC", "hosts": {name: {"url": url} for name, url in hosts.items()}}
    # JSON is YAML.
    (folder / "config.yaml").write_text(json.dumps(config))
    return folder / "state" / "runner.db"


def write_campaign(
    folder: Path, *, name: str, host: str, serials: Sequence[str], window: str, spread: str = "even"
) -> None:
    """Write a campaign with one entry that posts a clip from each device."""
    entry: dict[str, Any] = {
        "script_name": "post",
        "device_groups": ["devices"],
        "start_time": window,
        "spread": spread,
        "at_close": "leave",
        "script_config": SCRIPT_CONFIG,
    }
    campaign = {
        "name": name,
        "device_groups": {"devices": {"host": host, "serials": list(serials)}},
        "scripts": [entry],
    }
    (folder / "campaigns" / f"{name}.yaml").write_text(json.dumps(campaign))


def window_from(opens: datetime, *, length: timedelta) -> str:
    """Return the window that opens at a whole second (UTC), as campaign files write it."""
    closes = opens.astimezone(UTC) + length
    return f"{opens.astimezone(UTC):%H:%M:%S}-{closes:%H:%M:%S}"
