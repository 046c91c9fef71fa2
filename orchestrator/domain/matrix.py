"""What an operator declares: one streamer's personas, brands and shops. The model of `matrix.yaml`.

These models hold the file's shape: which keys there are, which values each takes, what is left out.
What only the whole file can tell (names that must exist, prices, keys, pictures) is checked by
`orchestrator.matrixfile`; a `Matrix` that came from there holds together.

No stream key is ever in here: an endpoint names where its key is found, as `env:` or `file:`.
Descriptions and examples serve people too: the JSON Schema and the error messages quote them.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core.core_schema import CoreSchema
from typing_extensions import override

from orchestrator.domain.clip import Mood
from orchestrator.domain.media import PORTRAIT_720
from orchestrator.domain.planned import Contract, Fit, PlanSpec, SoldAlone, WorthAt
from orchestrator.domain.spelling import (
    Color,
    Day,
    Duration,
    Id,
    Money,
    Part,
    Span,
    Text,
    Until,
)

KEY_REFERENCE = r"^(env:[A-Z_][A-Z0-9_]*|file:[/~].+)$"


class Consent(Part):
    """Who agreed, and when. On paper, elsewhere; here it is named."""

    by: Text = Field(description="The person who agreed, by name.")
    on: Day = Field(description="The day of the agreement.", examples=["2026-11-01"])


class Consents(Part):
    """Modelling a person's face and voice takes two consents, each given apart."""

    likeness: Consent
    voice: Consent


class Streamer(Part):
    """The person whose doubles go on air."""

    id: Id
    name: Text
    time_zone: str = Field(
        default="Asia/Shanghai",
        description="The zone that all hours in this file are in.",
        examples=["Asia/Shanghai"],
    )
    human_hours: tuple[Span, ...] = Field(
        default=(), description="When the person broadcasts, and no double does."
    )
    human_shops: tuple[Id, ...] | None = Field(
        default=None,
        description="Which shops carry the human hours; left out, all that are open then.",
    )
    doubles_beside: bool = Field(
        default=False,
        description="Whether doubles go on in the other shops during human hours.",
    )
    consents: Consents
    aigc_producer: str | None = Field(
        default=None,
        max_length=64,
        description="Who answers for what is generated, in the AI metadata of every clip: your "
        "27-character provider code, or a name in Latin letters without spaces.",
        examples=["yunshang-media"],
    )


class Operator(Part):
    """A named human who answers for a room while it is on air."""

    id: Id
    name: Text
    shifts: Annotated[tuple[Span, ...], Field(min_length=1)] = Field(
        default=("00:00-24:00",), description="When this person is on duty."
    )
    most_rooms: int | None = Field(
        default=None,
        ge=1,
        description="How many rooms this person watches at once, at most; left out, any number.",
    )


class LookSpec(Part):
    """How a double is drawn. What is left out follows from the seed."""

    style: str = Field(default="toon-head", description="A drawing style.", examples=["toon-head"])
    seed: str = Field(default="", max_length=60)
    options: Mapping[str, str] = Field(default_factory=dict, description="The style's options.")


class VoiceSpec(Part):
    """Which voice, how fast."""

    name: str = Field(description="A voice of the speech engine.", examples=["zf_xiaoxiao"])
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="1 is the voice's own pace.")


class ScriptLine(Part):
    """One sentence or two, said in one breath. In the file a plain string will do."""

    text: str = Field(
        min_length=1,
        max_length=200,
        pattern=r"\S",
        description=(
            "What is said. {price} {was} {save} {unit} {name} come from the product, "
            "{persona} {shop} {brand} {streamer} from the room."
        ),
        examples=["这款{name}今天{price}，原价{was}。"],
    )
    mood: Annotated[Mood, Field(strict=False)] | None = Field(
        default=None, description="How it is said; left out, it follows from the line's place."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @classmethod
    @override
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        shape = handler.resolve_ref_schema(handler(core))
        text = {k: v for k, v in shape["properties"]["text"].items() if k != "title"}
        return {"anyOf": [text, shape], "description": shape.get("description", "")}


Lines = tuple[ScriptLine, ...]


class PersonaSpec(Part):
    """One double's character: who it is, how it looks, sounds and talks."""

    id: Id
    name: Text
    temper: str = Field(default="", max_length=200, description="Its character, in words.")
    look: LookSpec = Field(default_factory=LookSpec)
    voice: VoiceSpec
    catchphrases: Lines = Field(default=(), description="Said between products, in every shop.")
    handover: Lines = Field(
        default=(), description="Said first when it takes a room over from another double."
    )
    skills: tuple[Text, ...] = Field(default=(), description="Trades it knows.")
    brands: Annotated[tuple[Id, ...], Field(min_length=1)] | None = Field(
        default=None, description="The brands that it may be with; left out, all."
    )
    platforms: Annotated[tuple[Id, ...], Field(min_length=1)] | None = Field(
        default=None, description="The platforms that it may be on; left out, all."
    )
    longest_run: Duration | None = Field(
        default=None, description="How long it stays in one room, at most; left out, all day."
    )
    rest: Duration | None = Field(
        default=None,
        description="How long it then stays away from that room, at least; left out, one slot.",
    )
    consent_until: Until | None = Field(
        default=None,
        description="Until when the person's consent holds for this double: the last day, or a "
        "moment by the clock on the wall.",
        examples=["2027-10-31", "2026-11-22 14:00"],
    )


class Colors(Part):
    """The brand's two colors: the set's, and the one that stands out."""

    primary: Color
    accent: Color


class Product(Part):
    """The facts of a product. Prices on the card and in speech come from here, and nowhere else."""

    id: Id
    name: Text
    price: Money
    was: Money | None = Field(
        default=None, description="What it cost before; the discount's basis."
    )
    unit: str = Field(default="", max_length=12, description="What it buys.", examples=["件", "盒"])
    points: tuple[Text, ...] = Field(default=(), max_length=5, description="Selling points.")
    picture: str | None = Field(
        default=None,
        min_length=1,
        description="A PNG, JPEG or WebP file, relative to this file.",
        examples=["pictures/quilt.png"],
    )


class Script(Part):
    """What is said. Openings greet and disclose; closings say goodbye when the shop closes."""

    opening: Lines = ()
    handover: Lines = Field(
        default=(), description="Said first by a double that takes the room over from another."
    )
    products: Mapping[Id, Lines] = Field(default_factory=dict, description="Lines by product id.")
    closing: Lines = ()


class Brand(Part):
    """Who sells: its name and colors, its products, and what is said about them."""

    id: Id
    name: Text
    trade: Text = Field(description="What it sells, in a word or two.", examples=["家纺"])
    category: Text | None = Field(
        default=None,
        description="Brands of one category are competitors; left out, it is the trade.",
    )
    rivals: tuple[Id, ...] = Field(
        default=(), description="Brands with which it never shares a double at the same time."
    )
    exclusivity: Annotated[SoldAlone, Field(strict=False)] = Field(
        default=SoldAlone.NONE,
        description="What it has bought against all other brands of its category: a double that "
        "is with it, or the streamer, is with none of them at the same time, or all day.",
        examples=["persona, same time"],
    )
    contract: Contract | None = Field(
        default=None, description="Hours with doubles on air in a day that were sold to it."
    )
    colors: Colors
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    script: Script


class EndpointSpec(Part):
    """Where a shop's stream is sent. The key is named by reference, never written down here."""

    url: str = Field(
        description="The ingest address, without the key.",
        examples=["rtmp://push.example.com/live", "file:///tmp/out.flv"],
    )
    key: str | None = Field(
        default=None,
        pattern=KEY_REFERENCE,
        description="Where the stream key is found: env:NAME (capitals) or file:/PATH (absolute).",
        examples=["env:DOUYIN_KEY", "file:/run/secrets/douyin"],
    )


class Shop(Part):
    """One room on one platform: one stream."""

    id: Id
    name: Text
    brand: Id
    platform: Id
    persona: Id | None = Field(
        default=None,
        description="The only double that may be here. With a plan it may be left out: the plan "
        "chooses among those that have the skills.",
    )
    endpoint: EndpointSpec
    hours: Annotated[tuple[Span, ...], Field(min_length=1)] = ("00:00-24:00",)
    profile: str = Field(default=PORTRAIT_720.name, examples=["portrait-720", "portrait-1080"])
    operator: Id | None = Field(
        default=None, description="Who answers for the room; left out, the only operator does."
    )
    operators: Annotated[tuple[Id, ...], Field(min_length=1)] | None = Field(
        default=None,
        description="Who may answer for the room, where several do in turn. With a plan both may "
        "be left out: then every operator may.",
    )
    owner: Id | None = Field(
        default=None,
        description="Whose account it is: platforms limit an owner's rooms at once. "
        "Left out, it is the brand's.",
    )
    skills: tuple[Text, ...] | None = Field(
        default=None,
        description="What a double must know to be here; left out, the brand's trade, if any does.",
    )
    worth: Money = Field(
        default=Decimal(100),
        description="What an hour on air brings here with a double that fits, in yuan.",
        examples=["300"],
    )
    worth_at: tuple[WorthAt, ...] = Field(default=(), description="Hours that bring more or less.")
    fit: Mapping[Id, Fit] = Field(
        default_factory=dict,
        description="How well doubles sell here, in per cent by persona; left out, 100.",
    )
    cleared: bool = Field(
        default=True,
        description="Whether the room meets its platform's conditions for digital humans.",
    )
    products: Annotated[tuple[Id, ...], Field(min_length=1)] | None = Field(
        default=None, description="Which of the brand's products it sells; left out, all of them."
    )
    script: Script = Field(
        default_factory=Script, description="Lines of this shop alone, besides the brand's."
    )


class Matrix(Part):
    """Everything that one streamer wants on air."""

    streamer: Streamer
    plan: PlanSpec | None = Field(
        default=None,
        description="How the day is planned; `plan: {}` is enough. Left out, nothing is planned: "
        "each shop's persona is on all day.",
    )
    operators: Annotated[tuple[Operator, ...], Field(min_length=1)]
    personas: Annotated[tuple[PersonaSpec, ...], Field(min_length=1)]
    brands: Annotated[tuple[Brand, ...], Field(min_length=1)]
    shops: Annotated[tuple[Shop, ...], Field(min_length=1)]
    label: Text | None = Field(
        default=None,
        description="Another wording of the AI label: AI or 人工智能, and 生成 or 合成. "
        "It is shown all the time; nothing turns it off.",
        examples=["AI生成 · 数字人主播"],
    )

    @model_validator(mode="before")
    @classmethod
    def _planned_by_default(cls, value: Any) -> Any:
        """`plan:` with nothing behind it is a plan with nothing said, and not none."""
        if isinstance(value, dict) and "plan" in value and value["plan"] is None:
            return {**value, "plan": {}}
        return value
