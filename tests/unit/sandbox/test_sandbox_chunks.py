"""The chunk stream: however messages are cut and bytes arrive, the same messages come out."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.sandbox.rtmp.chunks import ChunkReader, Message

WRAP = 1 << 32


@dataclass(frozen=True)
class Sent:
    """A message and the form of header it is sent with, where that form is possible."""

    channel: int
    form: int
    message: Message


class Writer:
    """An independent writer of the chunk stream, after the specification's section 5.3."""

    def __init__(self, chunk_size: int) -> None:
        self.chunk_size = chunk_size
        self.last: dict[int, tuple[Message, int]] = {}

    def chunks(self, sent: Sent) -> list[bytes]:
        """One message as chunks."""
        message = sent.message
        form, time = self._form(sent)
        self.last[sent.channel] = (message, time)
        extended = time.to_bytes(4, "big") if time >= 0xFFFFFF else b""
        head = b""
        if form < 3:
            head += min(time, 0xFFFFFF).to_bytes(3, "big")
        if form < 2:
            head += len(message.payload).to_bytes(3, "big") + bytes([message.kind])
        if form == 0:
            head += message.stream.to_bytes(4, "little")
        size = self.chunk_size
        cuts = [message.payload[at : at + size] for at in range(0, len(message.payload), size)]
        first, *rest = cuts or [b""]
        whole = [self._basic(form, sent.channel) + head + extended + first]
        return whole + [self._basic(3, sent.channel) + extended + cut for cut in rest]

    def _form(self, sent: Sent) -> tuple[int, int]:
        """The header form that can carry the message, no shorter than wished; its time field."""
        known = self.last.get(sent.channel)
        message = sent.message
        if known is None or sent.form == 0 or known[0].stream != message.stream:
            return 0, message.timestamp
        before, time = known
        delta = (message.timestamp - before.timestamp) % WRAP
        same = (before.kind, len(before.payload)) == (message.kind, len(message.payload))
        if sent.form == 1 or not same:
            return 1, delta
        return (2, delta) if sent.form == 2 or delta != time else (3, delta)

    @staticmethod
    def _basic(form: int, channel: int) -> bytes:
        if channel < 64:
            return bytes([form << 6 | channel])
        if channel < 320:
            return bytes([form << 6, channel - 64])
        return bytes([form << 6 | 1]) + (channel - 64).to_bytes(2, "little")


messages = st.builds(
    Message,
    kind=st.sampled_from([8, 9, 18, 20]),
    timestamp=st.one_of(
        st.integers(0, 5000),
        st.integers(0xFFFFFE, 0x1000002),
        st.integers(WRAP - 3, WRAP - 1),
    ),
    stream=st.sampled_from([0, 1, 1, 1]),
    payload=st.integers(0, 700).map(lambda n: bytes(i * 7 & 0xFF for i in range(n))),
)
sents = st.builds(
    Sent,
    channel=st.sampled_from([3, 4, 63, 64, 319, 320, 65599]),
    form=st.integers(0, 3),
    message=messages,
)


@given(
    sent=st.lists(sents, max_size=12),
    chunk_size=st.sampled_from([1, 64, 128, 200, 4096]),
    cuts=st.lists(st.integers(1, 900), min_size=1, max_size=40),
)
@settings(max_examples=150, deadline=None)
def test_any_messages_cut_at_any_bytes_come_out_the_same(
    sent: list[Sent], chunk_size: int, cuts: list[int]
) -> None:
    writer = Writer(chunk_size)
    wire = b"".join(chunk for one in sent for chunk in writer.chunks(one))
    reader = ChunkReader(chunk_size)
    got: list[Message] = []
    at = turn = 0
    while at < len(wire):
        step = cuts[turn % len(cuts)]
        got += reader.feed(wire[at : at + step])
        at, turn = at + step, turn + 1
    assert reader.broken is None
    assert got == [one.message for one in sent]


@given(data=st.data(), sent=st.lists(sents, min_size=2, max_size=6, unique_by=lambda s: s.channel))
@settings(max_examples=100, deadline=None)
def test_chunks_of_different_streams_may_be_interleaved(
    data: st.DataObject, sent: list[Sent]
) -> None:
    writer = Writer(128)
    queues = [writer.chunks(one) for one in sent]
    reader = ChunkReader()
    got: list[Message] = []
    while any(queues):
        queue = data.draw(st.sampled_from([q for q in queues if q]))
        got += reader.feed(queue.pop(0))
    assert sorted(got) == sorted(one.message for one in sent)


@given(noise=st.binary(max_size=600))
@settings(max_examples=200, deadline=None)
def test_noise_never_raises(noise: bytes) -> None:
    reader = ChunkReader()
    assert all(isinstance(message, Message) for message in reader.feed(noise))
    reader.feed(noise)


def control(kind: int, value: int) -> bytes:
    return b"\x02\x00\x00\x00\x00\x00\x04" + bytes([kind, 0, 0, 0, 0]) + value.to_bytes(4, "big")


def test_a_new_chunk_size_holds_from_the_next_byte_on() -> None:
    long = Message(9, 40, 1, bytes(3000))
    wire = control(1, 4096) + b"".join(Writer(4096).chunks(Sent(4, 0, long)))
    assert ChunkReader().feed(wire) == [Message(1, 0, 0, (4096).to_bytes(4, "big")), long]


def test_an_aborted_message_is_forgotten() -> None:
    first, second = (Message(9, 40 * n, 1, bytes([n]) * 300) for n in (1, 2))
    half = Writer(128).chunks(Sent(4, 0, first))[:2]
    wire = b"".join([*half, control(2, 4), *Writer(128).chunks(Sent(4, 0, second))])
    assert ChunkReader().feed(wire)[1:] == [second]


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        (b"\x44" + bytes(7), "without a full header"),
        (b"\xc4", "without a header"),
        (b"\x04" + bytes(3) + b"\xff\xff\xff" + bytes(5), "larger than 8 MiB"),
        (control(1, 0), "between 1 and"),
    ],
)
def test_what_is_not_rtmp_breaks_the_reader_with_a_reason(wire: bytes, why: str) -> None:
    reader = ChunkReader()
    reader.feed(wire)
    assert reader.broken is not None
    assert why in str(reader.broken)
    assert reader.feed(b"\x00" * 100) == []


def test_a_peer_cannot_open_chunk_streams_without_end() -> None:
    reader = ChunkReader()
    for channel in range(3, 68):
        reader.feed(b"".join(Writer(128).chunks(Sent(channel, 0, Message(8, 0, 1, b"x")))))
    assert reader.broken is not None
