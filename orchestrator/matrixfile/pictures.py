"""Product pictures: found, really pictures, and taken into the media folder by their content."""

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from orchestrator.errors import ConfigurationError, Problem
from orchestrator.matrixfile.tree import Tree

LARGEST = 20 * 1024**2
WRITTEN = "Give a PNG, JPEG or WebP file, relative to the matrix file."


@dataclass(frozen=True)
class Picture:
    """A picture file and its content's address."""

    path: Path
    sha256: str
    suffix: str

    @property
    def asset(self) -> str:
        """What it is called in the media folder."""
        return f"{self.sha256}{self.suffix}"


def pictures(root: Tree, folder: Path) -> tuple[dict[str, Picture], list[Problem]]:
    """The pictures that the products name, by the name in the file, and what is wrong with them."""
    found: dict[str, Picture] = {}
    problems: list[Problem] = []
    for brand in root.each("brands"):
        for product in brand.each("products"):
            place = product.at("picture")
            if place is None or not isinstance(place.value, str) or place.value in found:
                continue
            answer = _read(place, folder / place.value)
            if isinstance(answer, Problem):
                problems.append(answer)
            else:
                found[place.value] = answer
    return found, problems


def _read(place: Tree, path: Path) -> Picture | Problem:
    if "://" in str(place.value):
        return place.problem("a picture is a file, not an address.", WRITTEN)
    try:
        size = path.stat().st_size
        content = path.read_bytes() if path.is_file() and size <= LARGEST else None
    except OSError as error:
        return place.problem(f"the picture can't be read: {error.strerror}.", WRITTEN)
    if content is None:
        return place.problem("this is no file, or one of more than 20 MB.", WRITTEN)
    suffix = kind(content)
    if suffix is None:
        return place.problem("this file is no picture that is known.", WRITTEN)
    return Picture(path, hashlib.sha256(content).hexdigest(), suffix)


def kind(content: bytes) -> str | None:
    """The file name ending that goes with a picture's first bytes."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if content.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ".webp"
    return None


class HasPictures(Protocol):
    """What came out of a matrix file, as far as pictures go."""

    @property
    def pictures(self) -> Mapping[str, Picture]: ...


def store_assets(loaded: HasPictures, media: Path) -> tuple[Path, ...]:
    """Copy the pictures to `media`/assets under their content's name. What is there stays."""
    folder = media / "assets"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(_stored(picture, folder) for picture in loaded.pictures.values())
    except OSError as error:
        raise ConfigurationError(
            f"The pictures can't be copied to {folder}: {error.strerror}."
        ) from error


def _stored(picture: Picture, folder: Path) -> Path:
    there = folder / picture.asset
    if there.exists():
        return there
    content = picture.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != picture.sha256:
        raise ConfigurationError(f"{picture.path.name} changed while it was read. Apply again.")
    handle, name = tempfile.mkstemp(prefix=".asset-", dir=folder)
    half = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.chmod(0o644)
        half.replace(there)
    finally:
        half.unlink(missing_ok=True)
    return there
