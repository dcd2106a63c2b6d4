"""`python -m editors`, with `PYTHONPATH=tests`: write the transcript into the page about editors."""

from __future__ import annotations

from editors.language_server import LanguageServer
from editors.questions import PROGRAM, ROOT
from editors.transcript import PAGE, page_with_transcript

if __name__ == "__main__":
    server = LanguageServer(PROGRAM, root=ROOT)
    PAGE.write_text(page_with_transcript(server), encoding="utf-8")
    server.close()
