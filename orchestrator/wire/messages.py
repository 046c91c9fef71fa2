"""How the domain's values travel: JSON by pydantic, checked when they arrive.

One codec a type. A message that doesn't fit is a `ValueError` (pydantic's) that names the field.
"""

from pydantic import TypeAdapter

from orchestrator.domain.clip import ClipRecipe
from orchestrator.domain.evidence import Report
from orchestrator.domain.node import Farewell, NodeBeat
from orchestrator.domain.stream import StreamSpec, Want

RECIPE: TypeAdapter[ClipRecipe] = TypeAdapter(ClipRecipe)
SPEC: TypeAdapter[StreamSpec] = TypeAdapter(StreamSpec)
BEAT: TypeAdapter[NodeBeat] = TypeAdapter(NodeBeat)
WANT: TypeAdapter[Want] = TypeAdapter(Want)
FAREWELL: TypeAdapter[Farewell] = TypeAdapter(Farewell)
REPORT: TypeAdapter[Report] = TypeAdapter(Report)
