"""Kinds of lives: how often what goes wrong in them."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Mix:
    """One kind of life; rates are events a day."""

    name: str
    storms_per_day: float = 0.0
    """Times of some hours in which requests to one host go wrong."""
    echoes: tuple[str, ...] = ("as_sent", "whole", "normalised", "absent")
    kinds: tuple[str, ...] = ()
    """The only kinds of faults in them; none given: all."""
    shapes: bool = False
    """Whether hosts answer in all the shapes that the API leaves open."""
    acts: float = 0.0
    """What a person does at the desktop program."""
    others: float = 0.0
    """Tasks of other clients of the API, and of persons."""
    same: float = 0.0
    """The share of these that is the very work that a campaign asks for."""
    clears: float = 0.0
    licences: float = 0.0
    host_restarts: float = 0.0
    forgets: float = 0.0
    """The share of the hosts' restarts that lose what happened last."""
    ports: float = 0.0
    stops: float = 0.0
    crashes: float = 0.0
    sleeps: float = 0.0
    clock_steps: float = 0.0
    edits: float = 0.0
    pauses: float = 0.0
    halts: float = 0.0
    """What persons cancel and stop."""
    stop_files: float = 0.0
    limits: float = 0.0
    """The share of the files that have limits."""
    quiet: float = 0.0
    """The share of the lives in which there are quiet hours."""
    failure_rate: float = 0.1


_HONEST = Mix("honest, echo", storms_per_day=0.8, echoes=("as_sent", "whole"))
MIXES = (
    _HONEST,
    replace(_HONEST, name="honest, no echo", echoes=("absent",)),
    Mix("restarts", stops=1.0, crashes=2.5, ports=0.3),
    Mix("clocks", clock_steps=0.5, sleeps=0.8, crashes=0.3, stops=0.2),
    Mix("edits", edits=2.5, stops=0.4, crashes=0.4),
    Mix("people", acts=4.0, others=2.0, clears=0.1, failure_rate=0.3, edits=0.2, shapes=True),
    Mix(
        "hosts", licences=0.4, host_restarts=0.6, forgets=0.3, ports=1.0, storms_per_day=0.3, shapes=True,
        failure_rate=0.3,
    ),
    Mix(
        "all", storms_per_day=0.5, acts=1.5, others=1.5, same=0.05, clears=0.05, licences=0.15,
        host_restarts=0.3, forgets=0.3, ports=0.4, stops=0.4, crashes=1.0, sleeps=0.3, clock_steps=0.2,
        edits=1.0, shapes=True, failure_rate=0.3, pauses=0.2, limits=0.2, quiet=0.2,
        halts=0.2, stop_files=0.1,
    ),
    Mix("limits", limits=0.8, quiet=0.4, pauses=0.6, crashes=1.0, stops=0.5, storms_per_day=0.2, edits=0.3),
    Mix(
        "halts", halts=2.0, stop_files=0.7, crashes=1.0, stops=0.3, storms_per_day=0.4, edits=0.4, acts=0.5,
        others=0.3, ports=0.3, host_restarts=0.1, limits=0.1, pauses=0.2, failure_rate=0.2,
    ),
)  # fmt: skip
"""A life's seed chooses among them, one after the other."""


def mix_of(seed: int) -> Mix:
    """Return the kind of life that a seed stands for."""
    return MIXES[seed % len(MIXES)]
