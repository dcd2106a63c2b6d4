"""Public holidays come from a library, by their English names, for the same years whatever today is."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from runner.adapters.holiday_days import public_holidays
from runner.errors import DaysUnknown
from runner.model.day_set import FIRST_KNOWN_YEAR, LAST_KNOWN_YEAR


def test_the_holidays_of_a_country_have_english_names():
    days = public_holidays("SE").days
    assert days[date(2026, 12, 25)] == "Christmas Day"
    assert date(2026, 12, 24) not in days
    assert date(2026, 12, 6) not in days, "a Sunday is no holiday for being one"


def test_a_part_of_a_country_has_holidays_of_its_own():
    epiphany = date(2027, 1, 6)
    assert epiphany in public_holidays("DE-BY").days
    assert epiphany not in public_holidays("DE").days


@pytest.mark.parametrize("place", ["SE", "NO", "DE-BY", "US-CA", "CN", "GB-SCT"])
def test_they_are_known_for_all_the_years_and_no_others(place):
    found = public_holidays(place)
    assert {day.year for day in found.days} == set(range(FIRST_KNOWN_YEAR, LAST_KNOWN_YEAR + 1))
    assert found.last_year == LAST_KNOWN_YEAR
    assert list(found.days) == sorted(found.days)


def test_where_the_library_knows_fewer_years_the_last_one_is_told():
    found = public_holidays("LK")
    assert found.last_year < LAST_KNOWN_YEAR
    assert max(day.year for day in found.days) == found.last_year


@pytest.mark.parametrize(
    ("code", "words"), [("XQ", "write a code"), ("UK", "`GB`"), ("DE-XX", "known are DE-BB")]
)
def test_a_place_that_is_not_known_is_told_with_what_may_be_meant(code, words):
    with pytest.raises(DaysUnknown, match=words):
        public_holidays(code)


def test_the_library_is_not_loaded_where_nobody_asks_for_holidays():
    code = (
        "import sys, runner.app.load, runner.app.run_daemon\n"
        "print(sorted({'holidays', 'icalendar', 'recurring_ical_events', 'dateutil'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


VERSIONS = """
import datetime, sys
from pathlib import Path
import holidays
from runner.adapters.campaign_folder import FileText
from runner.adapters.yaml_documents import read_document
from runner.app.load import load_texts
from runner.core.check.config import check_config

known = holidays.country_holidays
def of_a_newer_release(country, **options):
    found = known(country, **options)
    if country == "SE":
        found[datetime.date(2026, 11, 24)] = "Day of the Lamp"
    return found
if sys.argv[1] == "newer":
    holidays.country_holidays = of_a_newer_release
config, _ = check_config(read_document("hosts: {pc: {url: 'http://pc:1'}}", file="c"), folder=Path("/x"))
entry = "device_groups: {g: {serials: [A]}}\\nscripts:\\n- {script_name: post, device_groups: [g], "
entry += "start_time: 9:00, script_config: {}}\\n"
for name in ("SE", "NO"):
    text = FileText(Path(name), f"except: [holidays:{name}]\\n{entry}".encode())
    (campaign,) = load_texts({name: text}, config=config, secret=str).campaigns
    print(campaign.version)
"""


def test_a_release_that_knows_other_holidays_makes_another_version_of_the_campaigns_that_name_them():
    def versions(release):
        command = [sys.executable, "-c", VERSIONS, release]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    (swedish, norwegian), newer = versions("this"), versions("newer")
    assert newer[1] == norwegian
    assert newer[0] != swedish
    assert versions("this") == [swedish, norwegian]
