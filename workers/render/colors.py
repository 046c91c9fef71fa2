"""Colors as `#rrggbb`, mixed in plain sRGB, which is what designers expect of a tint."""

RGB = tuple[int, int, int]
ENOUGH_WHEN_LARGE = 3.0


def rgb(color: str) -> RGB:
    """`#rrggbb` as three numbers."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def hexed(color: RGB) -> str:
    """Three numbers as `#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*color)


def mix(color: str, other: str, share: float) -> str:
    """A color with that share of another in it."""
    a, b = rgb(color), rgb(other)
    return hexed(
        (
            round(a[0] + (b[0] - a[0]) * share),
            round(a[1] + (b[1] - a[1]) * share),
            round(a[2] + (b[2] - a[2]) * share),
        )
    )


def lighter(color: str, share: float) -> str:
    """Towards a warm white."""
    return mix(color, "#fffaf4", share)


def darker(color: str, share: float) -> str:
    """Towards a soft black."""
    return mix(color, "#1b1418", share)


def luminance(color: RGB) -> float:
    """Relative luminance as WCAG has it, 0 to 1."""
    r, g, b = (_linear(c / 255) for c in color)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(color: RGB, other: RGB) -> float:
    """Contrast ratio as WCAG has it, 1 to 21."""
    high, low = sorted((luminance(color), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable_on(color: str, large: bool = False) -> str:
    """White or nearly black, whichever stands out more; on large letters white wherever it will do.

    WCAG asks a contrast of 3 of large letters, 4.5 of others.
    """
    white, black = "#ffffff", "#050406"
    on = rgb(color)
    light, dark = contrast(rgb(white), on), contrast(rgb(black), on)
    return white if light >= dark or (large and light >= ENOUGH_WHEN_LARGE) else black


def legible(color: str, ground: str, enough: float = 4.5) -> str:
    """The color, as much darker as letters in it need to be to stand out from a light ground."""
    shades = (darker(color, share / 20) for share in range(20))
    on = rgb(ground)
    return next((s for s in shades if contrast(rgb(s), on) >= enough), darker(color, 1.0))


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
