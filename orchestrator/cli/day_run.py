"""Two planned hours on real streams in minutes: the fleet of the demo, with a day to follow.

First every stream prepares, while the day's begin is put off again and again: each time another
plan is handed over in place. When all stand ready the day begins, and nobody touches anything until
it is over.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from orchestrator.cli.apply import put_streams_in_force
from orchestrator.cli.console import clock_face, counted, out, say
from orchestrator.cli.day_excerpt import (
    EXCERPT_SECONDS,
    Scene,
    Sights,
    at_tempo,
    excerpt,
    liveliest,
)
from orchestrator.cli.day_report import DayOutcome, Played
from orchestrator.cli.demo_stage import Stage, at_home
from orchestrator.cli.demo_view import rendered_clips
from orchestrator.cli.overview import Overview, overview
from orchestrator.cli.screen import Screen
from orchestrator.cli.tables import fleet_line, start_table, status_table
from orchestrator.cli.tree import ProcessTree
from orchestrator.clock import Clock
from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.stream import Phase, StreamSpec
from orchestrator.errors import ConfigurationError
from orchestrator.ids import PersonaId, ShopId, StreamId
from orchestrator.matrixfile import Loaded
from orchestrator.planner.solve import Effort
from orchestrator.planning.book import Planned, broadcast_day, turns_on
from orchestrator.planning.day import problem_of
from orchestrator.planning.solving import Solving
from orchestrator.planning.turns import Tempo
from orchestrator.sandbox.overlap import Interval
from orchestrator.sandbox.platform import Sandbox
from orchestrator.settings import Settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect

LOOK_SECONDS = 0.5
PUT_OFF_SECONDS = 100.0
"""Within the time in which streams are placed before their shop opens."""
SOON_SECONDS = 40.0
CURTAIN_SECONDS = 4.0
"""From the moment when all stand ready; the last plan has come everywhere by then."""
QUIET_SECONDS = 5.0
"""With no clip rendered for that long, all are that the day begins with."""
PREPARE_SECONDS = 900.0
GOODBYE_SECONDS = 12.0
FORETASTE_MS = 640
"""Of each connection that much is sent ahead (workers/stream/airtime.py)."""
ALL_REPORTS = 100_000


class DayRun:
    """Plans, prepares, plays, compares."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._asked, self._clock = stage, stage.asked, stage.clock
        self._last_view: RenderableType = Text()

    def play(self, factor: float, flower: bool) -> DayOutcome:
        """Everything; ends early when asked to."""
        loaded = self._stage.loaded()
        planned = self._planned(loaded)
        turns = turns_on(loaded.matrix, planned)
        origin = liveliest(turns)
        inside = excerpt(turns, origin)
        specs = at_home([s for s in loaded.streams(inside) if ShopId(s.stream) in inside])
        with self._stage.platform(specs) as sandbox:
            with (
                self._stage.broker() as (tree, current),
                _Fleet(loaded, specs, current, self._clock) as fleet,
            ):
                fleet.follow(Tempo(origin, self._clock.wall() + PUT_OFF_SECONDS, factor))
                self._stage.start(tree, current, flower)
                tempo = self._prepare(tree, fleet, origin, factor)
                self._watch(tree, fleet, tempo.at(origin + EXCERPT_SECONDS))
                say("Stopping ...")
                fleet.say_goodbye()
                taken = fleet.taken()
            played = self._compared(at_tempo(specs, tempo), sandbox, taken)
        return DayOutcome(planned.day, origin, tempo, played, self._last_view)

    def _planned(self, loaded: Loaded) -> Planned:
        if loaded.matrix.plan is None:
            raise ConfigurationError(
                f"{self._stage.matrix} has no plan to follow. Add `plan: {{}}` to it."
            )
        day = broadcast_day(loaded.matrix, self._clock.wall())
        problem = problem_of(loaded.matrix, day)
        say("Planning the day ...")
        with Solving(problem, Effort()) as solving:
            while not solving.wait(LOOK_SECONDS):
                if self._asked.is_set():
                    raise KeyboardInterrupt
            return Planned(day, problem, solving.result().solution)

    def _prepare(self, tree: ProcessTree, fleet: "_Fleet", origin: float, factor: float) -> Tempo:
        """Put the day off until every stream stands ready; when it begins then."""
        begun = self._clock.monotonic()
        with Screen(out, self._clock) as screen:
            while not self._asked.wait(LOOK_SECONDS):
                tree.check()
                view = fleet.look()
                for_long = self._clock.monotonic() - begun >= PREPARE_SECONDS
                if for_long or fleet.stands_ready(view):
                    break
                if fleet.tempo.anchor - self._clock.wall() < SOON_SECONDS:
                    fleet.follow(Tempo(origin, self._clock.wall() + PUT_OFF_SECONDS, factor))
                line = f"{fleet_line(view).plain} · {fleet.prepared(view)}"
                screen.show(start_table(view.rows), line, fleet.prepared(view))
        fleet.follow(Tempo(origin, self._clock.wall() + CURTAIN_SECONDS, factor))
        return fleet.tempo

    def _watch(self, tree: ProcessTree, fleet: "_Fleet", ends_at: float) -> None:
        with Screen(out, self._clock) as screen:
            while not self._asked.wait(LOOK_SECONDS):
                tree.check()
                view, left = fleet.look(), ends_at - self._clock.wall()
                if left < -GOODBYE_SECONDS or (left < 0 and not view.carried):
                    break
                self._last_view = status_table(view.rows, view.moment)
                line = f"{fleet_line(view).plain} · {clock_face(left)} to go"
                screen.show(self._last_view, line, stage=_who(view))

    def _compared(
        self, specs: Sequence[StreamSpec], sandbox: Sandbox, taken: Sequence[Report]
    ) -> tuple[Played, ...]:
        verdicts = sandbox.snapshot()
        ahead = self._clock.wall() - self._clock.monotonic()
        return tuple(
            Played(
                spec,
                sights(spec.stream, taken, sandbox.intervals(spec.stream), ahead),
                verdicts[spec.stream],
            )
            for spec in specs
        )


class _Fleet:
    """The streams of the day, as wanted and as they are."""

    def __init__(
        self, loaded: Loaded, specs: tuple[StreamSpec, ...], current: Settings, clock: Clock
    ) -> None:
        self.tempo = Tempo()
        self._loaded, self._specs, self._current = loaded, specs, current
        self._clock = clock
        self._store = Store.open(current.store)
        self._redis = connect(current.redis)
        self._board = Board(self._redis, current.redis_prefix)
        self._clips, self._grown_at = 0, clock.monotonic()

    def __enter__(self) -> "_Fleet":
        return self

    def __exit__(self, *_: object) -> None:
        self._store.close()
        self._redis.close()

    def follow(self, tempo: Tempo) -> None:
        """Have the day go like that."""
        self.tempo = tempo
        put_streams_in_force(self._loaded, at_tempo(self._specs, tempo), self._current)

    def look(self) -> Overview:
        return overview(self._store, self._board, self._clock.wall())

    def stands_ready(self, view: Overview) -> bool:
        """Whether all streams are prepared, and nothing is rendered for them any more."""
        clips, now = rendered_clips(self._current.media), self._clock.monotonic()
        ready = bool(view.rows) and all(row.phase == Phase.READY for row in view.rows)
        if clips != self._clips or not ready:
            self._clips, self._grown_at = clips, now
        return ready and now - self._grown_at >= QUIET_SECONDS

    def prepared(self, view: Overview) -> str:
        """How far that is."""
        ready = sum(row.phase == Phase.READY for row in view.rows)
        return f"{ready} of {len(self._specs)} stand ready, {counted(self._clips, 'clip')}"

    def taken(self) -> tuple[Report, ...]:
        """What the workers say that they took on air."""
        return self._store.reporting.latest(ReportKind.TAKEN, ALL_REPORTS)

    def say_goodbye(self) -> None:
        """What is still on air leaves it before the processes end."""
        self._store.stop(tuple(spec.stream for spec in self._specs))
        give_up = self._clock.monotonic() + GOODBYE_SECONDS
        while self._clock.monotonic() < give_up and self.look().carried:
            self._clock.wait(0.2)


def sights(
    stream: StreamId, taken: Sequence[Report], intervals: Sequence[Interval], ahead: float
) -> Sights:
    """What an endpoint saw: which double from when on, by the times of the packets that came.

    `ahead` is what the wall's clock is ahead of the monotonic one, by which the endpoint notes when
    something came. A worker says which clip it took for which time of the connection.
    """
    sessions = {session: list(group) for session, group in groupby(intervals, lambda i: i.session)}
    firsts = [group[0].start + ahead for group in sessions.values()]
    mine = sorted((r for r in taken if r.stream == stream), key=_order)
    runs = [list(group) for _, group in groupby(mine, lambda r: r.token)]
    scenes: list[Scene] = []
    for first, clips in zip(firsts, runs, strict=False):
        for persona, group in groupby(clips, lambda r: str(r.facts.get("persona") or "")):
            ms = int(next(group).facts["start_ms"] or 0)
            begins_at = first + max(0, ms - FORETASTE_MS) / 1000
            scenes.append(Scene(PersonaId(persona) if persona else None, begins_at))
    ended_at = max((interval.end for interval in intervals), default=None)
    return Sights(tuple(scenes), len(sessions), None if ended_at is None else ended_at + ahead)


def _order(report: Report) -> tuple[int, int]:
    return int(report.token or 0), int(report.facts["start_ms"] or 0)


def _who(view: Overview) -> str:
    """Changes whenever somebody else is on."""
    doubles: Mapping[str, str] = {row.stream: row.title for row in view.rows if row.on_air}
    return "; ".join(f"{stream} {title}" for stream, title in sorted(doubles.items()))
