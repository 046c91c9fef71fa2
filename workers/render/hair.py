"""Hair of our own for the ToonHead style, beside its four cuts: a full fringe and a center parting.

Both follow the style's head and go with any of its rear hair. Places are the drawing's, moved to
where the style puts hair.
"""

from collections.abc import Mapping

_SHIFT = 158.16
_FILL: Mapping[str, object] = {
    "fill": {"type": "color", "name": "hair"},
    "stroke": {"type": "color", "name": "stroke"},
}

_FRINGE = (
    "M194 488C172 430 164 352 172 292C180 166 262 94 384 94S588 166 596 292C604 352 596 430 574 488"
    "C566 496 554 492 552 478C552 420 552 360 542 312C536 304 530 296 524 284C522 296 520 304 514 "
    "312C490 318 462 310 446 292C448 302 446 310 440 318C404 324 372 316 350 296C352 306 350 314 "
    "346 320C310 322 284 312 268 292C266 302 262 308 256 314C244 318 236 316 226 312C216 360 216 "
    "420 216 478C214 492 202 496 194 488Z"
)
_FRINGE_LINES = (
    "M446 292C440 256 424 226 402 206M350 296C344 262 350 232 362 210M268 292C264 262 272 238 284 "
    "220M524 284C522 258 512 238 500 224"
)
_PARTING = (
    "M192 500C164 436 158 352 168 292C180 164 264 92 384 92S588 164 600 292C610 352 604 436 576 500"
    "C568 508 554 504 552 490C556 420 552 352 518 300C488 262 424 236 384 176C344 236 280 262 250 "
    "300C216 352 212 420 216 490C214 504 200 508 192 500Z"
)
_PARTING_LINES = (
    "M384 176C384 146 382 122 384 94M414 190C450 230 516 256 548 324"  # parting, right side
    "M354 190C318 230 252 256 220 324"  # left side
)


def extra_hair() -> dict[str, dict[str, object]]:
    """Variants to add to the style's `hair`, by name."""
    return {
        "bangs": _variant(_FRINGE, _FRINGE_LINES),
        "centerPart": _variant(_PARTING, _PARTING_LINES),
    }


def _variant(outline: str, lines: str) -> dict[str, object]:
    strands = {"d": lines, "stroke": "black", "stroke-opacity": ".16", "stroke-width": "3"}
    drawn = [
        {"name": "path", "type": "element", "attributes": {"d": outline, **_FILL}},
        {"name": "path", "type": "element", "attributes": strands},
    ]
    shift = {"transform": f"translate(-{_SHIFT})"}
    return {"elements": [{"name": "g", "type": "element", "attributes": shift, "children": drawn}]}
