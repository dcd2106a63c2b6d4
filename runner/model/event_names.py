"""The names of all events of the log and the audit trail, with what each one says."""

from __future__ import annotations

from types import MappingProxyType

EVENT_NAMES = MappingProxyType(
    {
        "daemon.started": "The daemon runs: its version, its hosts, and since when it was down.",
        "daemon.refused": "The daemon does not start; only in the log, since its store is another's.",
        "daemon.stopping": "The daemon was asked to stop; requests under way are given time to end.",
        "daemon.stopped": "The daemon has ended and nothing of its work is under way.",
        "daemon.stalled": "A part of the daemon raised an unexpected error; it goes on after a pause.",
        "clock.jumped": "The wall clock and the monotonic clock disagree: a sleep, or a clock that was set.",
        "config.rejected": "The config file on disk does not check; the settings in force stay.",
        "config.changed": "The config file on disk has changed; it takes effect at the next start.",
        "campaign.accepted": "A campaign file checks, and this version of it is in force from now on.",
        "campaign.rejected": "A campaign file does not check; its last good version stays in force.",
        "campaign.removed": "A campaign file is gone; what was not yet submitted of it is cancelled.",
        "campaigns.unreadable": "The campaign folder cannot be read; all campaigns stay in force.",
        "campaign.planned": "A day of a campaign is in the ledger: how much was added, moved, removed.",
        "hold.placed": "A person has paused everything, a host or a campaign.",
        "hold.released": "A person has ended a pause.",
        "hold.expired": "A pause has ended at the time that it was given.",
        "backlog.spread": "What was overdue on a host goes bit by bit: how many, and until when.",
        "host.ready": "A host answers, and its licence allows the use of the API.",
        "host.unreachable": "A host cannot be reached; its work waits.",
        "host.unlicensed": "A host's plan has no API access (40301); its work waits for the licence.",
        "host.unclear": "Something answers at a host's address, but not as TikMatrix does; its work waits.",
        "assignment.submitting": "The intent is on disk and the request goes out.",
        "assignment.submitted": "The host has accepted the assignment and names its tasks.",
        "assignment.running": "The host has begun the assignment.",
        "assignment.completed": "All tasks of the assignment have completed.",
        "assignment.failed": "All tasks of the assignment have ended and at least one has failed.",
        "assignment.expired": "Not begun when its window closed, and withdrawn from the host.",
        "assignment.skipped": "Not submitted because of a limit, the quiet hours or a pause.",
        "assignment.missed": "Never submitted before its window closed; the reason says why.",
        "assignment.cancelled": "Dropped by a person or an edit before it was submitted.",
        "assignment.unknown": "The effect of its request is not known. Not repeated; a person decides.",
        "assignment.planned": "Back in the plan: the request surely never left, or an edit was taken back.",
        "submission.postponed": "A limit or the quiet hours let it go later, in its window still.",
        "submission.accepted": "POST /task was answered with the tasks that it made.",
        "submission.refused": "POST /task was refused with a documented code; repeating it cannot help.",
        "submission.not_sent": "No byte of POST /task left this machine; it will be tried again.",
        "submission.unsettled": "What POST /task did on the host is not known.",
        "task.observed": "A task of ours has another status than before.",
        "task.gone": "A task of ours is no longer on the host.",
        "task.mismatched": "The host shows other work under a number of ours, which is left alone.",
        "task.withdrawn": "A pending task of ours was deleted on the host because its window has closed.",
        "task.withdrawal_failed": "A task of ours could not be withdrawn; it is tried again.",
        "task.stopped": "A running task of ours was stopped on the host because its window has closed.",
        "task.retried": "A failed task of ours was retried on the host, as the campaign asks.",
        "task.retry_failed": "The retry of a failed task was not accepted.",
        "poll.failed": "A host's tasks could not be read this time; the last known states stay.",
    }
)
"""Event name to what it says. Names are stable: users' scripts and alarms rely on them."""
