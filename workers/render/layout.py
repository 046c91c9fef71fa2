"""Where everything stands on the frame.

Drawn on a board of 720 x 1280 and scaled to the profile, so every place is a fraction of the frame.
From top to bottom: shop capsule, AI label, the double behind a desk, subtitle across its chest,
product card on the desk. The label's own place comes from orchestrator.compliance.ai_label.

Boxes that video planes are cut to (`stage`) begin and end on even pixels, as 4:2:0 asks.
"""

from dataclasses import dataclass

from orchestrator.compliance.ai_label import LabelBox, label_box
from orchestrator.domain.media import Profile

BOARD_WIDTH, BOARD_HEIGHT = 720, 1280
DESK_TOP = 930
PUPPET_SCALE = 0.88
"""Board pixels per unit of the puppet's drawing."""
PUPPET_CENTER_X, PUPPET_TOP = 360, 216
"""Where the drawing's middle and its top edge stand."""


@dataclass(frozen=True)
class Rect:
    """A box on the frame, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def overlaps(self, other: "Rect") -> bool:
        """Whether two boxes share a pixel."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True)
class Layout:
    """The boxes of one profile."""

    width: int
    height: int
    scale: float
    """Pixels per board pixel."""
    header: Rect
    label: LabelBox
    stage: Rect
    """All that ever moves."""
    subtitle: Rect
    card: Rect
    slate_stage: Rect

    def px(self, board: float) -> int:
        """Board pixels as whole pixels."""
        return round(board * self.scale)

    @property
    def label_rect(self) -> Rect:
        """The label's plate as a box like the others."""
        return Rect(self.label.left, self.label.top, self.label.width, self.label.height)


def layout(profile: Profile, label: str) -> Layout:
    """The boxes of a profile with that label text."""
    across, down = profile.width / BOARD_WIDTH, profile.height / BOARD_HEIGHT
    scale = min(across, down)

    def rect(left: float, top: float, right: float, bottom: float) -> Rect:
        x, y = round(left * across), round(top * down)
        return Rect(x, y, round(right * across) - x, round(bottom * down) - y)

    return Layout(
        width=profile.width,
        height=profile.height,
        scale=scale,
        header=rect(24, 28, 560, 102),
        label=label_box(profile, label),
        stage=_even(rect(24, 196, 696, DESK_TOP)),
        subtitle=rect(40, 826, 680, 924),
        card=rect(24, 968, 696, 1240),
        slate_stage=_even(rect(0, 300, 720, 1100)),
    )


def _even(rect: Rect) -> Rect:
    return Rect(rect.left // 2 * 2, rect.top // 2 * 2, rect.width // 2 * 2, rect.height // 2 * 2)
