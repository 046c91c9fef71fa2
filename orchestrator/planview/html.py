"""HTML as values: what isn't `Html` already is escaped, children and attributes alike."""

from html import escape


class Html(str):
    """Text that is HTML already. Only `element` and `joined` make it."""

    __slots__ = ()


def element(name: str, *children: str, **attributes: str | int | bool | None) -> Html:
    """`<name a="…">…</name>`: `class_` is class, `data_x` data-x; None and False are left out."""
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{_quoted(value)}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{told}>{joined(*children)}</{name}>")


def joined(*children: str) -> Html:
    """Pieces in a row, those that are plain text escaped."""
    return Html("".join(c if isinstance(c, Html) else escape(c, quote=False) for c in children))


def _quoted(value: str | int) -> str:
    return escape(str(value), quote=True).replace("\n", "&#10;")
