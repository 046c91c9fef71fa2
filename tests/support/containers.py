"""Images that are really built and containers that really run, by Debian's buildah and podman.

    engine = Engine(tmp_path)            # skips, or in CI fails, where there is no engine
    image = engine.doppelcast()          # deploy/Dockerfile, on a Debian made with debootstrap
    engine.run(image, "--version", read_only=True)

No registry is asked. The base is kept in the engine's store, so that a second run builds on it.
Runs as root: that is what these packages need where no user session runs.
"""

import os
import resource
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import system_part

ROOT = Path(__file__).parents[2]
PODMAN = ("podman", "--storage-driver", "overlay")
BASE = "localhost/doppelcast-base:bookworm"
IMAGE = "localhost/doppelcast:tested"
TOOLS = ("buildah", "podman", "runc", "netavark", "aardvark-dns", "debootstrap", "iptables")
REMEDY = (
    "images can't be built and run here: be root, and apt-get install buildah podman runc "
    "netavark aardvark-dns catatonit debootstrap iptables"
)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
BUILD_SECONDS = 1200.0
PLACES = ("/usr/lib/podman", "/usr/sbin", "/sbin")


def missing() -> str | None:
    """What isn't here, in words; None when all is."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *PLACES))
    found = all(shutil.which(tool, path=path) for tool in TOOLS)
    return None if found and os.geteuid() == 0 else REMEDY


@dataclass(frozen=True)
class Ended:
    """What a container said, and how it ended."""

    code: int
    said: str


class Engine:
    """Builds and runs."""

    def __init__(self, folder: Path) -> None:
        system_part.require(missing())
        config = folder / "containers.conf"
        _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
        limits = f'["nofile={files}:{files}", "nproc=4096:4096"]'
        # runc: crun refuses the cgroups of some virtual machines.
        config.write_text(
            f'[engine]\nruntime = "runc"\n[containers]\ndefault_ulimits = {limits}\n',
            encoding="utf-8",
        )
        self._folder = folder
        self.environment = {**os.environ, "CONTAINERS_CONF": str(config)}

    def podman(self, *arguments: str, check: bool = True, seconds: float = 120.0) -> Ended:
        """One podman command."""
        return self._done([*PODMAN, *arguments], check, seconds)

    def run(self, image: str, *arguments: str, options: Sequence[str] = ()) -> Ended:
        """A container to its end, on a root that can't be written to, without a network."""
        fixed = ("--rm", "--read-only", "--tmpfs", "/tmp", "--network", "none")
        return self.podman("run", *fixed, *options, image, *arguments, check=False)

    def doppelcast(self) -> str:
        """Our image, built from this tree as it is."""
        return self.build(IMAGE, ROOT / "deploy" / "Dockerfile", ROOT)

    def build(self, image: str, dockerfile: Path, context: Path, target: str = "") -> str:
        """An image of some Dockerfile whose base is the argument BASE_IMAGE."""
        argv = ["buildah", "bud", "-q", "-t", image, "-f", str(dockerfile)]
        argv += ["--build-arg", f"BASE_IMAGE={self.base()}"]
        if CERTIFICATES.exists():  # what this machine trusts, a proxy perhaps
            argv += ["--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"]
        if target:
            argv += ["--target", target]
        self._done([*argv, str(context)], True, BUILD_SECONDS, BUILDAH_ISOLATION="chroot")
        return image

    def base(self) -> str:
        """A plain Debian 12."""
        if self.podman("image", "exists", BASE, check=False).code == 0:
            return BASE
        root = self._folder / "rootfs"
        packages = "--include=ca-certificates"
        make = ["debootstrap", "--variant=minbase", packages, "bookworm", str(root)]
        self._done(make, True, BUILD_SECONDS)
        container = self._done(["buildah", "from", "scratch"], True, 60.0).said.strip()
        self._done(["buildah", "add", "-q", container, str(root), "/"], True, 300.0)
        self._done(["buildah", "commit", "-q", "--rm", container, BASE], True, 300.0)
        shutil.rmtree(root, ignore_errors=True)
        return BASE

    def _done(self, argv: Sequence[str], check: bool, seconds: float, **environment: str) -> Ended:
        return done(argv, {**self.environment, **environment}, check, seconds)


def done(argv: Sequence[str], environment: Mapping[str, str], check: bool, seconds: float) -> Ended:
    """A command to its end."""
    ended = subprocess.run(
        argv,
        env=dict(environment),
        text=True,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    if check and ended.returncode:
        said = f"{ended.stdout[-2000:]}\n{ended.stderr[-4000:]}"
        raise AssertionError(f"{' '.join(argv[:6])} … ended with {ended.returncode}:\n{said}")
    return Ended(ended.returncode, ended.stdout)
