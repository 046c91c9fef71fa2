"""What `plan` writes beside the table: the page, and a calendar for each shop."""

from datetime import datetime
from pathlib import Path

import typer

from orchestrator.errors import ConfigurationError
from orchestrator.planview.calendars import calendar
from orchestrator.planview.page import page
from orchestrator.planview.sheet import Sheet


def writable(path: Path | None) -> Path | None:
    """Refused now, not after the day is solved, when a file can't be made there."""
    if path is not None and not path.absolute().parent.is_dir():
        raise typer.BadParameter(f"There is no folder {path.absolute().parent}.")
    return path


def write_page(sheet: Sheet, path: Path) -> None:
    """The page, in one file."""
    _write(path, page(sheet).encode())


def write_calendars(sheet: Sheet, folder: Path, made_at: datetime) -> int:
    """A calendar for each shop, by its id; how many."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} can't be made: {error.strerror}.") from error
    for lane in sheet.lanes:
        _write(folder / f"{lane.shop.id}.ics", calendar(sheet, lane, made_at))
    return len(sheet.lanes)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise ConfigurationError(f"{path} can't be written: {error.strerror}.") from error
