"""Wrong ways to plan."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from proof.planted.grafting import grafted
from runner.app import planning, reload
from runner.core import expand, windows

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_NOON = time(12)


def day_of_change_dropped() -> AbstractContextManager[None]:
    """Drop each day on which clocks change."""
    days_to_plan = planning.days_to_plan

    def forgetful(zone: Any, **others: Any) -> Any:
        def offset(day: Any) -> Any:
            return datetime.combine(day, _NOON, tzinfo=zone).utcoffset()

        found = days_to_plan(zone, **others)
        return [day for day in found if offset(day) == offset(day - timedelta(days=1))]

    return grafted((planning, "days_to_plan", forgetful))


def _keys_with(addition: Any) -> AbstractContextManager[None]:
    planned, keys_of_run = expand._planned, expand.keys_of_run
    added: list[str] = [""]

    def remembering(campaign: Any, *, entry: Any, order: Any, opened: Any) -> Any:
        added[0] = addition(campaign, order)
        return planned(campaign, entry=entry, order=order, opened=opened)

    def wrong(campaign: str, *, script: str, **others: Any) -> Any:
        return keys_of_run(campaign, script=script + added[0], **others)

    return grafted((expand, "_planned", remembering), (expand, "keys_of_run", wrong))


def key_of_content() -> AbstractContextManager[None]:
    """Make keys from what is sent."""
    return _keys_with(lambda _campaign, order: sha256(repr(order).encode()).hexdigest())


def key_of_file_name() -> AbstractContextManager[None]:
    """Make keys from the file's name."""
    return _keys_with(lambda campaign, _order: campaign.file)


def misses_of_a_wrong_clock_stay() -> AbstractContextManager[None]:
    """Let a day be as it was planned and told by a clock that was ahead."""
    return grafted((planning.Planner, "clock_went_back", lambda _planner: None))


def machine_zone() -> AbstractContextManager[None]:
    """Take every time for one of the machine's own zone."""
    return grafted((expand, "ZoneInfo", lambda _name: ZoneInfo("Europe/Stockholm")))


def second_of_two() -> AbstractContextManager[None]:
    """Take a time that comes twice for the second."""
    first_instant = windows.first_instant

    def second(on_clock: datetime, *, zone: Any) -> int:
        first = first_instant(on_clock, zone=zone)
        both = [on_clock.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)]
        return first + max(0, (both[0] - both[1]) // timedelta(microseconds=1))

    return grafted((windows, "first_instant", second))


def broken_file_replaces() -> AbstractContextManager[None]:
    """Take a file that does not check for one that is gone."""
    remove = reload.Campaigns._remove

    async def removing(self: Any, loaded: Any, *, staying: Any, **others: Any) -> Any:
        return await remove(self, loaded, staying=set(staying) - set(loaded.rejected), **others)

    async def forgetting(self: Any, loaded: Any, **_others: Any) -> Any:
        for name, one in list(self.in_force.items()):
            if one.campaign.file in loaded.rejected:
                del self.in_force[name]
        return []

    return grafted((reload.Campaigns, "_remove", removing), (reload.Campaigns, "_keep", forgetting))
