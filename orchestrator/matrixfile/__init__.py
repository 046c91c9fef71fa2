"""`matrix.yaml`: read, checked as a whole, lowered to streams. The only reader of that file.

loaded = load(Path("matrix.yaml"), resolve_key)   # SpecError names every problem at once
store_assets(loaded, settings().media)
specs = loaded.streams()                          # each shop's double, all day
specs = loaded.streams(turns)                     # as a plan says (orchestrator.planning)
"""

from orchestrator.matrixfile.load import Loaded, checked, load
from orchestrator.matrixfile.lower import streams
from orchestrator.matrixfile.pictures import Picture, store_assets
from orchestrator.matrixfile.schema import schema

__all__ = ["Loaded", "Picture", "checked", "load", "schema", "store_assets", "streams"]
