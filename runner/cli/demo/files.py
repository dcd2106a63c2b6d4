"""The config and the campaigns of the demo: ordinary files, whose windows open now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

HOSTS = ("studio-pc", "office-pc", "attic-pc")
DEVICES_EACH = 8
_OPEN_FOR = timedelta(minutes=15)
_SPREAD_OVER = timedelta(seconds=20)

_CONFIG = """\
# Written by `campaign-runner demo`; an ordinary config.
timezone: UTC
poll_interval: 1s
http: {{timeout: 2s}}
hosts:
{hosts}
device_groups:
  studio: {{host: studio-pc, serials: [{studio}]}}
  office: {{host: office-pc, serials: [{office}]}}
  phones: {{groups: [studio, office]}}
  brands: {{host: attic-pc, usernames: ["@sim0001_1", "@sim0002_1", "@sim0003_1", "@sim0004_1"]}}
  readers: {{host: attic-pc, serials: [{attic}]}}
"""

_CAMPAIGNS: Mapping[str, str] = {
    "daily-clips": """\
description: A clip from every phone, and one from every brand account
scripts:
  - name: morning-clip
    script_name: post
    device_groups: [phones]
    start_time: "{spread}"
    script_config:
      content_type: 0
      captions: "Clip ${{index}} of ${{date}}"
      material_list: ["C:/Videos/${{date}}.mp4"]
    retry: {{attempts: 1, delay: 1s}}
  - name: brand-clip
    script_name: post
    device_groups: [brands]
    start_time: "{open}"
    spread: together
    script_config: {{content_type: 1, image_count: 2, captions: "News from ${{username}}"}}
""",
    "community": """\
description: Keep in touch with partners
scripts:
  - name: follow-partners
    script_name: follow
    device_groups: [office]
    start_time: "{open}"
    spread: together
    script_config: {{target_users: ["@partner_one", "@partner_two"]}}
  - name: unfollow-former
    script_name: unfollow
    device_groups: [studio]
    start_time: "{open}"
    spread: together
    script_config: {{target_user: "@former_partner"}}
""",
    "warm-up": """\
description: New phones look around before they post
scripts:
  - script_name: account_warmup
    device_groups: [readers]
    start_time: "{open}"
    spread: together
    script_config: {{task_duration: 60, topic: "gardening"}}
""",
    "answers": """\
description: Thank people for their questions
scripts:
  - name: thank-you
    script_name: comment
    device_groups: [readers]
    start_time: "{open}"
    spread: together
    script_config:
      target_post_urls: ["https://www.tiktok.com/@partner_one/video/1"]
      comment_content: "Thank you for asking!"
""",
}


def write_files(folder: Path, *, urls: Mapping[str, str], now: datetime) -> None:
    """Write the config and the campaigns below a folder.

    Args:
        folder: where to; its `campaigns` folder is made.
        urls: of the simulated hosts, by name.
        now: in UTC; the windows open at its second.
    """
    campaigns = folder / "campaigns"
    campaigns.mkdir(parents=True, exist_ok=True)
    hosts = "\n".join(f"  {name}: {{url: {url}}}" for name, url in urls.items())
    serials = ", ".join(f"SIM{number:04}" for number in range(1, DEVICES_EACH + 1))
    config = _CONFIG.format(hosts=hosts, studio=serials, office=serials, attic=serials)
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    windows = {"open": _window(now, lasts=_OPEN_FOR), "spread": _window(now, lasts=_SPREAD_OVER)}
    for name, text in _CAMPAIGNS.items():
        (campaigns / f"{name}.yaml").write_text(text.format(**windows), encoding="utf-8")


def _window(opens: datetime, *, lasts: timedelta) -> str:
    return f"{opens:%H:%M:%S}-{opens + lasts:%H:%M:%S}"
