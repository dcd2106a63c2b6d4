"""What can be chosen about a simulated host: devices, licence, luck, and what its API leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from runner.simulator.faults import NO_FAULTS, STRICT, FaultPlan

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENTED_SCRIPTS = frozenset({"post", "follow", "unfollow", "account_warmup", "comment"})
"""The scripts that every version accepts through the API."""


class Echo(StrEnum):
    """How much of a request's `script_config` a task shows in its `script_args`; the API does not say."""

    AS_SENT = "as_sent"
    """Keys and values as sent, the list of targets cut down to the task's own."""
    WHOLE = "whole"
    """Exactly as sent: a task for one target shows all of them."""
    NORMALISED = "normalised"
    """Text trimmed, defaults filled in, the target under the key for a single one."""
    ABSENT = "absent"
    """The field is left out."""


class UnknownTargets(StrEnum):
    """What a create for a device or an account that the host does not have does; the API does not say."""

    REFUSE = "refuse"
    """The whole request gets 40001 and makes nothing."""
    SKIP = "skip"
    """The others get their tasks; where none is left, 40001."""
    WAIT = "wait"
    """Tasks are made and stay pending until the device is plugged in."""
    ADOPT = "adopt"
    """It becomes a device of the host, as if it had been plugged in just then."""


class PastStart(StrEnum):
    """What a `start_time` that is already past on the host's day does; the API does not say."""

    NOW = "now"
    TOMORROW = "tomorrow"


@dataclass(frozen=True, slots=True)
class Plan:
    """The licence of a host."""

    __pydantic_config__ = STRICT

    plan_name: str = "Pro"
    """`Starter` has no access to the API; `Pro`, `Team` and `Business` do."""
    device_limit: int = 20
    concurrency: int | None = None
    """How many tasks run at once; None: as many as `device_limit`."""

    @property
    def api_enabled(self) -> bool:
        """Whether the plan may use the API."""
        return self.plan_name.lower() != "starter"

    @property
    def running_limit(self) -> int:
        """How many tasks may run at once."""
        return self.device_limit if self.concurrency is None else self.concurrency


@dataclass(frozen=True, slots=True)
class AnswerShape:
    """The shape of answers, where the API's pages leave it open."""

    __pydantic_config__ = STRICT

    row_key: str = "tasks"
    """The key in `data` under which a list's rows stand."""
    newest_first: bool = True
    ids_as_text: bool = False
    statuses_as_text: bool = False
    args_as_text: bool = True
    """`script_args` as JSON in a string, not as an object."""
    echo: Echo = Echo.AS_SENT
    http_status_follows_code: bool = False
    """40301 arrives with HTTP 403 and so on; otherwise every envelope arrives with 200."""
    licence_check_refuses: bool = False
    """`GET /license/check` itself gets 40301 on a plan without access."""
    shows_planned_start: bool = False
    """A task held for its time shows that time as its `start_time`."""
    leaves_out: frozenset[str] = frozenset()
    """Fields that no task shows, e.g. `source` or `retry_count`."""


@dataclass(frozen=True, slots=True)
class HostOptions:
    """Everything that can be chosen about one simulated host; ranges are `(low, high)`."""

    name: str = "simulated"
    seed: int = 0
    serials: tuple[str, ...] = ()
    accounts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Accounts that are logged in, by serial; a serial that is named here need not be in `serials`."""
    timezone: str = "UTC"
    plan: Plan = Plan()
    first_task_id: int = 1
    extra_scripts: frozenset[str] = frozenset()
    """Scripts beyond the documented ones, e.g. `profile` on a newer host."""
    duration_seconds: tuple[float, float] = (20.0, 90.0)
    pickup_seconds: tuple[float, float] = (0.0, 2.0)
    """From a task's creation or retry to the moment when it may start, if its device is free."""
    failure_rate: float = 0.0
    """Share of a task's runs that fail, 0 to 1."""
    stuck_rate: float = 0.0
    """Share of a task's runs that never end by themselves, 0 to 1."""
    own_retries: int = 0
    """How often the host itself retries a failed task, each time after 5 to 60 s."""
    unknown_targets: UnknownTargets = UnknownTargets.REFUSE
    past_start: PastStart = PastStart.NOW
    latency_seconds: tuple[float, float] = (0.0, 0.0)
    shape: AnswerShape = AnswerShape()
    faults: FaultPlan = NO_FAULTS
    records_reads: bool = True
    """Whether the history holds requests that change nothing, too."""


def numbered_devices(count: int, *, accounts_each: int = 0) -> dict[str, tuple[str, ...]]:
    """Return made-up devices with their accounts: `SIM0001` with `@sim0001_1`, `@sim0001_2` and so on."""
    serials = [f"SIM{number:04}" for number in range(1, count + 1)]
    return {
        serial: tuple(f"@{serial.lower()}_{account}" for account in range(1, accounts_each + 1))
        for serial in serials
    }
