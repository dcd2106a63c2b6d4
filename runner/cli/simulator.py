"""`simulator`: serve simulated TikMatrix hosts to try things on."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from runner.cli.output import say
from runner.errors import RunnerError
from runner.simulator.faults import Fault, FaultKind, FaultPlan, FaultRule
from runner.simulator.options import HostOptions, Plan, UnknownTargets, numbered_devices
from runner.simulator.serve import DEFAULT_PORT, Ready, ServedHost, serve

_FAULT_SECONDS = 5.0
_DRIP_SECONDS = 0.05
"""Between two bytes of an answer."""
_LAST_PORT = 65_535
_PLANS = ("Starter", "Pro", "Team", "Business")
_RATE = click.FloatRange(0, 1)


class RangeType(click.ParamType[tuple[float, float]]):
    """Seconds as `20..90`, or one number."""

    name = "range"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Return both ends; fails where they are no numbers, negative or the wrong way round."""
        low_text, dots, high_text = str(value).partition("..")
        try:
            low = float(low_text)
            high = float(high_text) if dots else low
        except ValueError:
            self.fail(f"`{value}` is no range of seconds; write it as 20..90", param, ctx)
        if not 0 <= low <= high < float("inf"):
            self.fail(f"`{value}` does not go up from 0; write it as 20..90", param, ctx)
        return low, high


class FaultType(click.ParamType[FaultRule]):
    """A fault as `KIND:RATE` or `KIND:RATE:SECONDS`."""

    name = "fault"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> FaultRule:
        """Return the rule; fails where the kind is not known or the rate is not between 0 and 1."""
        kind, _, numbers = str(value).partition(":")
        rate_text, _, seconds_text = numbers.partition(":")
        try:
            usual = _DRIP_SECONDS if kind == FaultKind.DRIP else _FAULT_SECONDS
            fault = Fault(FaultKind(kind), seconds=float(seconds_text or usual))
            rate = float(rate_text)
        except ValueError:
            kinds = ", ".join(FaultKind)
            self.fail(f"`{value}` is no fault; write KIND:RATE, e.g. reset:0.1. Kinds: {kinds}", param, ctx)
        if not (0 <= rate <= 1 and 0 <= fault.seconds < float("inf")):
            self.fail(f"`{value}`: the rate goes from 0 to 1, seconds from 0 up", param, ctx)
        return FaultRule(fault, rate=rate)


class ZoneType(click.ParamType[str]):
    """A time zone by its IANA name."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name; fails where there is no such zone."""
        try:
            return ZoneInfo(str(value)).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"`{value}` is no time zone; write an IANA name, e.g. Europe/Stockholm", param, ctx)


@click.command(name="simulator")
@click.option(
    "--port",
    type=click.IntRange(0, _LAST_PORT),
    default=DEFAULT_PORT,
    show_default=True,
    help="Of the first host; the others take the next ones. 0: any free ones.",
)
@click.option("--hosts", type=click.IntRange(1, 100), default=1, show_default=True, help="How many hosts.")
@click.option(
    "--devices", type=click.IntRange(0, 10_000), default=20, show_default=True, help="SIM0001, ... on each."
)
@click.option(
    "--accounts-each", type=click.IntRange(0, 100), default=2, show_default=True, help="@sim0001_1, ..."
)
@click.option(
    "--duration",
    type=RangeType(),
    default="20..90",
    show_default=True,
    metavar="MIN..MAX",
    help="Seconds a task takes.",
)
@click.option(
    "--failure-rate", type=_RATE, default=0.0, show_default=True, help="Share of tasks that fail, 0 to 1."
)
@click.option(
    "--latency",
    type=RangeType(),
    default="0",
    show_default=True,
    metavar="MIN..MAX",
    help="Seconds until an answer.",
)
@click.option(
    "--plan",
    type=click.Choice(_PLANS, case_sensitive=False),
    default="Pro",
    show_default=True,
    help="Starter has no access to the API.",
)
@click.option(
    "--device-limit", type=click.IntRange(min=0), help="Of the licence. Default: as many as devices."
)
@click.option(
    "--fault",
    "faults",
    type=FaultType(),
    multiple=True,
    metavar="KIND:RATE[:SECONDS]",
    help=f"Strikes a share of all requests; may be repeated. Kinds: {', '.join(FaultKind)}.",
)
@click.option(
    "--unknown-targets",
    type=click.Choice([choice.value for choice in UnknownTargets]),
    default=UnknownTargets.ADOPT.value,
    show_default=True,
    help="What a task for a device or account that is not there does; adopt: it is plugged in.",
)
@click.option(
    "--extra-script", "extra_scripts", multiple=True, help="One beyond the documented ones, e.g. profile."
)
@click.option(
    "--timezone", type=ZoneType(), default="UTC", show_default=True, help="Of the host's own clock."
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same luck.")
@click.option("--name", default="simulated", show_default=True, help="Of the host; several are numbered.")
def command(**chosen: Any) -> None:
    """Serve simulated TikMatrix hosts to try things on.

    They answer on this machine as TikMatrix does, until Ctrl-C, and no device is touched. A line is printed
    for each host once it can be reached.
    """
    port: int = chosen["port"]
    count: int = chosen["hosts"]
    served = [
        ServedHost(options_of(chosen, number=number), port=port and port + number) for number in range(count)
    ]
    if port + count - 1 > _LAST_PORT:
        raise click.BadParameter(f"there is no port {port + count - 1}", param_hint="--port")
    try:
        serve(served, on_ready=_say_ready)
    except OSError as error:
        ports = f"port {port}" if count == 1 else f"one of the ports {port} to {port + count - 1}"
        raise RunnerError(f"cannot listen on {ports}: {error.strerror or error}") from error


def options_of(chosen: dict[str, Any], *, number: int) -> HostOptions:
    """Return the options of one of the hosts, from the arguments of the command; `number` counts from 0."""
    name = chosen["name"] if chosen["hosts"] == 1 else f"{chosen['name']}-{number + 1}"
    limit = chosen["device_limit"]
    return HostOptions(
        name=name,
        seed=chosen["seed"] + number,
        accounts=numbered_devices(chosen["devices"], accounts_each=chosen["accounts_each"]),
        timezone=chosen["timezone"],
        plan=Plan(chosen["plan"], device_limit=chosen["devices"] if limit is None else limit),
        extra_scripts=frozenset(chosen["extra_scripts"]),
        duration_seconds=chosen["duration"],
        failure_rate=chosen["failure_rate"],
        unknown_targets=UnknownTargets(chosen["unknown_targets"]),
        latency_seconds=chosen["latency"],
        faults=FaultPlan(rules=chosen["faults"]),
    )


def _say_ready(ready: Ready) -> None:
    devices = f"{ready.devices} device" + ("" if ready.devices == 1 else "s")
    say(f"{ready.name}: http://localhost:{ready.port}/api/v1 with {devices}")
