"""Where a life takes place: its hosts, campaigns and faults, all drawn from its seed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from runner.model.tikmatrix import Code
from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule, Work
from runner.simulator.options import AnswerShape, Echo, Plan, UnknownTargets

if TYPE_CHECKING:
    from random import Random

    from proof.mixes import Mix

TEXT = "${campaign}/${script}/${date}"
"""By this text, in one of its parameters, the checker knows for what a task was made."""
ZONES = (
    "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns",
    "Africa/Casablanca", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Auckland", "UTC",
    "America/Santiago", "Europe/Dublin", "Asia/Beirut", "Pacific/Pago_Pago", "America/Los_Angeles",
)  # fmt: skip
_HOUR = 3_600
_LENGTHS_MINUTES = (14, 20, 45, 90, 240)
_OPENS = (0, 30, 60, 90, 120, 150, 180, 420, 540, 555, 720, 870, 990, 1290, 1380, 1410, 1425)
_MEGABYTE = 1024 * 1024
_REQUESTS = ("POST /task", "POST /task", "POST /task", "GET *", "GET /task", "GET /license/check", "*",
             "POST /task/*/retry", "DELETE *", "POST *")  # fmt: skip
_KINDS = tuple(kind for kind in FaultKind if kind not in {FaultKind.HUGE, FaultKind.BOMB})
_RARE = (FaultKind.HUGE, FaultKind.BOMB)


def first_day(chance: Random) -> date:
    """Return a day, most often shortly before clocks change somewhere."""
    year = chance.randint(2027, 2030)
    if chance.random() < 0.3:
        return date(year, 1, 1) + timedelta(days=chance.randrange(360))
    # Between these lie the changes of nearly all zones that have any.
    start = chance.choice([date(year, 3, 8), date(year, 3, 25), date(year, 10, 1), date(year, 10, 26)])
    return start + timedelta(days=chance.randint(-3, 3))


def some_hosts(chance: Random, mix: Mix) -> dict[str, dict[str, Any]]:
    """Return the options of one to three hosts, without their faults."""
    devices = chance.randint(2, 12)
    hosts: dict[str, dict[str, Any]] = {}
    for number in range(chance.choice([1, 1, 2, 3])):
        name = f"pc{number}"
        serials = [f"{name}-d{device}" for device in range(max(1, devices // (number + 1)))]
        hosts[name] = {
            "seed": chance.randrange(1_000_000),
            "accounts": {
                serial: tuple(f"@{serial}-{account}" for account in range(chance.choice([0, 1, 2])))
                for serial in serials
            },
            "extra_scripts": frozenset({"profile"}),
            "timezone": chance.choice(ZONES),
            "plan": Plan(concurrency=chance.choice([2, 5, 20])),
            "failure_rate": mix.failure_rate * chance.choice([0, 1, 2]),
            "own_retries": chance.choice([0, 0, 2]),
            "duration_seconds": chance.choice([(20, 60), (60, 240), (200, 900)]),
            "pickup_seconds": (0, chance.choice([1, 10])),
            "latency_seconds": (0, chance.choice([0, 0.2, 2])),
            "stuck_rate": chance.choice([0, 0, 0, 0.02]),
            "shape": some_shape(chance, mix),
            "unknown_targets": chance.choice([UnknownTargets.REFUSE, UnknownTargets.WAIT]),
        }
    return hosts


def some_shape(chance: Random, mix: Mix) -> AnswerShape:
    """Return how a host answers where the API leaves it open."""
    echo = Echo(chance.choice(mix.echoes))
    if not mix.shapes:
        return AnswerShape(echo=echo)
    return AnswerShape(
        row_key=chance.choice(["tasks", "list", "rows"]),
        newest_first=chance.random() < 0.5,
        ids_as_text=chance.random() < 0.3,
        statuses_as_text=chance.random() < 0.3,
        args_as_text=chance.random() < 0.7,
        echo=echo,
        http_status_follows_code=chance.random() < 0.4,
        licence_check_refuses=chance.random() < 0.3,
        shows_planned_start=chance.random() < 0.3,
        leaves_out=frozenset(chance.sample(["source", "retry_count"], chance.randint(0, 2))),
    )


def some_storms(chance: Random, mix: Mix, *, since: float, days: float) -> FaultPlan:
    """Return faults that strike a host now and then, for some hours each time."""
    rules: list[FaultRule] = []
    at = since + chance.random() * 86_400
    while mix.storms_per_day and at < since + days * 86_400:
        ends = at + chance.choice([1, 3, 12]) * _HOUR
        for _ in range(chance.randint(1, 3)):
            requests = chance.choice(_REQUESTS)
            rate = chance.choice([0.03, 0.1, 0.3, 0.6])
            rules.append(FaultRule(some_fault(chance, requests, mix.kinds), rate, requests, at, ends))
        at = ends + chance.expovariate(mix.storms_per_day) * 86_400
    return FaultPlan(rules=tuple(rules))


def some_fault(chance: Random, requests: str, kinds: tuple[str, ...]) -> Fault:
    """Return one fault; it breaks none of the assumptions that the promises are made on.

    A documented refusal means that nothing was made, and 40401 that a task is not there.
    """
    among = tuple(map(FaultKind, kinds)) or (_RARE if chance.random() < 0.03 else _KINDS)
    kind = chance.choice(among)
    work = chance.choice(list(Work))
    code = chance.choice([Code.INVALID_PARAMETERS, Code.NO_API_ACCESS, Code.INTERNAL_ERROR])
    if kind is FaultKind.REFUSAL and code is not Code.INTERNAL_ERROR:
        work = Work.NONE
    if work is Work.PARTIAL and requests != "POST /task":
        work = Work.DONE
    return Fault(
        kind,
        work,
        seconds=chance.choice([1, 4, 9, 20, 120])
        if kind is not FaultKind.DRIP
        else chance.choice([0.01, 1, 9]),
        late_seconds=chance.choice([1, 5, 15, 20]),
        at_byte=chance.choice([0, 1, 20, 60]),
        size_bytes=9 * _MEGABYTE,
        http_status=chance.choice([200, 204, 404, 500, 502]) if kind is FaultKind.EMPTY else 502,
        code=code,
        tasks_made=chance.choice([0, 1, 2]),
    )


def some_campaign(
    chance: Random, name: str, hosts: dict[str, dict[str, Any]], *, limits_share: float
) -> dict[str, Any]:
    """Return a campaign's document."""
    host = chance.choice(sorted(hosts))
    accounts = hosts[host]["accounts"]
    serials = chance.sample(sorted(accounts), min(len(accounts), chance.choice([1, 2, 3, 4])))
    groups: dict[str, Any] = {"devices": {"host": host, "serials": serials}}
    usernames = sorted(username for serial in accounts for username in accounts[serial])
    if usernames:
        chosen = chance.sample(usernames, min(len(usernames), chance.choice([1, 2])))
        groups["people"] = {"host": host, "usernames": chosen}
        groups["all"] = {"groups": ["devices", "people"]}
    document: dict[str, Any] = {
        "name": name,
        "timezone": chance.choice(ZONES),
        "device_groups": groups,
        "scripts": [
            some_entry(chance, groups, accounts, number) for number in range(chance.choice([1, 1, 2, 3]))
        ],
    }
    limits = some_limits(chance, share=limits_share)
    if limits:
        document["limits"] = limits
    if chance.random() < 0.3:
        document["days"] = chance.choice(["weekdays", "weekend", ["mon", "wed", "fri", "sun"]])
    return document


def some_limits(chance: Random, share: float) -> dict[str, Any]:
    """Return the limits of a file, most often none."""
    if chance.random() >= share:
        return {}
    known = {
        "per_target_per_day": chance.choice([1, 1, 2]),
        "per_target_per_hour": 1,
        "per_script_per_day": chance.choice([1, 2, 5]),
        "per_campaign_per_day": chance.choice([1, 3, 6]),
        "per_host_per_hour": chance.choice([1, 3]),
        "min_gap": chance.choice(["10m", "2h"]),
    }
    return {name: known[name] for name in chance.sample(sorted(known), chance.choice([1, 1, 2]))}


def some_config(chance: Random, mix: Mix) -> dict[str, Any]:
    """Return what the config says about limits and quiet hours."""
    config: dict[str, Any] = {"timezone": chance.choice(ZONES)}
    limits = some_limits(chance, mix.limits / 2)
    if limits:
        config["limits"] = limits
    if chance.random() < mix.quiet:
        config["quiet_hours"] = chance.choice(["23:30-06:00", "01:30-03:30", "12:00-13:00"])
    return config


def some_entry(
    chance: Random, groups: dict[str, Any], accounts: dict[str, tuple[str, ...]], number: int
) -> dict[str, Any]:
    """Return one script entry."""
    script = chance.choice(["post", "post", "comment", "follow", "unfollow", "account_warmup", "profile"])
    opens, length = chance.choice(_OPENS), chance.choice(_LENGTHS_MINUTES)
    windows = [_window(opens, length)]
    if chance.random() < 0.25:
        windows.append(_window((opens + 600) % 1440, chance.choice(_LENGTHS_MINUTES)))
    group = chance.choice(sorted(groups))
    entry: dict[str, Any] = {
        "name": f"{script}-{number}",
        "script_name": script,
        "device_groups": [group],
        "start_time": windows if len(windows) > 1 else windows[0],
        "spread": chance.choice(["even", "even", "random", "together"]),
        "at_close": chance.choice(["withdraw", "withdraw", "stop", "leave"]),
        "script_config": _script_config(chance, script),
    }
    if chance.random() < 0.4:
        entry["retry"] = {"attempts": chance.randint(1, 3), "delay": chance.choice(["0s", "1m", "5m"])}
    if group == "devices" and chance.random() < 0.3:
        serials = groups["devices"]["serials"]
        # A device without accounts would make no task, and the request would be refused.
        entry["enable_multi_account"] = all(accounts[serial] for serial in serials)
    if chance.random() < 0.2:
        entry["on_unsettled"] = "hold"
    return entry


def _script_config(chance: Random, script: str) -> dict[str, Any]:
    match script:
        case "post":
            return {"content_type": chance.choice([0, 1]), "captions": TEXT}
        case "comment":
            urls = [f"https://www.tiktok.com/@x/video/{n}" for n in range(chance.choice([1, 1, 2]))]
            return {"target_post_urls": urls, "comment_content": TEXT}
        case "follow" | "unfollow":
            return {"target_users": [f"{TEXT}/{n}" for n in range(chance.choice([1, 3]))]}
        case "account_warmup":
            return {"task_duration": chance.choice([300, 600]), "topic": TEXT}
        case _:
            return {"bios": TEXT}


def _window(opens: int, length: int) -> str:
    closes = (opens + length) % 1440
    return f"{opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
