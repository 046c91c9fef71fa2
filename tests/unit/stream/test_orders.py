"""Orders for the render workers: each once in a while, with haste where it is due."""

from orchestrator.domain.clip import clip_key
from orchestrator.domain.stream import idle_recipe, line_recipe
from tests.support.streams import a_spec
from tests.unit.stream.hands import HandClock
from workers.stream.orders import AGAIN_SECONDS, Order, Orders

SPEC = a_spec()
RECIPE = line_recipe(SPEC, SPEC.lines[0])
KEY = clip_key(RECIPE)


class Desk:
    def __init__(self, takes: bool = True) -> None:
        self.clock = HandClock()
        self.sent: list[Order] = []
        self.takes = takes
        self.orders = Orders(self._send, self.clock)

    def _send(self, order: Order) -> bool:
        if self.takes:
            self.sent.append(order)
        return self.takes


def test_a_clip_is_ordered_once_however_often_it_is_asked_for() -> None:
    desk = Desk()
    assert desk.orders.ask(RECIPE, KEY, urgent=False)
    assert not desk.orders.ask(RECIPE, KEY, urgent=False)
    assert [order.queue for order in desk.sent] == ["render.ahead"]


def test_a_clip_that_has_become_urgent_is_ordered_once_more_and_not_back() -> None:
    desk = Desk()
    for urgent in (False, True, True, False):
        desk.orders.ask(RECIPE, KEY, urgent)
    assert [order.queue for order in desk.sent] == ["render.ahead", "render.now"]


def test_a_clip_that_did_not_come_is_ordered_again() -> None:
    desk = Desk()
    desk.orders.ask(RECIPE, KEY, urgent=True)
    desk.clock.advance(AGAIN_SECONDS + 1)
    assert desk.orders.ask(RECIPE, KEY, urgent=True)


def test_where_nobody_renders_orders_come_ever_more_rarely_and_one_of_them_counts() -> None:
    desk = Desk()
    for _ in range(24 * 60):
        desk.orders.ask(RECIPE, KEY, urgent=False)
        desk.clock.advance(60.0)
    assert [order.lives for order in desk.sent[:6]] == [60, 120, 240, 480, 960, 960]
    assert len(desk.sent) <= 95


def test_what_was_there_for_a_while_is_ordered_as_if_for_the_first_time() -> None:
    desk = Desk()
    for _ in range(3):
        desk.orders.ask(RECIPE, KEY, urgent=False)
        desk.clock.advance(desk.sent[-1].lives)
    desk.clock.advance(1000.0)
    desk.orders.ask(RECIPE, KEY, urgent=False)
    assert [order.lives for order in desk.sent] == [60, 120, 240, 60]


def test_an_order_that_found_no_room_may_be_given_again_at_once() -> None:
    desk = Desk(takes=False)
    assert not desk.orders.ask(RECIPE, KEY, urgent=True)
    desk.takes = True
    assert desk.orders.ask(RECIPE, KEY, urgent=True)


def test_what_people_see_of_an_order_says_what_it_is() -> None:
    idle = idle_recipe(SPEC, 1)
    assert Order(RECIPE, KEY, True).shown == "(这床被子很轻。 · 素云旗舰店)"
    assert Order(idle, clip_key(idle), False).shown == "(idle 5.12 s · 素云旗舰店)"
