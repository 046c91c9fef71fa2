"""What is said at the end of a day in minutes: who was seen when, beside what was planned."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property

from rich.console import Group, RenderableType
from rich.text import Text

from orchestrator.cli.columns import Column, Fitted
from orchestrator.cli.console import counted
from orchestrator.cli.day_excerpt import EXCERPT_SECONDS, Sights, findings, name_of
from orchestrator.cli.tables import NOTHING
from orchestrator.domain.stream import StreamSpec
from orchestrator.domain.turning import stretches
from orchestrator.planning.turns import Tempo
from orchestrator.sandbox.verdict import Verdict


@dataclass(frozen=True)
class Played:
    """A stream's two hours: what they were to be, and what came of them."""

    spec: StreamSpec
    seen: Sights
    verdict: Verdict

    @cached_property
    def findings(self) -> tuple[str, ...]:
        """All that was otherwise than planned, and all that was wrong with what came."""
        found = findings(self.spec, self.seen)
        openings = sum(stretch.closes for stretch in stretches(self.spec))
        # A shop that closes in between is off air then, and comes back on another connection.
        return (*found, *self.verdict.findings) if openings == 1 else found

    @property
    def title(self) -> str:
        """How people call the stream, whoever is on."""
        spec = self.spec
        return f"{spec.streamer_name} → {spec.brand.name}@{spec.platform}"

    @property
    def who(self) -> str:
        """Who was on, one after the other."""
        names = [name_of(self.spec, scene.persona) for scene in self.seen.scenes]
        return " → ".join(names) or NOTHING

    @property
    def late(self) -> tuple[float, ...]:
        """By how many seconds each change of doubles came after its edge."""
        pairs = zip(stretches(self.spec), self.seen.scenes, strict=False)
        return tuple(scene.begins_at - stretch.begins_at for stretch, scene in pairs)[1:]


@dataclass(frozen=True)
class DayOutcome:
    """The whole demo."""

    day: date
    origin: float
    """When the two hours were planned to begin."""
    tempo: Tempo
    played: tuple[Played, ...]
    last_view: RenderableType

    @property
    def clean(self) -> bool:
        """Whether everything was seen as planned."""
        return all(not played.findings for played in self.played)

    @property
    def began(self) -> bool:
        """Whether anything was seen at all."""
        return any(played.seen.scenes for played in self.played)

    @property
    def changes(self) -> int:
        """How many changes of doubles were seen."""
        return sum(len(played.late) for played in self.played)


def _latest(played: Played) -> str:
    return f"{max(played.late):+.1f} s" if played.late else NOTHING


def _verdict(played: Played) -> Text:
    if not played.findings:
        return Text("as planned", "bold green")
    return Text(counted(len(played.findings), "finding"), "bold red")


COLUMNS: tuple[Column[Played], ...] = (
    Column("Shop", lambda p: p.title, folds=True),
    Column("Seen", lambda p: p.who, folds=True),
    Column("Latest\nchange", _latest, right=True),
    Column("Connec-\ntions", lambda p: str(p.seen.connections), rank=1, right=True),
    Column("Verdict", _verdict),
)


def day_view(outcome: DayOutcome) -> Group:
    """The verdicts, and below them every finding in full."""
    minutes = EXCERPT_SECONDS / outcome.tempo.factor / 60
    title = f"Two hours of {outcome.day} in {minutes:g} minutes, as the endpoints saw them\n"
    lines = [
        Text.assemble((f"  {p.spec.stream}: ", "bold"), (finding, "red"), overflow="fold")
        for p in outcome.played
        for finding in p.findings
    ]
    changes = [late for p in outcome.played for late in p.late]
    said = f"{counted(len(changes), 'change')} of doubles"
    if changes:
        said += f", {min(changes):+.1f} to {max(changes):+.1f} s from their edges"
    return Group(Fitted(COLUMNS, outcome.played, title=title), Text(), *lines, Text(said))


def day_document(outcome: DayOutcome) -> str:
    """The same as JSON."""
    streams = {
        p.spec.stream: {
            "title": p.title,
            "planned": [
                {"double": name_of(p.spec, s.persona_id), "begins_at": s.begins_at}
                for s in stretches(p.spec)
            ],
            "seen": [
                {"double": name_of(p.spec, s.persona), "begins_at": s.begins_at}
                for s in p.seen.scenes
            ],
            "late_seconds": p.late,
            "connections": p.seen.connections,
            "findings": p.findings,
            "verdict": asdict(p.verdict),
        }
        for p in outcome.played
    }
    document = {
        "clean": outcome.clean,
        "day": outcome.day.isoformat(),
        "factor": outcome.tempo.factor,
        "changes": outcome.changes,
        "streams": streams,
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
