"""Images that are really built and containers that really run, by Debian's buildah and podman.

    engine = Engine(tmp_path)            # raises NoEngine where containers can't be run
    image = engine.doppelcast()          # deploy/Dockerfile, on a Debian made with debootstrap
    engine.run(image, "--version", read_only=True)

No registry is asked. The base, and the images of what others make, are kept in the engine's store
for the next run; ours is built anew by each.
Runs as root: that is what these packages need where no user session runs.
"""

import os
import resource
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
PODMAN = ("podman", "--storage-driver", "overlay")
BASE = "localhost/doppelcast-base:bookworm"
IMAGE = "localhost/doppelcast:tested"
TOOLS = ("buildah", "podman", "runc", "netavark", "aardvark-dns", "debootstrap", "iptables")
REMEDY = (
    "Be root, on a virtual machine or in a privileged container, and apt-get install "
    "buildah podman runc netavark aardvark-dns catatonit debootstrap iptables."
)
OURS = "doppelcast.made-from"
"""A label of all images that are made here; by it those that were replaced are found."""
MADE_FROM = (".Dockerfile", ".conf", ".sh")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
BUILD_SECONDS = 2400.0
COMMAND_SECONDS = 300.0
PLACES = ("/usr/lib/podman", "/usr/sbin", "/sbin")


class NoEngine(Exception):
    """No images can be built and run here; the message says why, and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Containers can't be run here: {reason}. {REMEDY}")


def check_tools() -> None:
    """Refuse a machine on which no container could be run."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *PLACES))
    lacking = [tool for tool in TOOLS if shutil.which(tool, path=path) is None]
    if os.geteuid() != 0:
        raise NoEngine("this user isn't root")
    if lacking:
        raise NoEngine(f"there is no {' and no '.join(lacking)}")
    # What every container begins with, and what is forbidden within many containers of others.
    for needed in (("unshare", "-m", "-n", "-p", "-f", "true"), (*PODMAN, "info")):
        tried = subprocess.run(
            needed, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS
        )
        if tried.returncode:
            raise NoEngine(f"`{' '.join(needed)}` failed: {_last(tried.stderr)}")


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["without a word"])[-1]


@dataclass(frozen=True)
class Ended:
    """What a container said, and how it ended."""

    code: int
    said: str


class Engine:
    """Builds and runs."""

    def __init__(self, folder: Path) -> None:
        check_tools()
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
        self._check_kernel()

    def podman(
        self, *arguments: str, check: bool = True, seconds: float = COMMAND_SECONDS
    ) -> Ended:
        """One podman command."""
        return self._done([*PODMAN, *arguments], check, seconds)

    def logs(self, container: str) -> str:
        """What a container has said, both its outputs."""
        argv = f"{' '.join(PODMAN)} logs {container} 2>&1"
        return self._done(["sh", "-c", argv], False, COMMAND_SECONDS).said

    def run(self, image: str, *arguments: str, options: Sequence[str] = ()) -> Ended:
        """A container to its end, on a root that can't be written to, without a network."""
        fixed = ("--rm", "--read-only", "--tmpfs", "/tmp", "--network", "none")
        return self.podman("run", *fixed, *options, image, *arguments, check=False)

    def doppelcast(self) -> str:
        """Our image, built from this tree as it is."""
        return self._build(IMAGE, ROOT / "deploy" / "Dockerfile", ROOT, "this-tree")

    def other(self, name: str) -> str:
        """The image of a part that others make; anew when what it is made from has changed."""
        image, folder = f"localhost/{name}:tested", ROOT / "tests" / "deploy"
        files = sorted(path for path in folder.iterdir() if path.suffix in MADE_FROM)
        digest = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
        asked = f'{{{{index .Labels "{OURS}"}}}}'
        known = self.podman("image", "inspect", "--format", asked, image, check=False)
        if known.said.strip() == digest:
            return image
        return self._build(image, folder / "images.Dockerfile", folder, digest, "--target", name)

    def _build(
        self, image: str, dockerfile: Path, context: Path, digest: str, *options: str
    ) -> str:
        """An image of some Dockerfile whose base is the argument BASE_IMAGE."""
        argv = ["buildah", "bud", "-q", "-t", image, "-f", str(dockerfile), *options]
        argv += ["--label", f"{OURS}={digest}", "--build-arg", f"BASE_IMAGE={self.base()}"]
        if CERTIFICATES.exists():  # what this machine trusts, a proxy perhaps
            argv += ["--volume", f"{CERTIFICATES}:{CERTIFICATES}:ro"]
        self._done([*argv, str(context)], True, BUILD_SECONDS, BUILDAH_ISOLATION="chroot")
        # The one that had this name until now has none any more.
        self.podman("image", "prune", "-f", "--filter", f"label={OURS}")
        return image

    def base(self) -> str:
        """A plain Debian 12."""
        if self.podman("image", "exists", BASE, check=False).code == 0:
            return BASE
        root = self._folder / "rootfs"
        packages = "--include=ca-certificates"
        make = ["debootstrap", "--variant=minbase", packages, "bookworm", str(root)]
        self._done(make, True, BUILD_SECONDS)
        container = self._done(["buildah", "from", "scratch"], True, COMMAND_SECONDS).said.strip()
        self._done(["buildah", "add", "-q", container, str(root), "/"], True, BUILD_SECONDS)
        self._done(["buildah", "commit", "-q", "--rm", container, BASE], True, BUILD_SECONDS)
        shutil.rmtree(root, ignore_errors=True)
        return BASE

    def _check_kernel(self) -> None:
        """Refuse one that lets no container run, though it has let the tools."""
        try:
            self.podman("run", "--rm", self.base(), "true")
        except AssertionError as error:
            raise NoEngine(_last(str(error))) from None

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
