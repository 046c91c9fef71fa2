"""Product pictures, found by content: a file in the assets folder is named by its SHA-256."""

from pathlib import Path

from PIL import Image, UnidentifiedImageError

from orchestrator.errors import RenderFailed

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


def picture_file(assets: Path, digest: str) -> Path:
    """The file of a digest, whatever its kind."""
    for suffix in SUFFIXES:
        path = assets / f"{digest}{suffix}"
        if path.is_file():
            return path
    raise RenderFailed(
        f"The picture {digest[:12]}… isn't in the assets folder. Apply the matrix again: "
        "that copies its pictures."
    )


def picture(assets: Path, digest: str, size: tuple[int, int]) -> Image.Image:
    """A picture that fills a box of that size, cut at its longer sides."""
    path = picture_file(assets, digest)
    try:
        with Image.open(path) as source:
            image = source.convert("RGBA")
    except (OSError, UnidentifiedImageError) as error:
        raise RenderFailed(f"The picture {path.name[:12]}… can't be read: {error}.") from error
    width, height = size
    scale = max(width / image.width, height / image.height)
    image = image.resize(
        (max(width, round(image.width * scale)), max(height, round(image.height * scale))),
        Image.Resampling.LANCZOS,
    )
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
