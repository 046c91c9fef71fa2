"""A stream: what is wanted, what it is made of, and the phases it goes through.

`StreamSpec` is desired state: all that a worker needs to carry the stream, without secrets. Its
digest says whether anything changed, so that applying a matrix restarts only what changed.

Phases move through one door, `moved`, which knows the allowed steps; a late signal that would go
backwards is harmless.

    planned → preparing ──────────→ connecting → on_air ⇄ off_air → ended
                   └─→ ready ──────────┘      any phase but ended ──→ failed

A stream is `ready` when it is to take over from another node: prepared, and paused at its first
packet until the coordinator gives it the air.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cached_property

from orchestrator.domain.clip import (
    LOCAL_PRODUCER,
    BrandFace,
    ClipKind,
    ClipRecipe,
    PersonaFace,
    ProductCard,
)
from orchestrator.domain.endpoint import Endpoint
from orchestrator.domain.line import Line
from orchestrator.domain.phrases import CHINESE as PHRASES
from orchestrator.domain.schedule import Act, Turn
from orchestrator.ids import BrandId, FencingToken, NodeId, PersonaId, ProductId, StreamId

SHELF_CARDS = 3
"""Products side by side that can still be read on a phone."""


@dataclass(frozen=True)
class StreamSpec:
    """Everything a worker needs to carry one stream; no secret in it."""

    stream: StreamId
    platform: str
    brand_id: BrandId
    brand: BrandFace
    shop_name: str
    persona_id: PersonaId
    persona: PersonaFace
    streamer_name: str
    endpoint: Endpoint
    profile: str
    label: str
    products: tuple[ProductCard, ...]
    lines: tuple[Line, ...]
    pause_seconds: float = 2.0
    """Idle between two lines, at least; the rundown varies it."""
    producer: str = LOCAL_PRODUCER
    """Who answers for what is generated, as the files' AI metadata says."""
    acts: tuple[Act, ...] = ()
    """The doubles of the shop's turns. Persona and lines above are what is on without a plan."""
    turns: tuple[Turn, ...] = ()
    """The shop's day as planned, in order. Empty: the persona above is on all day."""

    @property
    def digest(self) -> str:
        """Changes whenever anything in the spec does."""
        return _digest(asdict(self))

    @cached_property
    def link_digest(self) -> str:
        """Changes only with what a connection is made of. All else is handed over on it."""
        link = (self.stream, self.platform, asdict(self.endpoint), self.profile, self.producer)
        return _digest(link)

    def played_by(self, persona_id: PersonaId | None) -> "StreamSpec":
        """What is on in a turn of that double: a spec without a plan. None: the spec's own."""
        act = next((act for act in self.acts if act.persona_id == persona_id), None)
        if act is None:
            return replace(self, acts=(), turns=())
        return replace(
            self,
            persona_id=act.persona_id,
            persona=act.persona,
            lines=act.lines,
            acts=(),
            turns=(),
        )

    @property
    def title(self) -> str:
        """How people call it: `林娜·甜美 → 素云家纺@douyin`."""
        return f"{self.streamer_name}·{self.persona.name} → {self.brand.name}@{self.platform}"

    def card(self, product: ProductId | None) -> ProductCard | None:
        """The card of a product of this stream."""
        return next((c for c in self.products if c.product == product), None)

    def shelf(self, product: ProductId | None) -> tuple[ProductCard, ...]:
        """What is shown of the shop while no product's card is: its first few products."""
        return () if self.card(product) else self.products[:SHELF_CARDS]


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


IDLE_SECONDS = 5.12
IDLE_VARIANTS = 3
SLATE_SECONDS = 5.12


def line_recipe(spec: StreamSpec, line: Line) -> ClipRecipe:
    """How a line of this stream is rendered."""
    return replace(_presented(spec, ClipKind.LINE, line.product), text=line.text, mood=line.mood)


def idle_recipe(spec: StreamSpec, variant: int, product: ProductId | None = None) -> ClipRecipe:
    """An idle loop: the double is there, breathes, looks, says nothing."""
    loop = _presented(spec, ClipKind.IDLE, product)
    return replace(loop, variant=variant % IDLE_VARIANTS, seconds=IDLE_SECONDS)


def slate_recipe(spec: StreamSpec) -> ClipRecipe:
    """The brand's slate: shown when nothing else can be. No double in it, but the label."""
    return replace(_framed(spec, ClipKind.SLATE), seconds=SLATE_SECONDS)


def human_recipe(spec: StreamSpec) -> ClipRecipe:
    """The slate of the streamer's own hours. It is generated, so it has the label as well."""
    words = f"{PHRASES.human_hours}\n{PHRASES.human_hours_more}"
    return replace(slate_recipe(spec), text=words)


def _presented(spec: StreamSpec, kind: ClipKind, product: ProductId | None) -> ClipRecipe:
    """The double, with the card of what it talks about, or with the shop's shelf."""
    return replace(
        _framed(spec, kind),
        persona=spec.persona,
        card=spec.card(product),
        shelf=spec.shelf(product),
    )


def _framed(spec: StreamSpec, kind: ClipKind) -> ClipRecipe:
    """What every clip of a stream has in common."""
    return ClipRecipe(
        kind=kind,
        profile=spec.profile,
        label=spec.label,
        brand=spec.brand,
        shop_name=spec.shop_name,
        producer=spec.producer,
    )


class Phase(StrEnum):
    """Where a stream stands."""

    PLANNED = "planned"
    PREPARING = "preparing"
    READY = "ready"
    CONNECTING = "connecting"
    ON_AIR = "on_air"
    OFF_AIR = "off_air"
    ENDED = "ended"
    FAILED = "failed"


STEPS: dict[Phase, frozenset[Phase]] = {
    Phase.PLANNED: frozenset({Phase.PREPARING, Phase.ENDED, Phase.FAILED}),
    Phase.PREPARING: frozenset({Phase.READY, Phase.CONNECTING, Phase.ENDED, Phase.FAILED}),
    Phase.READY: frozenset({Phase.CONNECTING, Phase.ENDED, Phase.FAILED}),
    Phase.CONNECTING: frozenset({Phase.ON_AIR, Phase.OFF_AIR, Phase.ENDED, Phase.FAILED}),
    Phase.ON_AIR: frozenset({Phase.OFF_AIR, Phase.ENDED, Phase.FAILED}),
    Phase.OFF_AIR: frozenset({Phase.CONNECTING, Phase.ON_AIR, Phase.ENDED, Phase.FAILED}),
    Phase.ENDED: frozenset(),
    Phase.FAILED: frozenset(),
}


def moved(current: Phase, to: Phase) -> Phase:
    """The phase after a wish to move: `to` where that step is allowed, else what it was."""
    return to if to in STEPS[current] else current


@dataclass(frozen=True)
class StreamStatus:
    """What a worker says of a stream it carries. Worker → coordinator, in each heartbeat."""

    stream: StreamId
    token: FencingToken
    phase: Phase
    spec_digest: str
    since: float
    """Wall-clock seconds at which the phase began."""
    title: str = ""
    on_air_seconds: float = 0.0
    fps: float = 0.0
    kbps: float = 0.0
    restarts: int = 0
    ahead_seconds: float = 0.0
    """Seconds of the rundown that are rendered and wait to be played."""
    now_playing: str = ""
    """The line's name, or `idle`, `slate`, `human`."""
    reason: str = ""
    """Why it is in this phase, in words; addresses redacted."""
    standing_in: str = ""
    """What is shown instead of the program, and why: clips are missing. Empty: the program."""
    alarm: str = ""
    """What a person has to look at, and what to do. Empty: nothing."""
    stalls: int = 0
    """Connections that were ended because the endpoint took nothing any more."""


@dataclass(frozen=True)
class Want:
    """What the coordinator wants of a stream. Coordinator → worker, kept on the board."""

    stream: StreamId
    wanted: bool
    token: FencingToken
    node: NodeId | None
    spec_digest: str
