"""`validate`: CPU for many files, for a large one, and for files that nobody should write."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.figures import Figure, of
from bench.processes import cpu_of_command
from runner.app.load import load

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 5
FILES = 1_000
ENTRIES = 20
LARGE_BYTES = 150 * 1024
_CONFIG = "timezone: Europe/Stockholm\nhosts: {farm: {url: 'http://localhost:50809/api/v1'}}\n"
_VALIDATE = ["-m", "runner", "validate"]
_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def run() -> Iterator[Figure]:
    """Measure each in a folder of its own."""
    with TemporaryDirectory() as name:
        folder = _folder(Path(name) / "many", {f"c{n:04}": _campaign(n, ENTRIES) for n in range(FILES)})
        loads = [_cpu_of_load(folder) for _ in range(ROUNDS)]
        yield of(f"CPU, {FILES:,} files of {ENTRIES} entries, in process", loads, unit="s", most=6)
        command = [sys.executable, *_VALIDATE]
        whole = [cpu_of_command(command, folder=folder) for _ in range(ROUNDS)]
        yield of("CPU, the same, whole command", whole, unit="s", most=6)
        folder = _folder(Path(name) / "large", {"large": _large()})
        loads = [_cpu_of_load(folder) for _ in range(ROUNDS)]
        yield of("CPU, a campaign of 150 KiB, in process", loads, unit="s", most=0.3)
        folder = _folder(Path(name) / "one", {"one": _campaign(1, 1)})
        whole = [cpu_of_command(command, folder=folder) for _ in range(ROUNDS)]
        yield of("CPU, one small file, whole command", whole, unit="s")
        for what, content in _hostile().items():
            folder = _folder(Path(name) / what.replace(" ", "-"), {"hostile": content})
            whole = [cpu_of_command(command, folder=folder, exits=1) for _ in range(ROUNDS)]
            yield of(f"CPU, {what}, whole command", whole, unit="s", most=1)


def _hostile() -> dict[str, bytes]:
    text = _campaign(1, ENTRIES).decode()
    return {
        "a file of 2 MB": text.encode() * (2_000_000 // len(text) + 1),
        "a file of 20 MB": text.encode() * (20_000_000 // len(text) + 1),
        "an alias bomb": _BOMB.encode(),
        "5,000 brackets": b"scripts: " + b"[" * 5_000,
        "UTF-16": text.encode("utf-16"),
        "NUL bytes": text.encode() + b"\0" * 4_096,
        "1 MiB of unknown keys": b"".join(b"tmezone%d: x\n" % n for n in range(60_000)),
    }


def _folder(folder: Path, files: dict[str, bytes]) -> Path:
    (folder / "campaigns").mkdir(parents=True)
    (folder / "config.yaml").write_text(_CONFIG)
    for name, content in files.items():
        (folder / "campaigns" / f"{name}.yaml").write_bytes(content)
    return folder


def _large() -> bytes:
    one, two = _campaign(1, 1), _campaign(1, 2)
    return _campaign(1, (LARGE_BYTES - len(one)) // (len(two) - len(one)) + 1)


def _campaign(number: int, entries: int) -> bytes:
    serials = ", ".join(f"DEV{number:04}{each}" for each in range(5))
    text = (
        f"name: campaign-{number}\ndescription: As people write them\ntimezone: Europe/Stockholm\n"
        f"from: 2026-12-01\nuntil: 2027-12-31\ndays: weekdays\nexcept: [2026-12-24, 2026-12-25]\n"
        f"device_groups:\n  phones:\n    serials: [{serials}]\nscripts:\n"
    )
    for each in range(entries):
        hour = each % 20
        text += (
            f"  - name: entry-{each}\n    script_name: post\n    device_groups: [phones]\n"
            f'    start_time: "{hour:02}:00-{hour + 1:02}:00"\n    spread: even\n'
            f"    retry: {{attempts: 2, delay: 5m}}\n    script_config:\n      content_type: 0\n"
            f'      captions: "Clip of ${{date}} #launch {each}"\n      add_sound: 1\n'
            f'      material_list: ["C:/Videos/clip{each}.mp4"]\n'
        )
    return text.encode()


def _cpu_of_load(folder: Path) -> float:
    began = time.process_time()
    loaded = load(folder / "config.yaml", environ={}, working_folder=folder)
    spent = time.process_time() - began
    assert not loaded.broken
    return spent
