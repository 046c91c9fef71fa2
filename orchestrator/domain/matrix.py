"""What an operator declares: one streamer's personas, brands and shops. The model of `matrix.yaml`.

These models hold the file's shape: which keys there are, which values each takes, what is left out.
What only the whole file can tell (names that must exist, prices, keys, pictures) is checked by
`orchestrator.matrixfile`; a `Matrix` that came from there holds together.

No stream key is ever in here: an endpoint names where its key is found, as `env:` or `file:`.
Descriptions and examples serve people too: the JSON Schema and the error messages quote them.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core.core_schema import CoreSchema
from typing_extensions import override

from orchestrator.domain.clip import Mood
from orchestrator.domain.media import PORTRAIT_720

Id = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        max_length=40,
        description="A short name for machines: lower-case letters, digits and hyphens.",
        examples=["suyun-douyin"],
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
Color = Annotated[
    str,
    Field(pattern=r"^#[0-9a-fA-F]{6}$", description="A color, #rrggbb.", examples=["#3b6ea5"]),
]
Money = Annotated[
    Decimal,
    Field(
        strict=False,
        gt=0,
        lt=1_000_000,
        decimal_places=2,
        description="Yuan, at most two decimals.",
        examples=["129.00"],
    ),
]
SPAN = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
Span = Annotated[
    str,
    Field(
        pattern=SPAN,
        description="From and to, in the streamer's time zone; may run past midnight.",
        examples=["00:00-24:00", "20:00-22:00", "22:00-02:00"],
    ),
]


KEY_REFERENCE = r"^(env:[A-Z_][A-Z0-9_]*|file:[/~].+)$"


class Part(BaseModel):
    """Strict, frozen, and no key that isn't known. Errors never quote what was typed."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Consent(Part):
    """Who agreed, and when. On paper, elsewhere; here it is named."""

    by: Text = Field(description="The person who agreed, by name.")
    on: date = Field(description="The day of the agreement.", examples=["2026-11-01"])


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
    skills: tuple[Text, ...] = Field(default=(), description="Trades it knows.")


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
    """What is said. Openings greet and disclose; closings say goodbye when the stream ends."""

    opening: Lines = ()
    products: Mapping[Id, Lines] = Field(default_factory=dict, description="Lines by product id.")
    closing: Lines = ()


class Brand(Part):
    """Who sells: its name and colors, its products, and what is said about them."""

    id: Id
    name: Text
    trade: Text = Field(description="What it sells, in a word or two.", examples=["家纺"])
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
    persona: Id
    endpoint: EndpointSpec
    hours: Annotated[tuple[Span, ...], Field(min_length=1)] = ("00:00-24:00",)
    profile: str = Field(default=PORTRAIT_720.name, examples=["portrait-720", "portrait-1080"])
    operator: Id | None = Field(
        default=None, description="Who answers for the room; left out, the only operator does."
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
