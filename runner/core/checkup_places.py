"""Judge what `doctor` has found of folders, disks and the store: ok, a warning or a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.model.checkup import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from runner.model.checkup import FolderFacts, StoreFacts

MEBIBYTE = 1024 * 1024
LEAST_FREE_BYTES = 100 * MEBIBYTE
"""Below this a busy day may fill the disk."""
LITTLE_FREE_BYTES = 1024 * MEBIBYTE
LARGE_LOG_BYTES = 64 * MEBIBYTE
"""The daemon folds the write-ahead log into the store long before, unless a reader never ends."""
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph", "glusterfs"})


def of_read_folder(check: str, folder: FolderFacts) -> Iterator[Finding]:
    """Judge a folder whose files are read, e.g. that of the campaigns."""
    if not folder.there:
        yield Finding(check, folder.path, Verdict.PROBLEM, "it is not there", "Make it, or mend the config.")
    elif not folder.readable:
        message = "it cannot be read by this user"
        yield Finding(check, folder.path, Verdict.PROBLEM, message, "Let the daemon's user read it.")
    elif folder.open_to_all:
        message = "everybody on this machine may write to it, and so decide what is posted"
        yield Finding(check, folder.path, Verdict.WARNING, message, f"chmod o-w {folder.path}")
    else:
        yield Finding(check, folder.path, Verdict.OK, "it can be read")


def of_written_folder(check: str, folder: FolderFacts) -> Iterator[Finding]:
    """Judge a folder that is written, e.g. that of the store; the daemon makes one that is not there."""
    if not folder.writable:
        message = "it cannot be written by this user"
        yield Finding(
            check, folder.path, Verdict.PROBLEM, message, "Ask as the daemon's user, or give it the right."
        )
    elif folder.open_to_all:
        message = "everybody on this machine may write to it"
        yield Finding(check, folder.path, Verdict.WARNING, message, f"chmod o-w {folder.path}")
    else:
        words = "it can be written" if folder.there else "it is made at the first start"
        yield Finding(check, folder.path, Verdict.OK, words)


def of_disk(folder: FolderFacts) -> Iterator[Finding]:
    """Judge the disk on which the store is."""
    if folder.file_system in _NETWORK:
        message = f"the store is on a network share ({folder.file_system}), whose locks and caches may lie"
        yield Finding("disk", folder.path, Verdict.PROBLEM, message, "Put the store on a local disk.")
    free = folder.free_bytes
    if free is None:
        return
    message = f"{free // MEBIBYTE} MiB are free"
    if free < LEAST_FREE_BYTES:
        advice = "Make room: on a full disk nothing is submitted."
        yield Finding("disk", folder.path, Verdict.PROBLEM, message, advice)
    elif free < LITTLE_FREE_BYTES:
        yield Finding("disk", folder.path, Verdict.WARNING, message, "Make room before it is full.")
    else:
        yield Finding("disk", folder.path, Verdict.OK, message)


def of_store(facts: StoreFacts, *, known: Collection[str]) -> Finding:
    """Judge the store; `known` are the revisions that this program knows."""
    size = f"{facts.size_bytes / MEBIBYTE:.1f} MiB"
    if facts.damage is not None:
        advice = "Restore a backup, with the care that docs/operating.md asks for."
        return Finding("store", "", Verdict.PROBLEM, f"it is damaged: {facts.damage}", advice)
    if facts.revision != facts.head:
        if facts.revision is not None and facts.revision not in known:
            message = f"it has schema {facts.revision}; this program knows up to {facts.head}"
            return Finding("store", "", Verdict.PROBLEM, message, "Update this program.")
        message = f"it has schema {facts.revision}; this program's is {facts.head}"
        return Finding("store", "", Verdict.WARNING, message, "The daemon's next start upgrades it.")
    if facts.log_bytes > LARGE_LOG_BYTES:
        message = f"sound, {size}, but its log beside it has {facts.log_bytes // MEBIBYTE} MiB"
        return Finding("store", "", Verdict.WARNING, message, "End what has been reading it for long.")
    if facts.at_risk is not None:
        advice = "After a power cut, what was sent may be sent again. Change that on the server."
        return Finding("store", "", Verdict.PROBLEM, facts.at_risk, advice)
    how = "sound" if facts.server is None else f"on {facts.server}"
    return Finding("store", "", Verdict.OK, f"{how}, schema {facts.revision}, {size}")
