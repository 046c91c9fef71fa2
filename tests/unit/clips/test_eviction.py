"""What goes when the store is too large."""

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.ids import ClipKey
from workers.clips.eviction import Kept, victims


def kept(key: str, size: int, used: float) -> Kept:
    return Kept(ClipKey(key), size, used)


def test_nothing_goes_while_all_fits() -> None:
    assert victims([kept("a", 50, 1), kept("b", 50, 2)], set(), 100) == ()


def test_what_was_used_longest_ago_goes_first_and_no_more_than_needed() -> None:
    clips = [kept("new", 40, 3), kept("old", 40, 1), kept("middle", 40, 2)]
    assert victims(clips, set(), 100) == ("old",)


def test_pins_stay_however_old() -> None:
    clips = [kept("pinned", 80, 1), kept("other", 80, 2)]
    assert victims(clips, {ClipKey("pinned")}, 100) == ("other",)


def test_pins_alone_may_be_too_large() -> None:
    clips = [kept("a", 80, 1), kept("b", 80, 2)]
    assert victims(clips, {ClipKey("a"), ClipKey("b")}, 100) == ()


@given(
    st.lists(st.tuples(st.integers(1, 100), st.integers(0, 9), st.booleans()), max_size=20),
    st.integers(0, 500),
)
def test_the_rest_fits_or_is_all_pinned(rows: list[tuple[int, int, bool]], limit: int) -> None:
    clips = [kept(str(n), size, used) for n, (size, used, _) in enumerate(rows)]
    pinned = {ClipKey(str(n)) for n, (_, _, pin) in enumerate(rows) if pin}
    out = set(victims(clips, pinned, limit))
    rest = [clip for clip in clips if clip.key not in out]
    assert not out & pinned
    assert sum(c.size for c in rest) <= limit or all(c.key in pinned for c in rest)
