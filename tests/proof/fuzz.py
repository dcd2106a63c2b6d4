"""Fuzzing of files: whatever stands in one, the answer is a campaign or problems, soon, and no traceback."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from runner.adapters.campaign_folder import FileText
from runner.adapters.event_files import event_days
from runner.adapters.holiday_days import public_holidays
from runner.adapters.secrets import Secrets
from runner.adapters.yaml_documents import read_document
from runner.app.load import load_texts
from runner.core.check.config import check_config
from runner.model.campaign_file import CampaignFile, EntryFile, RetryFile
from runner.model.config_file import CalendarFile, ConfigFile, HostFile, HttpFile, LogFile, WebFile
from runner.model.scripts import SCRIPTS
from runner.model.shared_file import GroupFile, LimitsFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random
    from types import FrameType

ROOT = Path(__file__).parents[2]
MOST_SECONDS = 1.0
"""Of CPU: the machine may be busy with something else."""

_HUNG_SECONDS = 20.0
_MODELS = (
    CampaignFile,
    EntryFile,
    GroupFile,
    LimitsFile,
    RetryFile,
    ConfigFile,
    CalendarFile,
    HostFile,
    HttpFile,
    LogFile,
    WebFile,
    *SCRIPTS.values(),
)
_KEYS = sorted({key for model in _MODELS for key in model.known_keys()})
_VALUES = (
    *(
        "",
        "~",
        "[]",
        "{}",
        "x",
        "'5'",
        "-1",
        "0",
        "01",
        "1e9",
        "9" * 30,
        "no",
        "true",
        "*a",
        "&a x",
        "!t x",
        "|",
    ),
    *(
        ">",
        "@",
        "`",
        "%",
        "? x",
        "- x",
        "#",
        "'",
        '"',
        '"\\',
        '"\\x"',
        "${",
        "${env:X}",
        "${serial}",
        "$${",
        "<<",
    ),
    *(
        "09:00-11:00",
        "24:00",
        "9:00-9:00",
        "5m",
        "2d",
        "2026-02-30",
        "mon",
        "daily",
        "holidays:SE",
        "calendar:breaks",
        "2026-12-24..2027-01-06",
        "config.example.yaml",
        "Europe/Oslo",
    ),
    *(
        "../x",
        "a/" * 40,
        "post",
        "like",
        "studio",
        "\ufeff",
        "\x00",
        "\x85",
        "\u2028",
        "e\u0301",
        "日本",
        "\U0001f4a9",
    ),
    *(
        "[a, [b]]",
        "{a: {b: c}}",
        "[" * 40,
        "{a: " * 40,
        "- " * 40,
        "x" * 2_000,
        "---",
        "...",
        "\t",
        "\r",
        "http://x",
    ),
)
_TOKENS = (*_VALUES, ":", ",", "]", "}", "\n", "\n  ", "\n    - ", ": ", "- ", "  ")


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one input; `wrong` is empty where all was well."""

    seed: int
    seconds: float
    wrong: str = ""


def content_of(seed: int) -> bytes:
    """Return the input of a seed: an example that was damaged, or a file made of known keys, or noise."""
    source = random.Random(seed)
    kind = source.random()
    if kind < 0.6:
        text = _damaged(source, source.choice(_examples()))
    elif kind < 0.9:
        text = _made(source, depth=0)
    else:
        text = "".join(source.choices(_TOKENS, k=source.randint(0, 60)))
    content = text.encode(errors="surrogatepass")
    if source.random() < 0.1:
        content = _damaged_bytes(source, content)
    return content


def judge(seed: int) -> Judged:
    """Check the input of a seed as a campaign and as a config."""
    content = content_of(seed)
    began = time.process_time()
    try:
        wrong = fault_in(content)
    except Exception:  # noqa: BLE001 - any is what is looked for
        wrong = traceback.format_exc(limit=-6)
    seconds = time.process_time() - began
    if seconds > MOST_SECONDS and not wrong:
        wrong = f"took {seconds:.1f} s"
    return Judged(seed, seconds, wrong)


def judge_all(seeds: Sequence[int], *, workers: int) -> Iterator[Judged]:
    """Judge many, in processes of their own; one that hangs is ended and told as wrong."""
    with multiprocessing.Pool(workers, initializer=_never_hang) as pool:
        yield from pool.imap(_judge_in_time, seeds, chunksize=50)


def fault_in(content: bytes) -> str:
    """Return what is wrong with how a content is checked; "" where nothing is."""
    secrets = Secrets(environ={}, folder=ROOT)
    text = FileText(Path("x.yaml"), content)
    loaded = load_texts({"x.yaml": text}, config=_config(), secret=secrets.look_up)
    lines = content.count(b"\n") + content.count(b"\r") + 1
    if not loaded.broken == (loaded.campaigns == ()) == (loaded.rejected == ("x.yaml",)):
        return "neither a campaign nor rejected"
    config, problems = _check_config(content)
    if (config is None) != any(problem.severity == "error" for problem in problems):
        return "neither a config nor rejected"
    for problem in (*loaded.problems, *problems):
        if not str(problem).isprintable() or not 1 <= problem.line <= lines or problem.column < 1:
            return f"a problem that cannot be shown: {problem!r}"
    return ""


@cache
def _config():
    text = (ROOT / "config.example.yaml").read_bytes()
    config, _ = _check_config(text)
    return config


def _check_config(content: bytes):
    def events(name: str, timezone: str):
        return event_days(ROOT / name, timezone)

    document = read_document(content, file="c")
    return check_config(document, folder=ROOT, holidays=public_holidays, events=events)


@cache
def _examples() -> tuple[str, ...]:
    files = [ROOT / "config.example.yaml", *sorted((ROOT / "campaigns").glob("*.yaml"))]
    return tuple(file.read_text(encoding="utf-8") for file in files)


def _damaged(source: Random, text: str) -> str:
    for _ in range(source.randint(1, 6)):
        lines = text.split("\n")
        at = source.randrange(len(lines))
        key, colon, _value = lines[at].partition(":")
        match source.randrange(9):
            case 0:
                lines[at] = f"{key}{colon} {source.choice(_VALUES)}"
            case 1:
                lines[at] = f"{key[: len(key) - len(key.lstrip())]}{source.choice(_KEYS)}{colon}{_value}"
            case 2:
                lines[at] = source.choice(("", " ", "  ", "\t", "- ")) + lines[at]
            case 3:
                lines[at] = lines[at].lstrip()
            case 4:
                del lines[at]
            case 5:
                lines.insert(source.randrange(len(lines)), lines[at])
            case 6:
                lines[at:at] = lines[at : at + source.randint(1, 12)] * source.randint(1, 30)
            case 7:
                cut = source.randint(0, len(lines[at]))
                lines[at] = lines[at][:cut] + source.choice(_TOKENS) + lines[at][cut + source.randint(0, 2) :]
            case _:
                lines[at] = lines[at].swapcase()
        text = "\n".join(lines)
    return text


def _damaged_bytes(source: Random, content: bytes) -> bytes:
    match source.randrange(4):
        case 0:
            return content[: source.randint(0, len(content))]
        case 1:
            return content.decode(errors="replace").encode(source.choice(("utf-16", "utf-16-le", "utf-32")))
        case 2:
            at = source.randint(0, len(content))
            return content[:at] + source.randbytes(source.randint(1, 8)) + content[at:]
        case _:
            return source.randbytes(source.randint(0, 200))


def _made(source: Random, *, depth: int) -> str:
    """Return a mapping in flow style that is nearly right."""
    parts = []
    for _ in range(source.randint(0, 6)):
        key = source.choice(_KEYS)
        value = source.random()
        if value < 0.5 or depth > 4:
            written = source.choice(_VALUES)
        elif value < 0.75:
            written = _made(source, depth=depth + 1)
        else:
            items = [_made(source, depth=depth + 1) for _ in range(source.randint(0, 3))]
            written = f"[{', '.join(items)}]"
        parts.append(f"{key}: {written}")
    return "\n".join(parts) if depth == 0 else "{" + ", ".join(parts) + "}"


def _never_hang() -> None:
    def end(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still busy after {_HUNG_SECONDS:.0f} s of CPU")

    signal.signal(signal.SIGVTALRM, end)


def _judge_in_time(seed: int) -> Judged:
    signal.setitimer(signal.ITIMER_VIRTUAL, _HUNG_SECONDS)
    try:
        return judge(seed)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
