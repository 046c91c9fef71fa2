"""How Celery is set up: what must hold for streams that run for days."""

import pytest

from orchestrator.domain.node import WorkerKind
from orchestrator.errors import ConfigurationError
from orchestrator.settings import Settings
from orchestrator.wire.celery_app import NowBeforeAhead, make_app, worker_argv

SECRET = "hunter2-hunter2"
SETTINGS = Settings.model_validate(
    {"redis_url": f"rediss://user:{SECRET}@10.0.0.1:6380/0", "node": "node-7", "slots": 60}
)


@pytest.mark.parametrize("kind", list(WorkerKind))
def test_no_secret_is_on_a_workers_command_line(kind: WorkerKind) -> None:
    assert SECRET not in " ".join(worker_argv(kind, SETTINGS))


def test_a_stream_is_acknowledged_early_and_a_render_late() -> None:
    assert not make_app(SETTINGS, WorkerKind.STREAM).conf.task_acks_late
    assert make_app(SETTINGS, WorkerKind.RENDER).conf.task_acks_late


@pytest.mark.parametrize("kind", [None, *WorkerKind])
def test_only_json_travels_and_the_broker_is_tried_without_limit(kind: WorkerKind | None) -> None:
    conf = make_app(SETTINGS, kind).conf
    assert conf.accept_content == conf.result_accept_content == ["json"]
    assert conf.task_serializer == conf.event_serializer == "json"
    assert conf.broker_connection_max_retries is None
    assert conf.broker_transport_options["global_keyprefix"] == SETTINGS.redis_prefix
    assert conf.broker_transport_options["socket_timeout"]
    assert not conf.task_create_missing_queues


def test_a_stream_worker_reads_its_own_queue_alone_and_takes_no_more_than_it_has_room_for() -> None:
    app = make_app(SETTINGS, WorkerKind.STREAM)
    argv = worker_argv(WorkerKind.STREAM, SETTINGS)
    assert argv[argv.index("-Q") + 1] == "node.node-7"
    assert int(argv[argv.index("-c") + 1]) > SETTINGS.slots
    assert app.conf.worker_disable_prefetch
    assert list(app.amqp.queues) == ["node.node-7"]


def test_both_workers_of_a_machine_have_names_of_their_own() -> None:
    names = {argv[argv.index("-n") + 1] for k in WorkerKind if (argv := worker_argv(k, SETTINGS))}
    assert names == {"node-7@%h", "node-7-render@%h"}


def test_a_render_ends_long_before_its_message_would_be_handed_out_again() -> None:
    conf = make_app(SETTINGS, WorkerKind.RENDER).conf
    assert conf.task_time_limit < conf.broker_transport_options["visibility_timeout"] / 2


def test_sentinels_become_alternatives_and_a_cluster_is_refused() -> None:
    url = "sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster/0"
    conf = make_app(Settings.model_validate({"redis_url": url, "redis_allow_plain": True})).conf
    assert conf.broker_url == "sentinel://10.0.0.1:26379/0;sentinel://10.0.0.2:26379/0"
    assert conf.broker_transport_options["master_name"] == "mymaster"
    with pytest.raises(ConfigurationError, match="Cluster"):
        make_app(Settings.model_validate({"redis_url": "redis+cluster://10.0.0.1/0"}))


@pytest.mark.parametrize("given", [{"render.now", "render.ahead"}, {"render.ahead", "render.now"}])
def test_what_is_needed_now_is_looked_for_first_whatever_order_kombu_gives(given: set[str]) -> None:
    cycle = NowBeforeAhead()
    cycle.update(given)
    assert cycle.consume(2) == ["render.now", "render.ahead"]
    cycle.rotate("render.now")
    assert cycle.consume(2) == ["render.now", "render.ahead"]
