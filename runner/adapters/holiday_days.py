"""The door to the library `holidays`: the public holidays of countries and of parts of them, offline.

The library is imported where holidays are asked for, and not before: most commands need none.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from runner.errors import DaysUnknown
from runner.model.day_set import FIRST_KNOWN_YEAR, LAST_KNOWN_YEAR, Holidays
from runner.model.document import one_line
from runner.model.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Collection

_LANGUAGE = "en_US"


@lru_cache(maxsize=256)
def public_holidays(code: str) -> Holidays:
    """Return the public holidays of a place, e.g. `SE` or `DE-BY`, in the known years.

    They are a function of the code and of the library's version alone. Raises DaysUnknown where the library
    has no such place; its message says which one may be meant.
    """
    import holidays as library  # noqa: PLC0415 - 70 ms that most commands need not spend

    country, _, part = code.partition("-")
    parts = library.list_supported_countries(include_aliases=False)
    if country not in parts:
        raise DaysUnknown(f"no holidays are known of `{country[:40]}`{_meant(country, parts)}")
    if part and part not in parts[country]:
        short = [f"{country}-{name}" for name in parts[country] if name.isascii() and len(name) <= 3]  # noqa: PLR2004 - as in ISO 3166-2
        meant = did_you_mean(code, short, likeness=0.9) or f"; write {country}, the country as a whole"
        raise DaysUnknown(f"no holidays are known of `{part}` in `{country}`{meant}")
    years = range(FIRST_KNOWN_YEAR, LAST_KNOWN_YEAR + 1)
    with warnings.catch_warnings():
        # It warns of years that it does not know; `last_year` says so.
        warnings.simplefilter("ignore")
        found = library.country_holidays(country, subdiv=part or None, years=years, language=_LANGUAGE)
    days = {day: one_line(name) for day, name in sorted(found.items())}
    return Holidays(days, last_year=min(LAST_KNOWN_YEAR, found.end_year))


def _meant(written: str, codes: Collection[str]) -> str:
    """Return which country may be meant by UK, SWE, Sweden or swedn; the library knows the names."""
    from holidays.registry import COUNTRIES  # noqa: PLC0415 - as above

    code_of = {name: names[1] for module, names in COUNTRIES.items() for name in (module, *names)}
    name = nearest(written, code_of, likeness=0.8, most_compared=len(code_of))
    code = None if name is None else code_of[name]
    return f"; did you mean `{code}`?" if code in codes else "; write a code of ISO 3166, e.g. SE or DE-BY"
