"""Reading `POST /task`: what is wrong with it, or its tasks, one per device, account and target."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, assert_never

from runner.model.tikmatrix import Code
from runner.simulator.devices import Place
from runner.simulator.exchange import Refusal
from runner.simulator.options import DOCUMENTED_SCRIPTS, Echo, UnknownTargets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from runner.simulator.devices import Devices
    from runner.simulator.options import HostOptions

_TARGET_KEYS = {
    "follow": ("target_users", "target_user"),
    "unfollow": ("target_users", "target_user"),
    "comment": ("target_post_urls", "target_post_url"),
}
"""Scripts that make a task per target: the key of the list, which wins, and the key of the text."""

_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "post": {"content_type": 0, "post_way": "share", "material_source": "materialLibrary"},
    "follow": {"access_method": "direct"},
    "unfollow": {"access_method": "direct"},
    "comment": {"comment_order": "random", "insert_emoji": False},
    "account_warmup": {"task_duration": 600, "min_duration": 15, "max_duration": 30},
}
"""What a host that normalises fills in."""

_START_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


@dataclass(frozen=True, slots=True)
class Draft:
    """One task that a request asks for."""

    place: Place
    target: str | None
    script_args: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Creation:
    """A request that checks."""

    script_name: str
    drafts: tuple[Draft, ...]
    start_time: tuple[int, int] | None
    """Hour and minute of the host's day."""
    body: Mapping[str, Any]


def parsed(body: bytes) -> Mapping[str, Any] | Refusal:
    """Return the object that a request's body holds."""
    try:
        value = _DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        return _invalid("the body is not JSON")
    return value if isinstance(value, dict) else _invalid("the body is not an object")


def read_creation(body: Mapping[str, Any], *, options: HostOptions, devices: Devices) -> Creation | Refusal:
    """Check the body of a create and say which tasks it makes."""
    script_name = _script_name(body, extra=options.extra_scripts)
    if isinstance(script_name, Refusal):
        return script_name
    targets = _targets(script_name, config=body.get("script_config"))
    if isinstance(targets, Refusal):
        return targets
    start_time = _start_time(body.get("start_time"))
    if isinstance(start_time, Refusal):
        return start_time
    places = _places(body, policy=options.unknown_targets, devices=devices)
    if isinstance(places, Refusal):
        return places
    config = body["script_config"]
    drafts = tuple(
        Draft(place, target, _echoed(config, script_name, place, target, options.shape.echo))
        for place in places
        for target in targets
    )
    return Creation(script_name, drafts, start_time, body)


def _invalid(message: str) -> Refusal:
    return Refusal(Code.INVALID_PARAMETERS, message)


def _script_name(body: Mapping[str, Any], *, extra: frozenset[str]) -> str | Refusal:
    script_name = body.get("script_name")
    if not isinstance(script_name, str) or not script_name:
        return Refusal(Code.SCRIPT_NAME_MISSING, "script_name is required")
    if script_name not in DOCUMENTED_SCRIPTS and script_name not in extra:
        return Refusal(Code.SCRIPT_NOT_SUPPORTED, f"script {script_name} is not supported through the API")
    return script_name


def _targets(script_name: str, *, config: object) -> Sequence[str | None] | Refusal:
    """Return a script's targets; `(None,)` for one that has none."""
    if not isinstance(config, dict):
        return _invalid("script_config is required")
    keys = _TARGET_KEYS.get(script_name)
    if keys is None:
        return (None,)
    in_list, in_text = keys
    listed = config.get(in_list)
    names = (
        listed if isinstance(listed, list) and listed else re.split(r"[\n,]", str(config.get(in_text) or ""))
    )
    targets = [str(name).strip() for name in names if str(name).strip()]
    if not targets:
        return _invalid(f"{in_list} or {in_text} is required")
    if script_name == "comment" and not str(config.get("comment_content") or "").strip():
        return _invalid("comment_content is required")
    return targets


def _start_time(value: object) -> tuple[int, int] | Refusal | None:
    if value is None or value == "":
        return None
    match = _START_TIME.fullmatch(value) if isinstance(value, str) else None
    return (int(match[1]), int(match[2])) if match else _invalid("start_time must be HH:MM")


def _places(
    body: Mapping[str, Any], *, policy: UnknownTargets, devices: Devices
) -> Sequence[Place] | Refusal:
    """Return where the tasks run; accounts are used directly where they are given."""
    usernames, serials = body.get("usernames") or [], body.get("serials") or []
    names = usernames or serials
    if not names or not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return _invalid("serials or usernames is required")
    found: list[Place] = []
    for name in names:
        known = devices.holder(name) if usernames else Place(name, None) if name in devices else None
        place = known or _unknown(name, by_username=bool(usernames), policy=policy, devices=devices)
        if isinstance(place, Refusal):
            return place
        if place is not None:
            found.append(place)
    if not usernames and body.get("enable_multi_account") is True:
        found = [Place(place.serial, name) for place in found for name in devices.accounts(place.serial)]
    return found or _invalid("no device or account is left to run on")


def _unknown(
    name: str, *, by_username: bool, policy: UnknownTargets, devices: Devices
) -> Place | Refusal | None:
    place = Place(f"SIM-{name.removeprefix('@')}", name) if by_username else Place(name, None)
    match policy:
        case UnknownTargets.REFUSE:
            return _invalid(f"{'account' if by_username else 'device'} {name} is not known")
        case UnknownTargets.SKIP:
            return None
        case UnknownTargets.WAIT:
            devices.unplugged.add(place.serial)
            return place
        case UnknownTargets.ADOPT:
            devices.adopt(place)
            return place
        case _:
            assert_never(policy)


def _echoed(
    config: Mapping[str, Any], script_name: str, place: Place, target: str | None, echo: Echo
) -> Mapping[str, Any] | None:
    account = {} if place.username is None else {"username": place.username}
    match echo:
        case Echo.ABSENT:
            return None
        case Echo.WHOLE:
            return {**config, **account}
        case Echo.AS_SENT:
            return {**config, **_narrowed(config, script_name, target), **account}
        case Echo.NORMALISED:
            trimmed = {
                key: value.strip() if isinstance(value, str) else value for key, value in config.items()
            }
            if target is not None:
                in_list, in_text = _TARGET_KEYS[script_name]
                trimmed.pop(in_list, None)
                trimmed[in_text] = target
            return {**_DEFAULTS.get(script_name, {}), **trimmed, **account}
        case _:
            assert_never(echo)


def _narrowed(config: Mapping[str, Any], script_name: str, target: str | None) -> dict[str, Any]:
    """Return the one key that names a task's own target, in the form in which the targets were sent."""
    if target is None:
        return {}
    in_list, in_text = _TARGET_KEYS[script_name]
    return {in_list: [target]} if config.get(in_list) else {in_text: target}
