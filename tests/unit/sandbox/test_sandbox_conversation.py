"""The talk with a publisher: handshake, commands, metadata, and decisions of the gate."""

import pytest

from orchestrator.sandbox.rtmp.amf0 import AmfValue, decode_all, encode
from orchestrator.sandbox.rtmp.chunks import ChunkReader, Message
from orchestrator.sandbox.rtmp.conversation import (
    ChunkSizeSet,
    Conversation,
    Tag,
    Unpublished,
    WantsToPublish,
)
from orchestrator.sandbox.rtmp.errors import ProtocolError
from orchestrator.sandbox.rtmp.gate import (
    Accept,
    Busy,
    PublishRequest,
    Refuse,
    busy_until,
    in_turn,
    keyed,
)
from orchestrator.sandbox.rtmp.handshake import Handshake


def command(*values: AmfValue) -> Message:
    return Message(20, 0, 0, encode(*values))


def said(data: bytes) -> list[Message]:
    return ChunkReader().feed(data)


def connected() -> Conversation:
    talk = Conversation(8192, 2_500_000)
    talk.take(command("connect", 1.0, {"app": "live"}))
    return talk


def test_connect_is_answered_with_window_bandwidth_chunk_size_and_result() -> None:
    talk = Conversation(8192, 2_500_000)
    reply, event = talk.take(command("connect", 1.0, {"app": "live"}))
    messages = said(reply)
    assert event is None
    assert [message.kind for message in messages] == [5, 6, 1, 20]
    assert decode_all(messages[-1].payload)[:2] == ["_result", 1.0]


def test_publish_names_application_and_key() -> None:
    reply, event = connected().take(command("publish", 5.0, None, "the-key", "live"))
    assert (reply, event) == (b"", WantsToPublish("live", "the-key"))


def test_create_stream_gives_a_stream() -> None:
    reply, _ = connected().take(command("createStream", 4.0, None))
    assert decode_all(said(reply)[0].payload) == ["_result", 4.0, None, 1.0]


@pytest.mark.parametrize("name", ["FCUnpublish", "deleteStream", "closeStream"])
def test_a_goodbye_is_understood(name: str) -> None:
    assert connected().take(command(name, 6.0, None, 1.0))[1] == Unpublished()


def test_commands_nobody_needs_are_left_alone() -> None:
    assert connected().take(command("_checkbw", 3.0, None)) == (b"", None)


def test_metadata_loses_the_word_that_only_travels() -> None:
    payload = encode("@setDataFrame", "onMetaData", {"width": 720.0})
    _, event = connected().take(Message(18, 0, 1, payload))
    assert event == Tag(18, 0, encode("onMetaData", {"width": 720.0}))


def test_a_chunk_size_is_reported() -> None:
    _, event = connected().take(Message(1, 0, 0, (60_000).to_bytes(4, "big")))
    assert event == ChunkSizeSet(60_000)


def test_publishing_before_connecting_breaks_the_protocol() -> None:
    with pytest.raises(ProtocolError):
        Conversation(8192, 1).take(command("publish", 5.0, None, "the-key", "live"))


@pytest.mark.parametrize("portion", [1, 7, 1536, 4000])
def test_the_handshake_takes_any_portions(portion: int) -> None:
    client = b"\x03" + bytes(8) + b"c" * 1528
    wire = client + b"2" * 1536 + b"what follows"
    handshake = Handshake()
    replies, rest = b"", b""
    for at in range(0, len(wire), portion):
        data = wire[at : at + portion]
        if handshake.done:
            rest += data
            continue
        reply, behind = handshake.feed(data)
        replies, rest = replies + reply, rest + behind
    assert len(replies) == 3073
    assert replies[1537:] == client[1:]
    assert rest == b"what follows"


def test_another_version_is_refused() -> None:
    with pytest.raises(ProtocolError):
        Handshake().feed(b"\x06" + bytes(1536))


def request(app: str, name: str) -> PublishRequest:
    return PublishRequest(app, name, "peer", 1)


def test_only_the_right_key_passes_however_the_client_splits_it() -> None:
    gate = keyed("live/room/k?sign=1")
    assert gate(request("live", "room/k?sign=1"), 0) == Accept()
    assert gate(request("live/room", "k?sign=1"), 0) == Accept()
    assert isinstance(gate(request("live/room", "k?sign=2"), 0), Refuse)
    assert isinstance(gate(request("live", "k?sign=1"), 0), Refuse)


def test_a_key_is_not_in_the_repr() -> None:
    assert "secret" not in repr(request("live", "secret"))


def test_busy_ends_at_its_moment() -> None:
    gate = busy_until(10)
    assert gate(request("live", "k"), 9.9) == Busy()
    assert gate(request("live", "k"), 10) == Accept()


def test_decisions_come_in_turn_and_the_last_one_stays() -> None:
    gate = in_turn(Busy(), Refuse(), Accept())
    answers = [gate(request("live", "k"), 0) for _ in range(4)]
    assert answers == [Busy(), Refuse(), Accept(), Accept()]
