"""What the server says, as bytes: control messages, command results, status.

Set Chunk Size is said once, before the answer to connect: publishers follow it and cut what they
send the same way, which makes reading cheap.
"""

from typing import Final

from orchestrator.sandbox.rtmp.amf0 import AmfValue, encode
from orchestrator.sandbox.rtmp.chunks import SET_CHUNK_SIZE

CONTROL_CHANNEL: Final = 2
COMMAND_CHANNEL: Final = 3
STATUS_CHANNEL: Final = 5

ACKNOWLEDGEMENT: Final = 3
USER_CONTROL: Final = 4
WINDOW_ACK_SIZE: Final = 5
PEER_BANDWIDTH: Final = 6
COMMAND: Final = 20

PUBLISH_STREAM: Final = 1
"""The message stream that createStream hands out; a connection publishes one stream."""


def message(channel: int, kind: int, stream: int, payload: bytes, chunk_size: int) -> bytes:
    """One message with timestamp 0, cut into chunks."""
    head = (
        bytes([channel])
        + bytes(3)
        + len(payload).to_bytes(3, "big")
        + bytes([kind])
        + stream.to_bytes(4, "little")
    )
    cuts = range(0, max(len(payload), 1), chunk_size)
    return head + bytes([0xC0 | channel]).join(payload[at : at + chunk_size] for at in cuts)


def greeting(window: int, chunk_size: int) -> bytes:
    """What goes before the answer to connect. From here on chunks are `chunk_size` both ways."""
    return (
        message(CONTROL_CHANNEL, WINDOW_ACK_SIZE, 0, window.to_bytes(4, "big"), 128)
        + message(CONTROL_CHANNEL, PEER_BANDWIDTH, 0, window.to_bytes(4, "big") + b"\x02", 128)
        + message(CONTROL_CHANNEL, SET_CHUNK_SIZE, 0, chunk_size.to_bytes(4, "big"), 128)
    )


def connected(transaction: float, chunk_size: int) -> bytes:
    """The answer to connect."""
    about: dict[str, AmfValue] = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31.0}
    status: dict[str, AmfValue] = {
        "level": "status",
        "code": "NetConnection.Connect.Success",
        "description": "Connection succeeded.",
        "objectEncoding": 0.0,
    }
    payload = encode("_result", transaction, about, status)
    return message(COMMAND_CHANNEL, COMMAND, 0, payload, chunk_size)


def result(transaction: float, value: AmfValue, chunk_size: int) -> bytes:
    """The answer to any other command."""
    payload = encode("_result", transaction, None, value)
    return message(COMMAND_CHANNEL, COMMAND, 0, payload, chunk_size)


def status(level: str, code: str, description: str, chunk_size: int) -> bytes:
    """An onStatus on the published stream."""
    about: dict[str, AmfValue] = {"level": level, "code": code, "description": description}
    payload = encode("onStatus", 0.0, None, about)
    return message(STATUS_CHANNEL, COMMAND, PUBLISH_STREAM, payload, chunk_size)


def stream_begin() -> bytes:
    """User control: the published stream may begin."""
    payload = b"\x00\x00" + PUBLISH_STREAM.to_bytes(4, "big")
    return message(CONTROL_CHANNEL, USER_CONTROL, 0, payload, 128)


def acknowledgement(received: int) -> bytes:
    """How many bytes have come in, modulo 2^32."""
    payload = (received & 0xFFFFFFFF).to_bytes(4, "big")
    return message(CONTROL_CHANNEL, ACKNOWLEDGEMENT, 0, payload, 128)
