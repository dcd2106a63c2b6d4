"""What is asked of the language server: edits of the example files, with the place of the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "build/editors/node_modules/yaml-language-server/bin/yaml-language-server"
"""Where `make editors` installs it."""

CURSOR = "‸"


@dataclass(frozen=True, slots=True)
class Edited:
    """An example file with one place written anew; `becomes` may hold the cursor."""

    file: str
    was: str
    becomes: str

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return ROOT / self.file

    @property
    def text(self) -> str:
        """Return the whole text, without the cursor."""
        return self._marked().replace(CURSOR, "")

    @property
    def written(self) -> str:
        """Return the line that was edited, as it then is; an empty one with the line above it."""
        lines = [line.partition(" #")[0].strip() for line in self.becomes.strip("\n").split("\n")]
        line = next((line for line in lines if CURSOR in line), lines[0])
        if line != CURSOR:
            return f"`{line}`"
        above = [line.partition("#")[0].strip() for line in self._marked().split("\n")[: self.cursor[0] - 1]]
        return f"`{line}` below `{next(filter(None, reversed(above)))}`"

    @property
    def cursor(self) -> tuple[int, int]:
        """Return the cursor's line and column, from 1."""
        before = self._marked().partition(CURSOR)[0].split("\n")
        return len(before), len(before[-1]) + 1

    def _marked(self) -> str:
        text = self.path.read_text(encoding="utf-8")
        assert self.was in text, (self.file, self.was)
        return text.replace(self.was, self.becomes, 1)


COMPLETIONS = (
    Edited("campaigns/post.yaml", "days: weekdays\n", "days: weekdays\n‸\n"),
    Edited("campaigns/post.yaml", "days: weekdays\n", "days: ‸\n"),
    Edited("campaigns/post.yaml", "script_name: post\n", "script_name: ‸\n"),
    Edited("campaigns/follow.yaml", "    spread: random", "    ‸\n    spread: random"),
    Edited("campaigns/week.yaml", "    spread: even\n", "    spread: even\n    at_close: ‸\n"),
    Edited("campaigns/follow.yaml", "      access_method: search\n", "      ‸\n"),
    Edited("campaigns/follow.yaml", "access_method: search\n", "access_method: ‸\n"),
    Edited("campaigns/quickstart.yaml", "{serials: [", "{‸serials: ["),
    Edited("config.example.yaml", "    in_flight: 20\n", "    ‸\n"),
    Edited("config.example.yaml", "  level: info\n", "  level: ‸\n"),
)

HOVERS = (
    Edited("campaigns/week.yaml", "device_groups:\n", "device‸_groups:\n"),
    Edited("campaigns/post.yaml", "start_time:", "start‸_time:"),
    Edited("campaigns/post.yaml", "spread:", "spr‸ead:"),
    Edited("campaigns/post.yaml", "upload_wait_time:", "upload‸_wait_time:"),
    Edited("config.example.yaml", "  settle:", "  set‸tle:"),
)

MISTAKES = (
    Edited("campaigns/post.yaml", "    spread: even", "    spred: even"),
    Edited("campaigns/week.yaml", "at_close: stop ", "at_close: stopp "),
    Edited("campaigns/post.yaml", '"09:00-11:00"', '"9-11"'),
    Edited("campaigns/week.yaml", "[2026-12-24, 2026-12-25]", "[2026-12-24, christmas]"),
    Edited("campaigns/follow.yaml", "min_gap: 30m", "min_gap: 30"),
    Edited("campaigns/post.yaml", "content_type: 0\n", "content_type: video\n"),
    Edited("campaigns/comment.yaml", "comment_content: |", "comment_contents: |"),
    Edited("campaigns/quickstart.yaml", '    start_time: "14:30"', '    # start_time: "14:30"'),
    Edited("config.example.yaml", "    url: http", "    # url: http"),
    Edited("config.example.yaml", "poll_interval: 5s", "poll_interval: 5"),
)
