"""Resolve device groups, and groups of groups, to targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from runner.core.check.reading import read_model, read_named
from runner.model.campaign import Target, TargetKind
from runner.model.shared_file import GroupFile
from runner.model.suggest import did_you_mean
from runner.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from runner.core.check.findings import Findings
    from runner.model.document import Path

Targets: TypeAlias = tuple[Target, ...]

MOST_NESTED = 32
"""Groups of groups of groups: no file needs more levels."""


def resolve_groups(
    value: object, *, hosts: Collection[str], shared: Mapping[str, Targets], findings: Findings
) -> dict[str, Targets | None]:
    """Return the targets of each group under a file's `device_groups`, and of the shared ones beside them.

    None stands for a group that does not check: the findings say why, and nothing more is said of its users.
    """
    path: Path = ("device_groups",)
    written = read_named(value, path=path, findings=findings)
    for name in written:
        if name in shared:
            message = f"hides the config's group `{name}` in this file; rename it if that is not meant"
            findings.warning((*path, name), message, rule=Rule.GROUP_HIDDEN, at_key=True)
    files = {
        name: read_model(GroupFile, part, path=(*path, name), findings=findings)
        for name, part in written.items()
    }
    return _Resolver(files, hosts=hosts, shared=shared, findings=findings).resolve()


class _Resolver:
    def __init__(
        self,
        files: Mapping[str, GroupFile],
        *,
        hosts: Collection[str],
        shared: Mapping[str, Targets],
        findings: Findings,
    ) -> None:
        self._files = files
        self._hosts = hosts
        self._findings = findings
        self._known: dict[str, Targets | None] = {n: t for n, t in shared.items() if n not in files}
        self._heights = dict.fromkeys(self._known, 1)

    def resolve(self) -> dict[str, Targets | None]:
        for name in self._files:
            self._targets(name, ())
        return self._known

    def _targets(self, name: str, above: tuple[str, ...]) -> Targets | None:
        if name not in self._known:
            file = self._files[name]
            self._heights[name] = 1
            if file.groups is not None:
                self._known[name] = self._union(name, file.groups, above)
            elif file.taken_out is not None:
                message = "stands beside `groups` only; write the groups from which these are taken out"
                path: Path = ("device_groups", name, "not")
                self._findings.error(path, message, rule=Rule.GROUP_OF_GROUPS, at_key=True)
                self._known[name] = None
            else:
                self._known[name] = self._members(name, file)
        return self._known[name]

    def _union(self, name: str, groups: Sequence[str], above: tuple[str, ...]) -> Targets | None:
        path: Path = ("device_groups", name)
        file = self._files[name]
        others = file.model_fields_set - {"groups", "taken_out"}
        for key in others:
            message = f"a group of groups takes no `{key}`; write the {key} into a group of its own"
            self._findings.error((*path, key), message, rule=Rule.GROUP_OF_GROUPS, at_key=True)
        trail = (*above, name)
        found = self._joined(groups, (*path, "groups"), trail)
        out = self._joined(file.taken_out or (), (*path, "not"), trail)
        if found is None or out is None:
            return None
        for position, member in enumerate(file.taken_out or ()):
            if not any(target in found for target in self._known[member] or ()):
                message = f"none of `{member}` is in its `groups`; it takes nothing out; delete it"
                self._findings.warning((*path, "not", position), message, rule=Rule.GROUP_EXCLUDES_NOTHING)
        return None if others else tuple(target for target in found if target not in out)

    def _joined(self, groups: Sequence[str], path: Path, trail: tuple[str, ...]) -> dict[Target, None] | None:
        """Return the targets of several groups, in order; None where one of the groups does not check."""
        name = trail[-1]
        found: dict[Target, None] = {}
        complete = True
        for position, member in enumerate(groups):
            targets = self._member(member, (*path, position), trail)
            if targets is None:
                complete = False
            else:
                found.update(dict.fromkeys(targets))
                self._heights[name] = max(self._heights[name], self._heights[member] + 1)
        return found if complete else None

    def _member(self, member: str, path: Path, trail: tuple[str, ...]) -> Targets | None:
        if member in trail:
            circle = " > ".join((*trail[trail.index(member) :], member))
            self._findings.error(
                path, f"a group cannot contain itself: {circle}; take one out", rule=Rule.GROUP_CIRCLE
            )
        elif member not in self._files and member not in self._known:
            known = (*self._files, *self._known)
            self._findings.error(
                path, f"there is no group `{member}`{did_you_mean(member, known)}", rule=Rule.GROUP_UNKNOWN
            )
        elif len(trail) + self._heights.get(member, 1) > MOST_NESTED:
            self._findings.error(
                path,
                f"groups are nested deeper than {MOST_NESTED} levels; name targets",
                rule=Rule.GROUP_DEPTH,
            )
        else:
            return self._targets(member, trail)
        return None

    def _members(self, name: str, file: GroupFile) -> Targets | None:
        path: Path = ("device_groups", name)
        given = file.model_fields_set & {"serials", "usernames"}
        if len(given) == 2:  # noqa: PLR2004 - both of the two
            message = "a group has `serials` or `usernames`, not both; make two groups and a group of them"
            self._findings.error((*path, "usernames"), message, rule=Rule.SERIALS_AND_USERNAMES, at_key=True)
        host = self._host(name, file)
        if not given:
            if not self._findings.has_under(path):
                message = "names no target; write `serials`, `usernames` or `groups`"
                self._findings.error(path, message, rule=Rule.NO_TARGET, at_key=True)
            return None
        self._check_twice(path, file)
        if host is None or len(given) != 1:
            return None
        if file.serials is not None:
            return tuple(Target(host, TargetKind.SERIAL, serial) for serial in file.serials)
        return tuple(Target(host, TargetKind.USERNAME, username) for username in file.usernames or ())

    def _host(self, name: str, file: GroupFile) -> str | None:
        path: Path = ("device_groups", name, "host")
        if file.host is None:
            if len(self._hosts) > 1 and not self._findings.has_under(path):
                message = f"`host` is missing; write one of {', '.join(self._hosts)}"
                self._findings.error(path[:-1], message, rule=Rule.MISSING_KEY, at_key=True)
            return next(iter(self._hosts)) if len(self._hosts) == 1 else None
        if file.host in self._hosts:
            return file.host
        if self._hosts:
            self._findings.error(
                path,
                f"there is no host `{file.host}`{did_you_mean(file.host, self._hosts)}",
                rule=Rule.HOST_UNKNOWN,
            )
        return None

    def _check_twice(self, path: Path, file: GroupFile) -> None:
        for key, names in (("serials", file.serials), ("usernames", file.usernames)):
            seen: set[str] = set()
            for position, member in enumerate(names or ()):
                if member in seen:
                    self._findings.error(
                        (*path, key, position), f"`{member}` is given twice; keep one", rule=Rule.GIVEN_TWICE
                    )
                seen.add(member)
