"""Hair of our own for the ToonHead style, beside its cuts: full fringe, center parting, ponytail.

Fringe and parting frame the face down to the chin, so that they run into any of the rear hair and
no ear shows between. Places are the drawing's, moved to where the style puts hair.
"""

from collections.abc import Mapping

_FRONT, _REAR = "translate(-158.16)", "translate(-160.62 -339.51)"
_HAIR: Mapping[str, object] = {
    "fill": {"type": "color", "name": "hair"},
    "stroke": {"type": "color", "name": "stroke"},
}
_CLOTHES: Mapping[str, object] = {**_HAIR, "fill": {"type": "color", "name": "clothes"}}
_STRAND: Mapping[str, object] = {"stroke": "black", "stroke-opacity": ".16", "stroke-width": "3"}

_FRINGE = (
    "M206 592C180 540 168 470 169 400C167 350 166 316 172 292C180 166 262 94 384 94S588 166 596 292"
    "C602 316 601 350 599 400C600 470 588 540 562 592C556 596 552 590 553 582C556 545 536 500 536 "
    "452C536 400 550 356 542 312C536 304 530 296 524 284C522 296 520 304 514 312C490 318 462 310 "
    "446 292C448 302 446 310 440 318C404 324 372 316 350 296C352 306 350 314 346 320C310 322 284 "
    "312 268 292C266 302 262 308 256 314C244 318 236 316 226 312C218 356 232 400 232 452"
    "C232 500 212 545 215 582C216 590 212 596 206 592Z"
)
_FRINGE_LINES = (
    "M446 292C440 256 424 226 402 206M350 296C344 262 350 232 362 210M268 292C264 262 272 238 284 "
    "220M524 284C522 258 512 238 500 224"
)
_PARTING = (
    "M206 592C172 536 156 460 158 392C156 350 160 318 168 292C180 164 264 92 384 92S588 164 600 292"
    "C608 318 612 350 610 392C612 460 596 536 562 592C556 596 552 590 553 582C556 540 536 500 538 "
    "456C540 400 552 348 518 300C488 262 424 236 384 176C344 236 280 262 250 300C216 348 228 400 "
    "230 456C232 500 212 540 215 582C216 590 212 596 206 592Z"
)
_PARTING_LINES = (
    "M384 176C384 146 382 122 384 94M414 190C450 230 516 256 546 320"  # parting, right side
    "M354 190C318 230 252 256 222 320"  # left side
)
_TAIL = (
    "M470 232C474 176 520 96 610 100C690 108 722 190 714 276C708 352 676 402 700 506"
    "C652 488 616 436 612 368C608 312 612 266 566 252C536 244 500 246 470 232Z"
)
_TAIL_LINES = (
    "M584 166C640 170 668 228 664 290C660 340 646 382 662 436M572 208C620 216 636 270 634 330"
)
_BAND = (
    "M506 138C514 124 534 122 542 134C556 134 566 146 562 160C576 170 574 190 560 198"
    "C560 214 544 222 532 214C518 216 506 206 508 192C496 182 496 164 506 154"
    "C500 148 502 142 506 138Z"
)
_BAND_LINES = "M518 146Q536 168 532 196M538 144Q552 164 548 190"


def extra_hair() -> dict[str, dict[str, object]]:
    """Variants to add to the style's `hair`, by name."""
    return {
        "bangs": _variant(_FRONT, (_FRINGE, _HAIR), (_FRINGE_LINES, _STRAND)),
        "centerPart": _variant(_FRONT, (_PARTING, _HAIR), (_PARTING_LINES, _STRAND)),
    }


def extra_rear_hair() -> dict[str, dict[str, object]]:
    """Variants to add to the style's `rearHair`, by name."""
    tail = (_TAIL, _HAIR), (_TAIL_LINES, _STRAND), (_BAND, _CLOTHES), (_BAND_LINES, _STRAND)
    return {"ponytail": _variant(_REAR, *tail)}


def _variant(moved: str, *paths: tuple[str, Mapping[str, object]]) -> dict[str, object]:
    drawn = [
        {"name": "path", "type": "element", "attributes": {"d": d, **look}} for d, look in paths
    ]
    group = {"name": "g", "type": "element", "attributes": {"transform": moved}, "children": drawn}
    return {"elements": [group]}
