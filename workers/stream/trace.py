"""The trace that a run leaves for the recorder: phases, alarms, clips taken on air, traffic."""

from collections.abc import Mapping
from itertools import count

from orchestrator.clock import Clock
from orchestrator.domain.evidence import Report, ReportKind
from orchestrator.domain.stream import Phase
from orchestrator.ids import NodeId
from orchestrator.wire.reports import Reporter
from workers.stream.program import Take
from workers.stream.standing import Standing

TRAFFIC_SECONDS = 60.0


class Trace:
    """One run's reports. Their ids are the run's, numbered: delivered twice they count once."""

    def __init__(self, reporter: Reporter, standing: Standing, holder: str, clock: Clock) -> None:
        self._reporter = reporter
        self._standing = standing
        self._holder = holder
        self._clock = clock
        self._numbers = count(1)
        self._since = clock.monotonic()
        self._frames = 0
        self._sent = 0

    def phase(self, phase: Phase, reason: str, permanent: bool) -> None:
        """The run has moved. `permanent`: trying again can't help."""
        self._leave(
            ReportKind.PHASE,
            {"phase": str(phase), "reason": reason, "permanent": int(permanent)},
        )

    def alarm(self, words: str) -> None:
        """A person has to look at the stream; empty: no more."""
        self._leave(ReportKind.ALARM, {"alarm": words})

    def taken(self, take: Take, start_ms: int) -> None:
        """A clip was taken on air."""
        cue = take.cue
        self._leave(
            ReportKind.TAKEN,
            {
                "clip": cue.key,
                "line": cue.name,
                "kind": str(cue.kind),
                "persona": take.persona or "",
                "start_ms": start_ms,
                "duration_ms": take.duration_ms,
            },
        )

    def traffic(self, at_once: bool = False) -> None:
        """What was sent since the last time, once a minute."""
        now = self._clock.monotonic()
        if now - self._since < TRAFFIC_SECONDS and not at_once:
            return
        frames, sent = self._standing.frames - self._frames, self._standing.sent - self._sent
        if sent:
            seconds = round(now - self._since, 3)
            self._leave(ReportKind.TRAFFIC, {"seconds": seconds, "bytes": sent, "frames": frames})
        self._since, self._frames, self._sent = now, self._standing.frames, self._standing.sent

    def _leave(self, kind: ReportKind, facts: Mapping[str, str | int | float | None]) -> None:
        report = Report(
            report=f"{self._holder}/{next(self._numbers)}",
            kind=kind,
            node=NodeId(self._holder.partition("/")[0]),
            at=self._clock.wall(),
            stream=self._standing.stream,
            token=self._standing.token,
            facts=facts,
        )
        self._reporter.report(report)
