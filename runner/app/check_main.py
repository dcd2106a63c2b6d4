"""The child that checks files: one question from standard input, one answer to standard output."""

from __future__ import annotations

import pickle
import sys
from typing import TYPE_CHECKING

import runner.core.check.campaign  # noqa: F401 - it takes long, and the question is still to come
from runner.app.check_child import CheckCampaigns, CheckConfig, Checked, Rejected
from runner.app.load import check_texts
from runner.app.load_config import load_config
from runner.errors import FilesRejected

if TYPE_CHECKING:
    from runner.app.loaded import LoadedConfig


def answer(question: CheckConfig | CheckCampaigns) -> LoadedConfig | Checked | Rejected:
    """Return what the files of a question say."""
    match question:
        case CheckConfig(path, environ, working_folder):
            try:
                return load_config(path, environ=environ, working_folder=working_folder)
            except FilesRejected as rejected:
                return Rejected(rejected.problems, rejected.calendar_files)
        case CheckCampaigns(texts, config, secrets, working_folder):
            asked: set[str] = set()

            def look_up(name: str) -> str:
                asked.add(name)
                return secrets.look_up(name)

            files = check_texts(texts, config=config, secret=look_up, working_folder=working_folder)
            return Checked(files, frozenset(asked))


if __name__ == "__main__":
    asked = sys.stdin.buffer.read()
    # Nothing, where the daemon ended before it had a question.
    if asked:
        question = pickle.loads(asked)  # noqa: S301 - written by our own code, on a pipe of our own
        sys.stdout.buffer.write(pickle.dumps(answer(question)))
