"""The store as a whole: one repository an aggregate, and the few calls that commands need.

Opening brings the schema up to date. Times are handed in. Threads may share a store.
"""

from collections.abc import Sequence

from orchestrator.domain.placement import DesiredStream, Observation, Placement
from orchestrator.domain.stream import StreamSpec
from orchestrator.ids import StreamId
from orchestrator.store.airings import Airings
from orchestrator.store.database import Database
from orchestrator.store.leadership import Leadership
from orchestrator.store.matrices import Applied, Matrices
from orchestrator.store.migrate import migrate
from orchestrator.store.news import Known, News
from orchestrator.store.nodes import Nodes
from orchestrator.store.observations import Observations
from orchestrator.store.placements import Placements
from orchestrator.store.plans import Plans
from orchestrator.store.reports import Reports


class Store:
    """What must survive."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.matrices = Matrices(database)
        self.plans = Plans(database)
        self.placing = Placements(database)
        self.nodes = Nodes(database)
        self.observing = Observations(database)
        self.reporting = Reports(database)
        self.airings = Airings(database)
        self.leadership = Leadership(database)
        self._news = News(database)

    @classmethod
    def open(cls, url: str) -> "Store":
        """Open a store, made or brought up to date if need be."""
        database = Database(url)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def apply(self, document: str, specs: Sequence[StreamSpec], by: str, now: float) -> Applied:
        """Make these streams, and no others, the desired ones; without a plan of the day."""
        return self.plans.put(document, specs, {}, (), by=by, now=now)

    def desired(self) -> tuple[DesiredStream, ...]:
        """All streams of the matrix that is in force."""
        return self.matrices.desired()

    def stop(self, streams: Sequence[StreamId] | None = None) -> tuple[StreamId, ...]:
        """Take these streams, or all, off air; say which were wanted until now."""
        return self.matrices.set_wanted(streams, wanted=False)

    def start(self, streams: Sequence[StreamId] | None = None) -> tuple[StreamId, ...]:
        """Put these streams, or all, on air again; say which weren't wanted until now."""
        return self.matrices.set_wanted(streams, wanted=True)

    def observations(self) -> tuple[Observation, ...]:
        """The last word on every stream."""
        return self.observing.all()

    def placements(self) -> tuple[Placement, ...]:
        """Where the streams are placed now, and where standbys prepare."""
        return self.placing.open()

    def known(self) -> Known:
        """All of that at one moment, for who asks several times a second."""
        return self._news.look()
