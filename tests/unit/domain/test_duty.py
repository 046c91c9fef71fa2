"""What want and next say to a placement: every pair has one meaning."""

import pytest

from orchestrator.domain.duty import Duty, called
from orchestrator.domain.stream import Want
from orchestrator.ids import FencingToken, NodeId, StreamId

OURS = FencingToken(5)


def a_want(token: int, *, wanted: bool = True) -> Want:
    return Want(StreamId("suyun-douyin"), wanted, FencingToken(token), NodeId("node-1"), "d")


@pytest.mark.parametrize(
    ("want", "successor", "duty"),
    [
        pytest.param(None, None, Duty.UNKNOWN, id="an empty board says nothing"),
        pytest.param(a_want(5), None, Duty.CARRY, id="it is ours"),
        pytest.param(a_want(5, wanted=False), None, Duty.END, id="nothing is wanted"),
        pytest.param(a_want(6), None, Duty.END, id="a newer placement has it"),
        pytest.param(a_want(6, wanted=False), None, Duty.END, id="a newer one, and not wanted"),
        pytest.param(a_want(4), a_want(5), Duty.STAND_BY, id="another has it, we prepare"),
        pytest.param(None, a_want(5), Duty.STAND_BY, id="we prepare, whoever has it"),
        pytest.param(a_want(5), a_want(5), Duty.CARRY, id="promoted, next still hangs"),
        pytest.param(a_want(4), a_want(6), Duty.END, id="a newer one prepares"),
        pytest.param(a_want(5), a_want(6), Duty.CARRY, id="ours, and a newer one prepares"),
        pytest.param(a_want(4), None, Duty.NONE, id="an older one has it, nobody prepares"),
        pytest.param(a_want(4), a_want(3), Duty.NONE, id="leftovers"),
    ],
)
def test_what_the_board_says(want: Want | None, successor: Want | None, duty: Duty) -> None:
    call = called(OURS, want, successor)
    assert call.duty is duty
    assert bool(call.reason) is (duty is Duty.END)
