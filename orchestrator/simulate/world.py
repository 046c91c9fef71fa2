"""A simulated world: a real coordinator among thousands of made-up nodes and endpoints.

**Jumps.** When every stream is on air, nothing is under way, and passes find nothing to do, the
next thing that changes anything is the next fault. What goes on until then are rounds: beats,
renewals, and passes that are told the same again. So the clock jumps to shortly before the fault;
each node beats and renews once, as it did all the time, and the rounds begin anew. The coordinator
notices that it was away, and is patient for a moment, as after any pause of its own.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random

from orchestrator.clock import SystemClock
from orchestrator.coordinator.hours import LEAD_SECONDS
from orchestrator.domain.schedule import open_at
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import NodeId
from orchestrator.simulate.agenda import Agenda, Do, VirtualClock
from orchestrator.simulate.air import Air
from orchestrator.simulate.faults import REDIS, Fault, FaultKind, Weather, drawn
from orchestrator.simulate.figures import Figures, Recovery
from orchestrator.simulate.node import Ground, Node
from orchestrator.simulate.office import Office
from orchestrator.simulate.server import Server

PREFIX = "simulated:"
LEASE_SECONDS = 4.0
ROOM = 1.5
"""Slots for each stream: a fleet has room for what it loses."""
IDLE_SECONDS = 2.5
"""After the last thing that mattered, every node has beaten and every report is recorded."""
WAKES_BEFORE = 2.5
WAKES_FOR = 3.5
"""Rounds go on for that long around a fault even if it has no consequences."""
FIRST_PATIENCE = 3600.0

Progress = Callable[[float, int], None]
"""Told now and then: the virtual time, and how many streams are off air."""


@dataclass(frozen=True)
class Size:
    """How large the world is."""

    specs: Sequence[StreamSpec]
    nodes: int
    seed: int = 1
    begins_at: float = 1_800_000_000.0
    """What the clock on the wall shows at the beginning."""


@dataclass(order=True)
class _Planned:
    at: float
    number: int
    lead: float = field(compare=False)
    do: Do = field(compare=False)


@dataclass
class _Wound:
    """A fault that the world has not recovered from yet."""

    fault: Fault
    since: float
    streams: int


class World:
    """Everything, and the hands that break it."""

    def __init__(self, size: Size) -> None:
        self._chance = Random(size.seed)
        self._specs = size.specs
        self.agenda = Agenda(VirtualClock(size.begins_at))
        self.air = Air(self.agenda.clock)
        server = Server(self.agenda.clock)
        self.ground = Ground(self.agenda, self.air, server, PREFIX, LEASE_SECONDS)
        self.nodes: dict[NodeId, Node] = {}
        self.office = Office(self.ground, self.nodes, self._chance)
        self.recoveries: list[Recovery] = []
        self._slots = round(len(size.specs) * ROOM / size.nodes) + 1
        self._boots = 0
        self._asleep = False
        self._awake_until = 0.0
        self._planned: list[_Planned] = []
        self._numbers = count()
        self._wounds: list[_Wound] = []
        for number in range(size.nodes):
            self._begin_node(NodeId(f"node-{number:03}"))
        self.office.apply(size.specs)
        self._hours_change()
        self.office.begin_rounds()

    def close(self) -> None:
        """Leave nothing behind."""
        self.office.close()

    def begin(self, progress: Progress) -> float:
        """Let everything come on air; the virtual seconds that it took."""
        clock = self.agenda.clock
        while self.air.off:
            if clock.now > FIRST_PATIENCE:
                raise RuntimeError(f"{self.air.off} streams have never come on air")
            self.agenda.next(clock.now + 1.0)
            progress(clock.now, self.air.off)
        begun = clock.now
        self.air.begin_account()
        return begun

    def live(self, faults: Sequence[Fault], seconds: float, progress: Progress) -> None:
        """Go on for that long, with these faults, whose times count from now."""
        start = self.agenda.clock.now
        for fault in faults:
            self._plan(start + fault.at, WAKES_BEFORE, partial(self._strike, fault))
        self._plan(start + seconds, 0.0, lambda: None)
        for edge in self._edges(start + seconds):
            self._plan(edge - LEAD_SECONDS, WAKES_BEFORE, lambda: None)
            self._plan(edge, WAKES_BEFORE, self._hours_change)
        while self.agenda.clock.now < start + seconds:
            self._go_on(self._planned[0])
            progress(self.agenda.clock.now - start, self.air.off)

    def _go_on(self, planned: _Planned) -> None:
        """Until that happens, or until nothing does."""
        clock = self.agenda.clock
        if self._asleep:
            clock.now = max(clock.now, planned.at - planned.lead)
            if planned.lead:
                self._wake(planned.at + WAKES_FOR)
        while not self._asleep and self.agenda.next(planned.at):
            self._heal()
            if self._nothing_happens():
                self._asleep = True
                self.agenda.skip_rounds()
        if clock.now >= planned.at:
            heapq.heappop(self._planned)
            planned.do()
            self._heal()

    def _nothing_happens(self) -> bool:
        return (
            self.office.at_rest
            and not self.air.off
            and not self.ground.reports
            and self.agenda.idle_seconds >= IDLE_SECONDS
            and self.agenda.clock.now >= self._awake_until
        )

    def _wake(self, until: float) -> None:
        self._asleep, self._awake_until = False, until
        for node in self.nodes.values():
            node.live_on()
        for node in self.nodes.values():
            node.start()
        self.office.begin_rounds()

    def _edges(self, until: float) -> list[float]:
        """When shops open or close, until then."""
        start, now = self.agenda.clock.begins_at, self.agenda.clock.now
        turns = [turn for spec in self._specs for turn in spec.turns]
        times = {edge - start for turn in turns for edge in (turn.begins_at, turn.ends_at)}
        return sorted(edge for edge in times if now < edge < until)

    def _hours_change(self) -> None:
        """Shops open and close by the clock on the wall, and runs with them."""
        wall = self.agenda.clock.wall()
        opened = {s.stream: s.endpoint.target for s in self._specs if open_at(s.turns, wall)}
        self.air.expect(opened.values())
        for node in self.nodes.values():
            node.close_all_but(opened)

    def _plan(self, at: float, lead: float, do: Do) -> None:
        heapq.heappush(self._planned, _Planned(at, next(self._numbers), lead, do))

    def _begin_node(self, name: NodeId) -> None:
        """A worker process of that name starts."""
        self._boots += 1
        chance = Random(self._chance.random())
        node = Node(self.ground, name, f"boot-{self._boots}", self._slots, chance)
        self.nodes[name] = node
        if not self._asleep:
            node.start()

    def _strike(self, fault: Fault) -> None:
        """Let that happen."""
        self._drop(fault.drops)
        now = self.agenda.clock.now
        if fault.kind in REDIS:
            self.ground.redis_is_up = False
            self.agenda.after(fault.seconds, lambda: self._redis_returns(fault))
            return
        node = self._one_that_is_well()
        self._wounds.append(_Wound(fault, now, len(node.runs)))
        if fault.kind is FaultKind.NODE_LOST:
            node.die()
            self._plan(now + fault.seconds, 0.0, lambda: self._begin_node(node.name))
        elif fault.kind is FaultKind.NODE_FROZEN:
            node.stand_still(fault.seconds)
        else:
            node.cut_off = True
            self.agenda.after(fault.seconds, node.rejoin)

    def _redis_returns(self, fault: Fault) -> None:
        if fault.kind is FaultKind.REDIS_EMPTY:
            self.ground.server.restart()
        self.ground.redis_is_up = True
        self._wounds.append(_Wound(fault, self.agenda.clock.now, self.air.off))

    def _drop(self, times: int) -> None:
        """Endpoints hang up on some streams, anywhere."""
        for _ in range(times):
            node = self._one_that_is_well()
            runs = [run for run in node.runs.values() if run.publishes]
            if runs:
                self._chance.choice(runs).dropped()

    def _one_that_is_well(self) -> Node:
        return self._chance.choice([node for node in self.nodes.values() if node.is_well])

    def _heal(self) -> None:
        """Note which faults are over: every stream is on air."""
        if self._wounds and not self.air.off:
            now = self.agenda.clock.now
            for wound in self._wounds:
                fault = wound.fault
                self.recoveries.append(
                    Recovery(fault.kind, wound.since, wound.streams, now - wound.since)
                )
            self._wounds.clear()


def simulated(size: Size, weather: Weather, progress: Progress = lambda _, __: None) -> Figures:
    """A world of that size, in that weather, from its beginning to the end of its time."""
    machine = SystemClock()
    began = machine.monotonic()
    world = World(size)
    try:
        begun_in = world.begin(progress)
        first, placed = len(world.office.passes), world.office.placed
        faults = drawn(weather, Random(size.seed))
        world.live(faults, weather.hours * 3600.0, progress)
        air = world.air
        return Figures(
            streams=len(size.specs),
            nodes=size.nodes,
            hours=weather.hours,
            seed=size.seed,
            begun_in=begun_in,
            expected_seconds=air.expected_seconds,
            off_air_seconds=air.off_seconds,
            longest_off_air=air.longest_off,
            two_holders_seconds=air.crowded_seconds,
            overlaps=tuple(air.overlaps),
            placed=world.office.placed - placed,
            moved=world.office.moved,
            recoveries=tuple(world.recoveries),
            passes=tuple(world.office.passes[first:]),
            took=machine.monotonic() - began,
        )
    finally:
        world.close()
