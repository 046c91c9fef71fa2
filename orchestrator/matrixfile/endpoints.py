"""Endpoints: an address that the platform takes, a key that is found, one shop a target.

Keys are looked up only to find out whether two shops publish to one place. What is kept is a
digest; no key and no part of an address behind its host is in any problem.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from orchestrator.domain.endpoint import SCHEMES, target_digest
from orchestrator.domain.matrix import KEY_REFERENCE
from orchestrator.errors import ConfigurationError, Problem
from orchestrator.ids import ShopId, TargetDigest
from orchestrator.matrixfile.tree import Tree
from orchestrator.platforms import PLATFORMS
from orchestrator.platforms.custom import CUSTOM

ResolveKey = Callable[[str], SecretStr]
"""A key reference to the key; `ConfigurationError` where there is none."""

REFERENCE = re.compile(KEY_REFERENCE)


@dataclass(frozen=True)
class Target:
    """What a shop really publishes to."""

    digest: TargetDigest
    room: TargetDigest
    """The same for every address of one room: a platform knows a room by its key alone."""


def addresses(root: Tree) -> Iterator[Problem]:
    """Every address is one, fits its platform, and holds no key."""
    for shop in root.each("shops"):
        url = shop.at("endpoint", "url")
        if url is not None and isinstance(url.value, str):
            yield from _address(url, url.value, shop.text("platform") or "")
    for scalar in root.scalars():
        if not scalar.path.endswith((".url", ".key")) and _is_address(scalar.value):
            yield scalar.problem(
                "an ingest address doesn't belong here.", "Put it into endpoint.url.", show=False
            )


def _is_address(value: object) -> bool:
    return isinstance(value, str) and any(
        f"{scheme}://" in value.lower() for scheme in SCHEMES if scheme != "file"
    )


def _address(place: Tree, url: str, platform: str) -> Iterator[Problem]:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        yield place.problem("isn't an address.", "Example: rtmp://host/app.", show=False)
        return
    if parts.scheme not in SCHEMES:
        yield place.problem(
            f"the scheme {parts.scheme!r} isn't one that can be published to.",
            f"Allowed: {', '.join(SCHEMES)}.",
            show=False,
        )
    elif parts.scheme == "file":
        if not parts.path.startswith("/") or parts.netloc:
            yield place.problem("isn't an absolute path.", "Example: file:///tmp/out.flv.")
    else:
        yield from _ingest(place, parts, platform)


def _ingest(place: Tree, parts: SplitResult, platform: str) -> Iterator[Problem]:
    profile = PLATFORMS.get(platform)
    if profile is not None and parts.scheme not in profile.ingest.schemes:
        takes = ", ".join(profile.ingest.schemes)
        yield place.problem(
            f"{profile.title} doesn't take {parts.scheme}.", f"Allowed: {takes}; file: for a trial."
        )
    if parts.query or parts.username or parts.password or parts.fragment:
        yield place.problem(
            "the address holds what may be a secret: a name, a password or parameters.",
            "Move everything behind the application into the key (it may begin with ?), "
            "and name the key as env:NAME or file:PATH.",
            show=False,
        )
    if not parts.hostname:
        yield place.problem("names no host.", "Example: rtmp://host/app.", show=False)


def keys(root: Tree, resolve: ResolveKey) -> tuple[dict[ShopId, TargetDigest], list[Problem]]:
    """Each shop's real target, and what is wrong with keys and targets."""
    problems: list[Problem] = []
    targets: dict[ShopId, TargetDigest] = {}
    first: dict[TargetDigest, Tree] = {}
    for shop in root.each("shops"):
        target, found = _target(shop, resolve)
        problems += found
        if target is None:
            continue
        other = first.setdefault(target.room, shop)
        if other is not shop:
            problems.append(_shared(shop, other))
        targets[ShopId(shop.text("id") or "")] = target.digest
    return targets, problems


def _shared(shop: Tree, other: Tree) -> Problem:
    place = shop.at("endpoint") or shop
    return place.problem(
        f"publishes to the same target as shop {other.text('id')} on line {other.line}.",
        "Give each shop its own address or its own stream key: one would throw the other off air.",
        show=False,
    )


def _target(shop: Tree, resolve: ResolveKey) -> tuple[Target | None, list[Problem]]:
    url, platform = shop.text("endpoint", "url"), shop.text("platform")
    endpoint, place = shop.at("endpoint"), shop.at("endpoint", "key")
    if url is None or platform is None or endpoint is None:
        return None, []
    reference = shop.text("endpoint", "key") or ""
    if url.startswith("file:"):
        return _known_by(platform, url, ""), []
    if place is None:
        return None, [
            Problem(
                f"{endpoint.path}.key",
                "is missing.",
                "Say where the stream key is found: env:NAME or file:PATH.",
                None,
                endpoint.line,
            )
        ]
    if not REFERENCE.match(reference):
        return None, []
    try:
        key = resolve(reference)
    except ConfigurationError as error:
        message, _, remedy = str(error).partition(". ")
        return None, [Problem(place.path, f"{message}.", remedy, reference, place.line)]
    return _known_by(platform, url, key.get_secret_value()), []


def _known_by(platform: str, url: str, key: str) -> Target:
    digest = target_digest(platform, url, key)
    ours = not key or platform == CUSTOM.name
    return Target(digest, digest if ours else target_digest(platform, "", key))
