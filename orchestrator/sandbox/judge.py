"""The judge of one endpoint: everything that is published there, over all its connections. Pure.

    judge = Judge("suyun-douyin")
    session = judge.opened()
    session.feed(kind, timestamp_ms, arrived_at, payload)
    judge.closed(session, now, "unpublished")
    judge.verdict(now).findings

Times are monotonic seconds that the caller hands in. Not safe for several threads.
"""

from orchestrator.sandbox.anomaly import Rules
from orchestrator.sandbox.facts import Facts
from orchestrator.sandbox.overlap import Interval
from orchestrator.sandbox.session import SessionJudge
from orchestrator.sandbox.verdict import Moment, Verdict, judged


class Judge:
    """Judges one endpoint."""

    def __init__(self, name: str, rules: Rules | None = None) -> None:
        self.name = name
        self.rules = rules or Rules()
        self.facts = Facts()
        self._open: dict[int, SessionJudge] = {}

    def opened(self) -> SessionJudge:
        """A connection was granted; feed what it sends."""
        self.facts.sessions += 1
        session = SessionJudge(self.facts.sessions, self.facts, self.rules)
        self._open[session.number] = session
        return session

    def closed(self, session: SessionJudge, at: float, ending: str = "lost") -> None:
        """A connection is over."""
        if self._open.pop(session.number, None) is not None:
            session.closed(at)
            self.facts.endings[ending] += 1

    def was_late(self, seconds: float) -> None:
        """The judge's own thread got to work that much later than it should have."""
        self.facts.judge_late_seconds = max(self.facts.judge_late_seconds, seconds)

    def turned_away(self) -> None:
        """Somebody wanted to publish and wasn't let."""
        self.facts.attempts_turned_away += 1

    def intervals(self) -> list[Interval]:
        """Who was on air when, by connection."""
        return self.facts.intervals.all()

    def verdict(self, now: float) -> Verdict:
        """What is to be said at this moment."""
        open_now = tuple(self._open.values())
        moment = Moment(
            now,
            tuple(silence for session in open_now for silence in session.silence(now)),
            sum(session.lacks_aigc for session in open_now),
        )
        return judged(self.name, self.facts, self.rules, moment)
