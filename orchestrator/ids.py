"""The names things go by. `NewType` keeps a shop's id from being passed where a node's is meant."""

from typing import NewType

StreamerId = NewType("StreamerId", str)
PersonaId = NewType("PersonaId", str)
BrandId = NewType("BrandId", str)
ShopId = NewType("ShopId", str)
ProductId = NewType("ProductId", str)

StreamId = NewType("StreamId", str)
"""One stream a shop: the stream of shop `suyun-douyin` is `suyun-douyin`."""

NodeId = NewType("NodeId", str)
"""A worker process as Celery knows it, without the host: `stream-1`."""

ClipKey = NewType("ClipKey", str)
"""Content address of a clip: 64 hexadecimal digits."""

TargetDigest = NewType("TargetDigest", str)
"""What really is published to: 32 hexadecimal digits made of platform, address and stream key."""

FencingToken = NewType("FencingToken", int)
"""Grows with every placement of a target; an older one is refused everywhere."""
