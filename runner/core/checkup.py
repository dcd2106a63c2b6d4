"""Judge what `doctor` has found of hosts, clocks and what the host shows: ok, a warning or a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.core.settle import ENOUGH_ECHOES, is_earned
from runner.model.checkup import Finding, Verdict
from runner.model.halt import Depth
from runner.model.instant import EARLIEST, SECOND, shown
from runner.model.record import HostState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.model.instant import Instant
    from runner.model.record import EchoRecord
    from runner.model.tikmatrix import Licence

_HOST_ADVICE = {
    HostState.UNREACHABLE: "Is TikMatrix running there? Is the address right, does a firewall stand between?",
    HostState.UNLICENSED: "It needs a plan with API access: Pro, Team or Business.",
    HostState.UNCLEAR: "Something else may listen at that address, or a proxy stand between.",
}

_OF_DEPTH = {
    Depth.SUBMIT: "nothing new is submitted",
    Depth.WITHDRAW: "nothing new is submitted, and our pending tasks are withdrawn (`withdraw`)",
    Depth.STOP: "nothing new is submitted, and our pending and running tasks are ended (`stop`)",
}


def of_host(
    name: str,
    state: HostState,
    *,
    detail: str | None,
    licence: Licence | None,
    latency_seconds: float | None,
) -> Finding:
    """Judge how a host has answered just now."""
    if state is not HostState.READY:
        return Finding("host", name, Verdict.PROBLEM, detail or f"it is {state}", _HOST_ADVICE.get(state))
    plan = "" if licence is None else f", plan {licence.plan_name}"
    limit = "" if licence is None or licence.device_limit is None else f", {licence.device_limit} devices"
    waited = 0 if latency_seconds is None else latency_seconds * 1000
    return Finding("host", name, Verdict.OK, f"it answers in {waited:.0f} ms{plan}{limit}")


def of_host_clock(name: str, *, told: bool, off_us: int | None, ahead: bool) -> Finding:
    """Judge a host's clock.

    Args:
        name: of the host.
        told: do its answers say what time it is (`Date`)?
        off_us: by how much it is ahead of ours, where that is more than a minute either way.
        ahead: does any campaign hand work over to it ahead of its time?
    """
    if off_us is not None:
        message = (
            f"it is {abs(off_us) / SECOND:.0f} s {'ahead of' if off_us > 0 else 'behind'} this machine's"
        )
        advice = (
            "Let both be set from the network (NTP). Until then nothing is handed over ahead of its time."
        )
        return Finding("clock", name, Verdict.PROBLEM if ahead else Verdict.WARNING, message, advice)
    if told:
        return Finding("clock", name, Verdict.OK, "it agrees with this machine's to a minute")
    message = "its answers do not say what time it is"
    if not ahead:
        return Finding("clock", name, Verdict.OK, message)
    advice = "`deliver: ahead` relies on its clock: compare it with this machine's yourself."
    return Finding("clock", name, Verdict.WARNING, message, advice)


def of_own_clock(now: Instant, *, synchronized: bool | None) -> Finding:
    """Judge this machine's clock; `synchronized` is what the system says of NTP, None where nothing."""
    if now < EARLIEST:
        advice = "Nothing is planned or submitted until it is set."
        return Finding("clock", "", Verdict.PROBLEM, f"this machine's shows {shown(now)}: not set", advice)
    if synchronized is False:
        message = "this machine's is not set from the network"
        return Finding("clock", "", Verdict.WARNING, message, "Switch NTP on: timedatectl set-ntp true")
    return Finding("clock", "", Verdict.OK, f"this machine's shows {shown(now - now % SECOND)}")


def of_zone(name: str, timezone: str, *, given: bool, seconds_off: Sequence[float]) -> Finding:
    """Judge a host's zone.

    Args:
        name: of the host.
        timezone: as the config has it.
        given: does the config say it of this host?
        seconds_off: by how much each of its last tasks, as it wrote that, began outside of the time
            in which it must have; 0 inside.
    """
    wrong = sorted(abs(seconds) for seconds in seconds_off if seconds)
    if wrong and len(wrong) == len(seconds_off):
        message = f"what it wrote of its last tasks is {wrong[0] / 60:.0f} min off in {timezone}"
        return Finding("zone", name, Verdict.PROBLEM, message, "Write its own under hosts: {timezone: ...}.")
    if seconds_off:
        return Finding("zone", name, Verdict.OK, f"{timezone}; its last tasks fit")
    words = "as the config says" if given else "the config's own"
    return Finding("zone", name, Verdict.OK, f"{timezone}, {words}; no finished task to compare with yet")


def of_echoes(name: str, echoes: Sequence[EchoRecord], *, devices: str) -> Finding:
    """Judge whether a host shows the arguments of tasks as they were sent, on which settling rests."""
    altered = sorted(echo.script_name for echo in echoes if echo.altered)
    if altered:
        message = f"it shows the arguments of {', '.join(altered)} otherwise than they were sent"
        advice = "What becomes of a lost answer there is `unknown` rather than settled; nothing is doubled."
        return Finding("echo", name, Verdict.WARNING, message, advice)
    sure = sorted(
        echo.script_name for echo in echoes if is_earned(faithful=echo.faithful, altered=echo.altered)
    )
    if sure:
        return Finding(
            "echo", name, Verdict.OK, f"it shows the arguments of {', '.join(sure)} as they were sent"
        )
    seen = sum(echo.faithful for echo in echoes)
    message = f"not known yet: {seen} of {ENOUGH_ECHOES} tasks of one script were seen with their arguments"
    advice = f"Lost answers become `unknown` until then. `campaign-runner doctor --selftest {devices}` looks."
    return Finding("echo", name, Verdict.WARNING, message, advice)


def of_service(shown: Mapping[str, str], *, name: str) -> Finding:
    """Judge what `systemctl show` says of the service; empty where there is none, or no systemd."""
    if shown.get("LoadState", "not-found") == "not-found":
        return Finding("service", "", Verdict.OK, "it is not a service of systemd here")
    active, result = shown.get("ActiveState", ""), shown.get("Result", "")
    said = shown.get("StatusText", "")
    if active == "failed" or (active == "activating" and shown.get("SubState") == "auto-restart"):
        message = f"{name} is {active} ({result}, exit code {shown.get('ExecMainStatus', '?')})"
        return Finding("service", name, Verdict.PROBLEM, message, f"journalctl -u {name} -n 50 says why.")
    if active != "active":
        return Finding("service", name, Verdict.WARNING, f"{name} is {active}", f"systemctl start {name}")
    if shown.get("UnitFileState") == "disabled":
        message = f"{name} runs, but is not started with the machine"
        return Finding("service", name, Verdict.WARNING, message, f"systemctl enable {name}")
    if shown.get("NRestarts", "0") != "0":
        message = f"{name} runs, after {shown['NRestarts']} new starts by itself"
        return Finding("service", name, Verdict.WARNING, message, f"journalctl -u {name} says why.")
    return Finding("service", name, Verdict.OK, f"{name} runs" + (f": {said}" if said else ""))


def of_stop_file(path: str, depth: Depth) -> Finding:
    """Judge the file STOP, which is there, by how far the daemon goes for it."""
    advice = f"Delete it when work may go on: {path}"
    return Finding("stop", path, Verdict.WARNING, f"the file is there: {_OF_DEPTH[depth]}", advice)


def of_daemon(*, age_seconds: float | None, alive: bool, held: bool) -> Finding:
    """Judge whether a daemon runs: how old its last beat is, and whether one has the store (`held`)."""
    if age_seconds is None:
        message = "a daemon starts just now" if held else "no daemon has run yet"
        return Finding("daemon", "", Verdict.WARNING, message, None if held else "campaign-runner run")
    ago = f"its last sign of life was {age_seconds:.0f} s ago"
    if alive:
        return Finding("daemon", "", Verdict.OK, f"it runs; {ago}")
    if held:
        advice = "Its store cannot be written, or it hangs; its log says which."
        return Finding("daemon", "", Verdict.PROBLEM, f"it runs, but {ago}", advice)
    return Finding("daemon", "", Verdict.PROBLEM, f"it does not run; {ago}", "Start it, e.g. as a service.")
