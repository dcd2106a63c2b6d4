"""Check the text of files in a test, and name what is wrong in it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from runner.adapters.campaign_folder import FileText
from runner.adapters.event_files import event_days
from runner.adapters.holiday_days import public_holidays
from runner.adapters.secrets import Secrets
from runner.adapters.yaml_documents import read_document
from runner.app.load import load_texts
from runner.core.check.config import check_config

CONFIG = """\
hosts:
  studio-pc: {url: http://localhost:50809/api/v1}
device_groups:
  studio: {serials: [S1, S2]}
  brands: {usernames: ["@a", "@b"]}
extra_scripts: [shop]
"""

FOLDER = Path("/srv/runner")


def config(text=CONFIG):
    checked, problems = check_config(read_document(text, file="config.yaml"), folder=FOLDER)
    assert problems == ()
    assert checked is not None
    return checked


def problems_of_config(text):
    checked, problems = check_config(
        read_document(text, file="config.yaml"), folder=FOLDER, holidays=public_holidays, events=_events
    )
    assert (checked is None) == any(problem.severity == "error" for problem in problems)
    return problems


def _events(name, timezone):
    return event_days(FOLDER / name, timezone)


def load_one(text, *, name="x.yaml", environ=None, config_text=CONFIG):
    content = text if isinstance(text, bytes) else text.encode()
    secrets = Secrets(environ=environ or {}, folder=FOLDER)
    return load_texts(
        {name: FileText(Path(name), content)}, config=config(config_text), secret=secrets.look_up
    )


def found_in(text, **options):
    return [(p.line, p.column, p.severity.value, p.message) for p in load_one(text, **options).problems]


def entry(script_config="{}", *, script="post", groups="[studio]", more=""):
    return dedent(f"""\
        scripts:
          - script_name: {script}
            device_groups: {groups}
            start_time: "09:00-11:00"
            script_config: {script_config}
            {more}
        """)


ENTRY = entry()
