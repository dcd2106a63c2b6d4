"""A simulated TikMatrix host: its whole API over a clock that is handed in; nothing runs by itself."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, assert_never

from runner.simulator.api import PREFIX, Api
from runner.simulator.chance import between, draws
from runner.simulator.delivery import delivered
from runner.simulator.devices import Devices
from runner.simulator.exchange import Delivery, Ending, refused, success
from runner.simulator.farm import Farm
from runner.simulator.faults import FaultChooser, FaultKind, Work
from runner.simulator.history import HappeningKind, History
from runner.simulator.person import Person
from runner.simulator.program import Program

if TYPE_CHECKING:
    from collections.abc import Callable

    from runner.simulator.exchange import Answer, Request
    from runner.simulator.faults import Fault
    from runner.simulator.options import HostOptions


class SimulatedHost:
    """One host. Every call first lets everything happen that is due by `now()`, in Unix seconds."""

    def __init__(self, options: HostOptions, *, now: Callable[[], float]) -> None:
        self.history = History()
        self.devices = Devices(options.serials, accounts=options.accounts)
        self.farm = Farm(options, devices=self.devices, history=self.history, now=now)
        self.api = Api(self.farm)
        self._program = Program(self.farm)
        self.person = Person(self.farm, api=self.api, program=self._program)
        self._seed = f"{options.name}:{options.seed}"
        self._faults = FaultChooser(options.faults, seed=self._seed)
        self._requests = 0

    @property
    def options(self) -> HostOptions:
        """The options in force."""
        return self.farm.options

    @property
    def closed_seconds(self) -> float:
        """How long the port will still be closed; 0 while it is open."""
        return self._program.closed_seconds

    def change(self, options: HostOptions) -> None:
        """Go on under other options; devices, zone and seed stay, a new fault plan starts afresh."""
        at = self.farm.advance()
        if options.faults != self.options.faults:
            self._faults = FaultChooser(options.faults, seed=self._seed)
        self.farm.change(options)
        self.history.record(HappeningKind.OPTIONS_CHANGED, at=at)

    def exchange(self, request: Request) -> Delivery:
        """Take a request under the fault plan: do its work or not, and say what the client gets to see."""
        if self.closed_seconds > 0:
            return Delivery(Ending.REFUSED)
        self._requests += 1
        number = self._requests
        name = f"{request.method} {request.path.removeprefix(PREFIX)}"
        fault = self._faults.choose(name, number=number, at=self.farm.at)
        if fault is None:
            wait_seconds = between(self.options.latency_seconds, draws(self._seed, "latency", number)[0])
            return Delivery(Ending.WHOLE, self._answered(request, number), wait_seconds)
        self.history.record(
            HappeningKind.FAULTED,
            at=self.farm.at,
            request=number,
            fault=str(fault.kind),
            work=str(fault.work),
            method=request.method,
            path=request.path,
            seconds=fault.seconds,
        )
        if fault.kind is FaultKind.REFUSE:
            self._program.close_port(seconds=fault.seconds)
            return delivered(fault, answer=None)
        return delivered(fault, answer=self._faulted(request, number, fault))

    def handle(self, request: Request) -> Answer:
        """Answer a request, without faults or latency."""
        self.farm.advance()
        self._requests += 1
        return self._answered(request, self._requests)

    def _faulted(self, request: Request, number: int, fault: Fault) -> Answer | None:
        """Do of the work what the fault leaves of it; None where there is no answer of the host's own."""
        match fault.work:
            case Work.DONE:
                return self._answered(request, number)
            case Work.PARTIAL:
                return self._answered(request, number, limit=fault.tasks_made)
            case Work.NONE:
                self._record_request(request, number)
            case Work.LATE:
                self._record_request(request, number)
                late = partial(self._do_late, request, number, self._program.restarts)
                self.farm.later(late, seconds=fault.late_seconds)
            case _:
                assert_never(fault.work)
        return None

    def _do_late(self, request: Request, number: int, restarts: int) -> None:
        if restarts == self._program.restarts:
            self.api.carry_out(request, number=number)

    def _answered(self, request: Request, number: int, *, limit: int | None = None) -> Answer:
        self._record_request(request, number)
        answer = self.api.carry_out(request, number=number, limit=limit)
        dated = (("Date", formatdate(self.farm.at, usegmt=True)),)
        if isinstance(answer, str):
            return replace(success(answer), headers=dated)
        self.history.record(
            HappeningKind.REFUSED,
            at=self.farm.at,
            request=number,
            code=int(answer.code),
            message=answer.message,
        )
        status_follows = self.options.shape.http_status_follows_code
        return replace(refused(answer, http_status_follows_code=status_follows), headers=dated)

    def _record_request(self, request: Request, number: int) -> None:
        if request.method == "GET" and not self.options.records_reads:
            return
        self.history.record(
            HappeningKind.REQUESTED,
            at=self.farm.at,
            request=number,
            method=request.method,
            path=request.path,
            query=dict(request.query),
            client=request.client,
            body_sha256=sha256(request.body).hexdigest() if request.body else None,
        )
