"""What a planner is asked to try, and what it answers: a plan with its value and its bound."""

from collections.abc import Iterator
from dataclasses import dataclass

from orchestrator.ids import ShopId
from orchestrator.planner.checker import unmet
from orchestrator.planner.plan import Plan
from orchestrator.planner.problem import Problem
from orchestrator.planner.score import score

WHOLE = 1500
"""Cells × doubles up to which CP-SAT gets a day as a whole."""
CLOSER = 16_000
"""And up to which it gets a day whose contracts lack hours, or whose gap is wide, in the end."""
COLUMNS = 8000
"""Days at most that are combined."""
ROUNDS = 30
"""Rounds at most."""


@dataclass(frozen=True)
class Limits:
    """How much is tried."""

    seed: int
    gap: float
    """The gap that is good enough, as a share of the bound."""
    steps: int
    """Steps towards better prices."""
    rounds: int
    """How often some shops are filled again."""
    wishes: int
    """How often shops are asked what they would rather do."""
    turns: int
    """How often days are combined."""
    columns: int
    """Days, of all shops together, that a combination is chosen from."""
    onward: int
    """Further steps towards a better bound."""
    cases: int
    """Cases that are looked at for the bound."""


@dataclass(frozen=True)
class Effort:
    """What a caller may say about it; what is left open follows from the size of the day."""

    seed: int = 1
    steps: int | None = None
    rounds: int | None = None
    whole: float = 1.0
    """For a small day: the solver's deterministic seconds, which are about real ones."""
    gap: float = 1e-3

    def of(self, problem: Problem) -> Limits:
        """The limits for that day."""
        shops = len(problem.shops)
        return Limits(
            self.seed,
            self.gap,
            steps=min(300, 120 + 4 * shops) if self.steps is None else self.steps,
            rounds=_rounds(shops) if self.rounds is None else self.rounds,
            wishes=min(45, 3 * shops),
            turns=1 + min(2, shops // 40),
            columns=min(COLUMNS, 40 * shops),
            onward=min(150, 2 * shops, 15_000 // max(1, shops)),
            cases=min(80, shops, 8_000 // max(1, shops)),
        )


def _rounds(shops: int) -> int:
    return min(ROUNDS, max(8, shops * shops // 300))


@dataclass(frozen=True)
class Solution:
    """A plan, its value, what no plan can exceed (in grains), and minutes contracts lack."""

    plan: Plan
    value: int
    bound: float
    lacking: int

    @property
    def gap(self) -> float:
        """(bound − value) / bound: how much better a plan could be at most."""
        return max(0.0, self.bound - self.value) / self.bound if self.bound > 0 else 0.0


def lacking(problem: Problem, plan: Plan) -> int:
    """Minutes that all contracts lack together."""
    return sum(u.minutes + u.prime_minutes for u in unmet(problem, plan))


def best_of(problem: Problem, plan: Plan, bound: float = float("inf")) -> Solution:
    """A plan with its figures."""
    return Solution(plan, score(problem, plan).value, bound, lacking(problem, plan))


def rank(solution: Solution) -> tuple[int, int]:
    """What is better: fewer minutes lacking, then more value."""
    return -solution.lacking, solution.value


def cells(problem: Problem) -> Iterator[tuple[ShopId, int]]:
    """All cells of open shops."""
    return ((shop.id, slot) for shop in problem.shops for slot in sorted(shop.open))


def size(problem: Problem) -> int:
    """Cells × doubles."""
    return sum(1 for _ in cells(problem)) * len(problem.personas)
