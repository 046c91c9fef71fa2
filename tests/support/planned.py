"""Streams with a day: two doubles, each with a script of its own, and the streamer's own hours."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from orchestrator.domain.clip import Look, PersonaFace, Voice
from orchestrator.domain.line import Line, LineKind
from orchestrator.domain.schedule import Act, Turn
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import PersonaId, ProductId

SWEET, CALM = PersonaId("sweet"), PersonaId("calm")
NAMES = {SWEET: "甜美", CALM: "沉稳"}
LOOKS = {SWEET: "sweet", CALM: "calm"}

Who = PersonaId | None
Leg = tuple[Who, float]
"""Who is on, and for how many seconds; `closed` for a gap."""
GAP = PersonaId("")


def an_act(who: PersonaId, texts: Sequence[str] = ("这床被子很轻。",) * 3) -> Act:
    """A double that takes over with words of its own, and says goodbye."""
    name = NAMES[who]
    lines = [
        Line("hello/1", LineKind.OPENING, f"大家好,{name}来了。"),
        *(
            Line(f"quilt/{n}", LineKind.PRODUCT, f"{text}{n}", product=ProductId("quilt"))
            for n, text in enumerate(texts)
        ),
        Line("over/1", LineKind.HANDOVER, f"接下来是{name}。"),
        Line("bye/1", LineKind.CLOSING, "今天就到这里。"),
    ]
    face = PersonaFace(name, Look("toon-head", seed=LOOKS[who]), Voice("zf_001"))
    return Act(who, face, tuple(lines))


def a_day(spec: StreamSpec, begins_at: float, *legs: Leg) -> StreamSpec:
    """The same stream, with that day: legs follow one another, `GAP` is a closed shop."""
    moments = accumulate((seconds for _, seconds in legs), initial=begins_at)
    turns = tuple(
        Turn(begin, end, who)
        for (who, _), (begin, end) in zip(legs, pairwise(moments), strict=True)
        if who != GAP
    )
    acts = tuple(an_act(who) for who in (SWEET, CALM))
    known = {act.persona_id: act for act in spec.acts}
    return replace(spec, turns=turns, acts=tuple(known.get(a.persona_id, a) for a in acts))
