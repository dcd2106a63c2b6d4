"""Speak to the YAML language server as an editor does: the Language Server Protocol over pipes."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWER_SECONDS = 30
"""How long it may take to answer: it reads the schemas at the first question, on a busy machine."""

SETTINGS = {"yaml": {"schemaStore": {"enable": False}, "validate": True, "hover": True, "completion": True}}
"""An editor's usual ones, but for the catalogue of schemas, which is on the network."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mark in the file; line and column count from 1."""

    line: int
    column: int
    message: str


class LanguageServer:
    """One running server; files are opened in it under the names that they have on disk."""

    def __init__(self, program: Path, *, root: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(program), "--stdio"],  # noqa: S607 - whichever node the person has
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._received: Queue[dict[str, Any] | None] = Queue()
        self._reader = Thread(target=self._receive, daemon=True)
        self._reader.start()
        self._asked = 0
        self._versions: dict[str, int] = {}
        capabilities = {"textDocument": {"hover": {"contentFormat": ["markdown"]}}}
        self._ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": capabilities})
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": SETTINGS})

    def diagnostics(self, path: Path, text: str) -> list[Diagnostic]:
        """Open a file with a text, or replace its text, and return what is marked in it."""
        uri = path.as_uri()
        version = self._versions[uri] = self._versions.get(uri, 0) + 1
        document = {"uri": uri, "languageId": "yaml", "version": version, "text": text}
        if version == 1:
            self._tell("textDocument/didOpen", {"textDocument": document})
        else:
            changed = {"textDocument": document, "contentChanges": [{"text": text}]}
            self._tell("textDocument/didChange", changed)
        for message in self._messages():
            if message.get("method") == "textDocument/publishDiagnostics":
                published = message["params"]
                # The server numbers no diagnostics; those of an earlier text came before this text was sent.
                if published["uri"] == uri:
                    return [_diagnostic(each) for each in published["diagnostics"]]
        raise AssertionError("the server ended")

    def completions(self, path: Path, *, line: int, column: int) -> list[str]:
        """Return what is offered at a place of an open file, in the order in which it is shown."""
        items = self._offered(path, line, column)
        return [item["label"] for item in sorted(items, key=lambda item: item.get("sortText", item["label"]))]

    def inserted(self, path: Path, label: str, *, line: int, column: int) -> list[str]:
        """Return what each offer of one name would write at a place of an open file."""
        return [item["insertText"] for item in self._offered(path, line, column) if item["label"] == label]

    def hover(self, path: Path, *, line: int, column: int) -> str:
        """Return what is shown over a place of an open file, as Markdown; empty where nothing is."""
        found = self._ask("textDocument/hover", _place(path, line, column))
        return found["contents"]["value"] if found else ""

    def close(self) -> None:
        """End the server the way an editor does."""
        self._ask("shutdown", None)
        self._tell("exit", None)
        self._process.wait(ANSWER_SECONDS)
        self._reader.join(ANSWER_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _offered(self, path: Path, line: int, column: int) -> list[dict[str, Any]]:
        found = self._ask("textDocument/completion", _place(path, line, column))
        return found["items"] if isinstance(found, dict) else found

    def _ask(self, method: str, params: Any) -> Any:
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        for message in self._messages():
            if message.get("id") == self._asked and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]
        raise AssertionError("the server ended")

    def _tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _messages(self) -> Iterator[dict[str, Any]]:
        """Yield what the server sends; what it asks itself is answered with nothing."""
        while (message := self._received.get(timeout=ANSWER_SECONDS)) is not None:
            if "method" in message and "id" in message:
                self._send({"id": message["id"], "result": None})
            else:
                yield message

    def _receive(self) -> None:
        assert self._process.stdout is not None
        stream = self._process.stdout
        while header := stream.readline():
            length = int(header.removeprefix(b"Content-Length:"))
            while stream.readline().strip():
                pass
            self._received.put(json.loads(stream.read(length)))
        self._received.put(None)


def _place(path: Path, line: int, column: int) -> dict[str, Any]:
    position = {"line": line - 1, "character": column - 1}
    return {"textDocument": {"uri": path.as_uri()}, "position": position}


def _diagnostic(published: dict[str, Any]) -> Diagnostic:
    start = published["range"]["start"]
    return Diagnostic(start["line"] + 1, start["character"] + 1, published["message"])
