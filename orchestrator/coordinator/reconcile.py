"""One pass: beat or stand by, look, decide, act. Doing it twice is the same as doing it once."""

from orchestrator.clock import Clock
from orchestrator.coordinator.act import Actor
from orchestrator.coordinator.diff import End, Place, actions
from orchestrator.coordinator.election import Election
from orchestrator.coordinator.observe import Observer
from orchestrator.coordinator.place import assign
from orchestrator.coordinator.remember import ended, redis_is_back, seen
from orchestrator.coordinator.situation import Memory
from orchestrator.errors import NotLeader, WireUnreachable
from orchestrator.store.leadership import Leader

PASS_SECONDS = 1.0
STANDBY_SECONDS = 0.5
SOON_SECONDS = 0.2
"""After a pass that did something; a stop is followed by its end, an end by a placement."""

MOST_PLACED = 50
"""In one pass; a leader that is busy for longer would miss its beat."""


class Reconciler:
    """One coordinator's work, pass by pass."""

    def __init__(
        self,
        election: Election,
        observer: Observer,
        actor: Actor,
        clock: Clock,
        lease_seconds: float,
    ) -> None:
        self._election = election
        self._observer = observer
        self._actor = actor
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._memory: Memory | None = None
        self._redis_run: str | None = None
        self._redis_away = False

    def once(self) -> float:
        """One pass; says in how many seconds the next one should follow."""
        leader = self._election.leader(self._clock.monotonic())
        if leader is None:
            self._memory = None
            return STANDBY_SECONDS
        try:
            return SOON_SECONDS if self._lead(leader) else PASS_SECONDS
        except NotLeader:
            self._election.lost()
            self._memory = None
            raise
        except WireUnreachable:
            self._redis_away = True
            raise

    def leave(self) -> None:
        """End the term, if we lead. Streams go on."""
        self._election.resign()

    def _lead(self, leader: Leader) -> bool:
        """Look, decide, act; says whether anything was done."""
        memory = self._patient(self._memory)
        situation = self._observer.look()
        now = self._clock.monotonic()
        memory = self._memory = seen(memory, situation, now, self._clock.wall())
        todo = actions(situation, memory, now)
        ends = [action for action in todo if isinstance(action, End)]
        self._memory = ended(memory, ends, now)
        self._actor.end(leader, situation, ends)
        self._actor.tell(todo)
        wishes = [action for action in todo if isinstance(action, Place)]
        assigned = assign(wishes, situation, MOST_PLACED)
        self._actor.place(leader, situation, assigned)
        return len(todo) > len(assigned.homeless)

    def _patient(self, memory: Memory | None) -> Memory:
        """Memory, with patience if we have just begun to lead, or Redis is just back."""
        now = self._clock.monotonic()
        if memory is None:
            memory = Memory(give_up_from=now + self._lease_seconds)
        run = self._observer.redis_run()
        restarted = run != self._redis_run
        if self._redis_run is not None and (restarted or self._redis_away):
            memory = redis_is_back(memory, now, self._lease_seconds)
        self._redis_run, self._redis_away = run, False
        return memory
