"""One demo, from the first process to the last verdict.

The demo is the real fleet, with the real rendering and publishing; only the platform is ours.
"""

from rich.console import RenderableType
from rich.text import Text

from orchestrator.cli.apply import put_streams_in_force
from orchestrator.cli.console import out, say
from orchestrator.cli.demo_report import Outcome
from orchestrator.cli.demo_stage import Stage, at_home
from orchestrator.cli.demo_view import Progress, live_line, live_view, rendered_clips
from orchestrator.cli.overview import overview
from orchestrator.cli.screen import Screen
from orchestrator.cli.tree import ProcessTree
from orchestrator.domain.media import PROFILES
from orchestrator.domain.stream import StreamSpec
from orchestrator.sandbox.label import LabelCheck, label_check
from orchestrator.sandbox.platform import Sandbox
from orchestrator.sandbox.verdict import Verdict
from orchestrator.settings import Settings, settings
from orchestrator.store.store import Store
from orchestrator.wire.board import Board
from orchestrator.wire.redis_client import connect

LOOK_SECONDS = 0.5
GOODBYE_SECONDS = 8.0
LABEL_SAMPLES = 12


class DemoRun:
    """Starts, watches, stops, judges."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._asked, self._clock = stage, stage.asked, stage.clock
        self._last_view: RenderableType = Text()

    def play(self, seconds: float, flower: bool) -> Outcome:
        """Everything; ends early when asked to."""
        loaded = self._stage.loaded()
        streams = at_home(loaded.streams())
        with self._stage.platform(streams) as sandbox:
            progress = Progress(self._clock.monotonic(), tuple(s.stream for s in streams), seconds)
            with self._stage.broker() as (tree, current):
                put_streams_in_force(loaded, streams, current)
                progress.kept = progress.clips = rendered_clips(current.media)
                self._stage.start(tree, current, flower)
                verdicts = self._watch(tree, current, sandbox, progress)
                say("Stopping ...")
        labels = self._look_for_labels(sandbox, streams, progress)
        titles = {spec.stream: spec.title for spec in streams}
        return Outcome(titles, verdicts, labels, progress, self._last_view)

    def _watch(
        self, tree: ProcessTree, current: Settings, sandbox: Sandbox, progress: Progress
    ) -> dict[str, Verdict]:
        store = Store.open(current.store)
        redis = connect(current.redis)
        board = Board(redis, current.redis_prefix)
        try:
            with Screen(out, self._clock) as screen:
                while not self._asked.wait(LOOK_SECONDS):
                    tree.check()
                    verdicts, now = sandbox.snapshot(), self._clock.monotonic()
                    progress.note(verdicts, rendered_clips(current.media), now)
                    if progress.over(now):
                        break
                    view = overview(store, board, self._clock.wall())
                    self._last_view = live_view(view, verdicts, progress, now)
                    screen.show(self._last_view, live_line(view, progress, now), progress.stage)
            verdicts = sandbox.snapshot()
            self._say_goodbye(store, board)
        finally:
            store.close()
            redis.close()
        return verdicts

    def _say_goodbye(self, store: Store, board: Board) -> None:
        """Streams leave the air before the processes end, as they would on a platform."""
        store.stop(tuple(d.spec.stream for d in store.desired()))
        give_up = self._clock.monotonic() + GOODBYE_SECONDS
        while self._clock.monotonic() < give_up:
            if not overview(store, board, self._clock.wall()).carried:
                return
            self._clock.wait(0.2)

    def _look_for_labels(
        self, sandbox: Sandbox, streams: tuple[StreamSpec, ...], progress: Progress
    ) -> dict[str, LabelCheck]:
        """Decode samples of what arrived, and look for the label in each."""
        checks: dict[str, LabelCheck] = {}
        if progress.first_packets:
            say("Looking for the AI label in what arrived ...\n")
        for spec in streams:
            if spec.stream in progress.first_packets:
                every = max(1.0, progress.seconds / LABEL_SAMPLES)
                recording = sandbox.recordings(spec.stream)[-1]
                checks[spec.stream] = label_check(
                    recording, every, PROFILES[spec.profile], spec.label, settings().font
                )
        return checks
