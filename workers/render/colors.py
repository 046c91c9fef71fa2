"""Colors as `#rrggbb`, mixed in plain sRGB, which is what designers expect of a tint."""

RGB = tuple[int, int, int]


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


def readable_on(color: str) -> str:
    """White or near-black, whichever stands out more."""
    white, black = "#ffffff", "#1d1a1e"
    on = rgb(color)
    return white if contrast(rgb(white), on) >= contrast(rgb(black), on) else black


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
