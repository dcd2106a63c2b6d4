"""The devices of a simulated host: who is logged in on them, and which are plugged in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Place(NamedTuple):
    """Where a task runs: a device, and the account on it if one was asked for."""

    serial: str
    username: str | None


class Devices:
    """Devices by serial, with their accounts."""

    def __init__(self, serials: Sequence[str], *, accounts: Mapping[str, Sequence[str]]) -> None:
        self._accounts: dict[str, tuple[str, ...]] = dict.fromkeys(serials, ())
        self._accounts.update({serial: tuple(names) for serial, names in accounts.items()})
        self._holders = {
            _bare(name): Place(serial, name)
            for serial, names in reversed(self._accounts.items())
            for name in names
        }
        self.unplugged: set[str] = set()

    def __len__(self) -> int:
        return len(self._accounts)

    def __contains__(self, serial: str) -> bool:
        return serial in self._accounts

    def accounts(self, serial: str) -> tuple[str, ...]:
        """Return who is logged in on a device; nobody on one that is not known."""
        return self._accounts.get(serial, ())

    def holder(self, username: str) -> Place | None:
        """Return an account's device, and the account as the device spells it; a leading @ says nothing."""
        return self._holders.get(_bare(username))

    def adopt(self, place: Place) -> None:
        """Add a device, or an account to a device, and plug it in."""
        self.plug(place.serial)
        names = self._accounts[place.serial]
        if place.username is not None and place.username not in names:
            self._accounts[place.serial] = (*names, place.username)
            self._holders.setdefault(_bare(place.username), place)

    def plug(self, serial: str) -> None:
        """Plug a device in; one that is not known becomes one, with nobody logged in."""
        self._accounts.setdefault(serial, ())
        self.unplugged.discard(serial)


def _bare(username: str) -> str:
    return username.strip().removeprefix("@").lower()
