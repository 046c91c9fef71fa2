"""Each day's plans, which of them is in force, and what a new one needs of the matrix.

Plans are kept with the hours of their slots, so that they can be read without the matrix they were
made from; and with what every double shows and says in every room (acts), so that the next day's
streams can be made without the matrix' files and keys. A plan is put into force together with the
streams that follow from it, in one transaction: by people's commands with their matrix, and by the
leader, which only ever adds the next day.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from orchestrator.domain.schedule import Act
from orchestrator.domain.stream import StreamSpec
from orchestrator.errors import WriteConflict
from orchestrator.ids import PersonaId, ShopId, StreamId
from orchestrator.planner.plan import Duty, Plan
from orchestrator.store.database import Database
from orchestrator.store.leadership import Leader, fence
from orchestrator.store.matrices import Applied, write_changed, write_desired
from orchestrator.store.tables import acts, matrices, plan_troubles, plans

ACT: TypeAdapter[Act] = TypeAdapter(Act)

Acts = Mapping[StreamId, Sequence[Act]]
Change = tuple[str, StreamSpec]
"""The digest that a stream had when it was read, and what it becomes."""


@dataclass(frozen=True)
class DayPlan:
    """A plan for one day, as it was made."""

    day: date
    begins: tuple[float, ...]
    """When each slot begins, in wall-clock seconds."""
    ends_at: float
    """When the last slot ends."""
    zone: str
    """In which people read its hours."""
    plan: Plan
    problem: str
    """Digest of what was solved: the same problem has the same plan."""
    value: int
    bound: float
    """No plan is worth more; both in grains."""
    lacking: int
    """Minutes that contracts lack."""


@dataclass(frozen=True)
class PlanRecord:
    """A plan as it was put into force."""

    number: int
    day: DayPlan
    revision: int
    """Of the matrix that it was made from."""
    made_at: float
    made_by: str
    in_force: bool
    """Whether it is its day's last word."""


@dataclass(frozen=True)
class PlanTrouble:
    """Why a day has no plan yet."""

    day: date
    reason: str
    at: float


@dataclass(frozen=True)
class Outlook:
    """How far ahead the days are planned."""

    day: date
    """The last one."""
    zone: str
    ends_at: float
    revision: int
    trouble: PlanTrouble | None = None
    """Why the day after has no plan yet, if somebody has tried."""


class Plans:
    """The plans, past and in force."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        document: str,
        specs: Sequence[StreamSpec],
        said: Acts,
        days: Sequence[DayPlan],
        *,
        by: str,
        now: float,
    ) -> Applied:
        """Put a matrix into force, with the plans of some days; all or none.

        Plans of the days after those were made from another matrix, and are so no more.
        """
        with self._database.writing() as connection:
            applied = write_desired(connection, document, specs, by, now)
            connection.execute(delete(acts))
            _write_acts(connection, said)
            last = max((plan.day for plan in days), default=None)
            late = plans.c.day > (last.isoformat() if last else "")
            connection.execute(update(plans).where(late).values(in_force=False))
            for plan in days:
                _write(connection, plan, applied.revision, by, now)
            connection.execute(delete(plan_troubles))
        return applied

    def extend(
        self, leader: Leader, plan: DayPlan, revision: int, changes: Sequence[Change], now: float
    ) -> None:
        """Add a day: its plan, and the streams that were changed by it; all or none.

        `WriteConflict` when somebody has applied another matrix meanwhile.
        """
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            if connection.execute(select(func.max(matrices.c.revision))).scalar() != revision:
                raise WriteConflict("Another matrix was applied meanwhile.")
            write_changed(connection, changes)
            _write(connection, plan, revision, leader.holder, now)
            connection.execute(delete(plan_troubles))

    def acts(self) -> dict[StreamId, tuple[Act, ...]]:
        """What every double shows and says, by stream."""
        query = select(acts.c.stream, acts.c.act).order_by(acts.c.stream, acts.c.persona)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {
            StreamId(stream): tuple(ACT.validate_json(row.act) for row in group)
            for stream, group in groupby(rows, lambda row: str(row.stream))
        }

    def latest(self, day: date | None = None) -> PlanRecord | None:
        """The plan that is in force, of that day or else of the last day that has one."""
        query = select(plans).where(plans.c.in_force).order_by(plans.c.day.desc()).limit(1)
        if day is not None:
            query = query.where(plans.c.day == day.isoformat())
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _record(row)

    def history(self, limit: int = 50) -> tuple[PlanRecord, ...]:
        """The last plans that were put into force, newest first."""
        query = select(plans).order_by(plans.c.number.desc()).limit(limit)
        with self._database.reading() as connection:
            return tuple(_record(row) for row in connection.execute(query))

    def planned_since(self, day: date) -> float | None:
        """When a day was planned for the first time."""
        query = select(func.min(plans.c.made_at)).where(plans.c.day == day.isoformat())
        with self._database.reading() as connection:
            found: float | None = connection.execute(query).scalar()
        return found

    def outlook(self) -> Outlook | None:
        """How far ahead the days are planned; None: they aren't."""
        columns = select(plans.c.day, plans.c.zone, plans.c.ends_at, plans.c.revision)
        last = columns.where(plans.c.in_force).order_by(plans.c.day.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(last).one_or_none()
            trouble = connection.execute(select(plan_troubles)).one_or_none()
        if row is None:
            return None
        return Outlook(
            date.fromisoformat(row.day),
            row.zone,
            row.ends_at,
            row.revision,
            None if trouble is None else _trouble(trouble),
        )

    def note_trouble(self, leader: Leader, trouble: PlanTrouble) -> None:
        """Say why a day has no plan yet; until it has one."""
        with self._database.writing() as connection:
            fence(connection, leader.holder, leader.term)
            connection.execute(delete(plan_troubles))
            values = {"day": trouble.day.isoformat(), "reason": trouble.reason, "at": trouble.at}
            connection.execute(insert(plan_troubles).values(id=1, **values))


def _write(connection: Connection, plan: DayPlan, revision: int, by: str, now: float) -> None:
    day = plan.day.isoformat()
    document = {"begins": plan.begins, "stays": stays_of(plan.plan)}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    here = plans.c.in_force & (plans.c.day == day)
    same = here & (plans.c.problem == plan.problem) & (plans.c.plan == text)
    if connection.execute(select(plans.c.number).where(same)).first() is not None:
        return
    connection.execute(update(plans).where(here).values(in_force=False))
    last = connection.execute(select(func.max(plans.c.number))).scalar()
    connection.execute(
        insert(plans).values(
            number=int(last or 0) + 1,
            day=day,
            revision=revision,
            plan=text,
            problem=plan.problem,
            value=plan.value,
            bound=plan.bound,
            lacking=plan.lacking,
            zone=plan.zone,
            ends_at=plan.ends_at,
            made_at=now,
            made_by=by,
            in_force=True,
        )
    )


def _write_acts(connection: Connection, said: Acts) -> None:
    rows = [
        {"stream": stream, "persona": act.persona_id, "act": ACT.dump_json(act).decode()}
        for stream, several in said.items()
        for act in several
    ]
    if rows:
        connection.execute(insert(acts), rows)


def stays_of(plan: Plan) -> list[list[Any]]:
    """A plan as lists: shop, double, operator, first and last slot of each stay."""
    stays: list[list[Any]] = []
    for (shop, slot), duty in plan.duties.items():
        who = [shop, duty.persona, duty.operator]
        if stays and stays[-1][:3] == who and stays[-1][4] == slot - 1:
            stays[-1][4] = slot
        else:
            stays.append([*who, slot, slot])
    return stays


def plan_of(stays: Sequence[Sequence[Any]]) -> Plan:
    """The plan that `stays_of` wrote."""
    return Plan(
        {
            (ShopId(shop), slot): Duty(PersonaId(persona), operator)
            for shop, persona, operator, first, last in stays
            for slot in range(first, last + 1)
        }
    )


def _record(row: Row[Any]) -> PlanRecord:
    document = json.loads(row.plan)
    plan = DayPlan(
        day=date.fromisoformat(row.day),
        begins=tuple(document["begins"]),
        ends_at=row.ends_at,
        zone=row.zone,
        plan=plan_of(document["stays"]),
        problem=row.problem,
        value=row.value,
        bound=row.bound,
        lacking=row.lacking,
    )
    return PlanRecord(row.number, plan, row.revision, row.made_at, row.made_by, row.in_force)


def _trouble(row: Row[Any]) -> PlanTrouble:
    return PlanTrouble(date.fromisoformat(row.day), row.reason, row.at)
