"""The tutorial is followed word by word by somebody who types what it says and looks at what is printed."""

from __future__ import annotations

import shlex
import socket
import time
from pathlib import Path

import pytest
from support.noon import zone_at_noon
from support.pages import blocks, prints, shown
from support.printed import KEY, stable
from support.terminals import Terminal, environment

ROOT = Path(__file__).parents[2]
LOOKS = {"events", "hosts", "results", "runs", "show", "status"}
"""These commands change nothing: who does not see yet what the page shows looks again."""
PATIENCE_SECONDS = 40


class Person:
    """Follows a page in an empty folder; where it is noon, and where the page's port is another free one."""

    def __init__(self, folder, environ):
        self.folder = folder
        self.environ = environ
        self.terminals = {}
        self.keys = {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.own = {":50809/": f":{self.port}/", "Europe/Stockholm": zone_at_noon()}

    def follow(self, block):
        match block.mark, block.language:
            case "not run", _:
                assert block.marked, "say why it is not run"
            case "edit", "diff":
                self.edit(block)
            case "file", _:
                assert (self.folder / block.marked).read_text() == block.text
            case "goes on", "console":
                self.start(block)
            case "Ctrl-C", "console":
                self.end(block)
            case "", "console":
                for one in shown(block):
                    self.type(one)
            case "", "yaml":
                pass  # an example to read; test_pages checks it
            case _:
                pytest.fail(f"nobody knows what to do with a {block.language} block, {block.mark}")

    def edit(self, block):
        lines = block.text.splitlines(keepends=True)
        gone = "".join(line[1:] for line in lines if line.startswith("-"))
        come = "".join(line[1:] for line in lines if line.startswith("+"))
        file = self.folder / block.marked
        text = file.read_text()
        assert text.count(gone) == 1, gone
        file.write_text(text.replace(gone, come))
        self.make_own()

    def make_own(self):
        config = self.folder / "config.yaml"
        if config.exists():
            text = config.read_text()
            for pages, ours in self.own.items():
                text = text.replace(pages, ours)
            config.write_text(text)

    def start(self, block):
        (one,) = shown(block)
        command = one.command
        if block.marked == "simulator":
            command += f" --port {self.port}"
        terminal = Terminal(f"exec {command}", folder=self.folder, environ=self.environ)
        self.terminals[block.marked] = terminal
        self.wait_until(lambda: self.as_on_page(terminal.lines(), one.printed), terminal.lines)

    def end(self, block):
        (ctrl_c, *printed) = block.text.splitlines()
        assert ctrl_c == "^C"
        terminal = self.terminals.pop(block.marked)
        before = len(terminal.lines())
        terminal.press_ctrl_c()
        try:
            assert terminal.wait(seconds=PATIENCE_SECONDS) == 0
            shown_then = stable(terminal.lines()[before:])
            assert shown_then[len(shown_then) - len(printed) :] == stable(printed)
        finally:
            terminal.close()

    def type(self, one):
        words = shlex.split(one.command)
        if words[0] == "cd":
            self.folder /= words[1]
            self.make_own()
            return
        command = " ".join(shlex.quote(self.real_word(word)) for word in words)
        lines = []

        def is_as_printed():
            lines[:] = self.output(command)
            return self.as_on_page(lines, one.printed)

        if words[1] in LOOKS:
            self.wait_until(is_as_printed, lambda: lines)
        elif not is_as_printed():
            assert stable(self.pages_words(lines)) == stable(one.printed)
            pytest.fail(f"{one.command} prints something else")

    def output(self, command):
        terminal = Terminal(command, folder=self.folder, environ=self.environ)
        try:
            terminal.wait(seconds=PATIENCE_SECONDS)
            return terminal.lines()
        finally:
            terminal.close()

    def as_on_page(self, lines, printed):
        if not prints(stable(printed), stable(self.pages_words(lines))):
            return False
        on_page, real = (KEY.findall("\n".join(found)) for found in (printed, lines))
        if len(on_page) == len(real):
            self.keys.update(zip(on_page, real, strict=True))
        return True

    def pages_words(self, lines):
        """Return lines with the port and zone of the page instead of our own."""
        text = "\n".join(lines)
        for pages, ours in self.own.items():
            text = text.replace(ours, pages)
        return text.splitlines()

    def real_word(self, word):
        """Return the real key where a word of a command is the beginning of one of the page's keys."""
        keys = [ours for pages, ours in self.keys.items() if len(word) >= 4 and pages.startswith(word)]
        return keys[0] if keys else word

    def wait_until(self, met, lines):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not met():
            if time.monotonic() > deadline:
                pytest.fail("in vain; it prints:\n" + "\n".join(stable(self.pages_words(lines()))))
            time.sleep(0.1)


# Twenty programs start one after the other, each a second of work on a machine that is busy otherwise.
@pytest.mark.timeout(400)
def test_the_tutorial_works_as_printed(tmp_path):
    (tmp_path / "empty").mkdir()
    person = Person(tmp_path / "empty", environment(tmp_path))
    try:
        for block in blocks((ROOT / "docs/tutorial.md").read_text()):
            person.follow(block)
        assert person.terminals == {}, "something is left running at the end of the page"
    finally:
        for terminal in person.terminals.values():
            terminal.close()
