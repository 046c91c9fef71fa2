"""Writes the table of values into the chart's README: `python helm/values_table.py`.

A value's description is the comment over it that begins with `# --`. A map that is described and
whose keys aren't is one row; so is each pool of workers, whose keys are those of workerDefaults.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

CHART = Path(__file__).parent / "doppelcast"
BEGIN, END = "<!-- values -->\n", "<!-- end of values -->"
MARK = "# -- "


@dataclass(frozen=True)
class Row:
    """A value: where it is, what it is for, what it is unless it is set."""

    path: str
    text: str
    default: str


def rows(source: str) -> list[Row]:
    """The rows of a values file, in its order."""
    root = yaml.compose(source)
    assert isinstance(root, yaml.MappingNode)
    return list(_rows(root, "", source.splitlines()))


def undocumented(source: str) -> list[str]:
    """Values that nobody describes."""
    return [row.path for row in rows(source) if not row.text]


def table(source: str) -> str:
    """The rows as Markdown."""
    lines = ["| value | what it is | default |", "|---|---|---|"]
    for row in rows(source):
        text = row.text.replace("|", "\\|")
        lines.append(f"| `{row.path}` | {text} | `{row.default}` |")
    return "\n".join(lines) + "\n"


def with_table(readme: str, source: str) -> str:
    """The README with the table of these values in it."""
    before, rest = readme.split(BEGIN, 1)
    return f"{before}{BEGIN}{table(source)}{END}{rest.split(END, 1)[1]}"


def _rows(node: yaml.MappingNode, above: str, lines: list[str]) -> Iterator[Row]:
    for key, value in node.value:
        path = f"{above}.{key.value}" if above else key.value
        text = _described(lines, key.start_mark.line)
        inner = list(_rows(value, path, lines)) if _is_section(value) else []
        if inner and any(row.text for row in inner):
            yield from inner
        elif text or not inner:
            yield Row(path, text, _default(value))
        else:
            yield from inner


def _is_section(node: yaml.Node) -> bool:
    return isinstance(node, yaml.MappingNode) and not node.flow_style and bool(node.value)


def _described(lines: list[str], at: int) -> str:
    found: list[str] = []
    while at > 0 and lines[at - 1].lstrip().startswith("#"):
        at -= 1
        line = lines[at].lstrip()
        found.insert(0, line.removeprefix(MARK).removeprefix("# "))
        if line.startswith(MARK):
            return " ".join(found)
    return ""


def _default(node: yaml.Node) -> str:
    return json.dumps(yaml.safe_load(yaml.serialize(node)), ensure_ascii=False)


if __name__ == "__main__":
    page = CHART / "README.md"
    source = (CHART / "values.yaml").read_text(encoding="utf-8")
    page.write_text(with_table(page.read_text(encoding="utf-8"), source), encoding="utf-8")
    sys.exit(f"no description: {', '.join(bare)}" if (bare := undocumented(source)) else 0)
