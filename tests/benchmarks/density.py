"""Density: many streams from cache into nginx-rtmp, beside as many plain ffmpeg loops.

Plain: `ffmpeg -re -stream_loop -1 -i loop.flv -c copy -f flv rtmp://…`, one a stream, playing the
same clips joined to one file. Both run into the same kind of server, one after the other in one
run. Processor time and proportional memory (PSS: shared pages count once) are of everything that
the streams need: our stream worker with its children, and its share of nothing else, against the
plain processes. Coordinator, recorder and broker serve any number of streams and are listed apart.
"""

import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from orchestrator.domain.clip import clip_key
from orchestrator.domain.stream import Phase, StreamSpec, line_recipe
from tests.benchmarks.workshop import (
    Fleet,
    clip_store,
    document_of,
    few_specs,
    fleet,
    many_of,
    render_all,
)
from tests.support.nginx_rtmp import NginxRtmp, nginx_rtmp
from tests.support.receiver import findings_of
from workers.media.ffmpeg import find_ffmpeg
from workers.media.flv import read_clip, restamped, stream_header

SETTLE, MEASURE = 12.0, 30.0


@dataclass(frozen=True)
class Load:
    """What a set of processes took."""

    cores: float
    """Of one core, during the measurement."""
    pss_mib: float
    rss_mib: float


def run(counts: Sequence[int] = (50, 100)) -> list[dict[str, object]]:
    """Measure; one row a count."""
    specs = few_specs()
    render_all(specs)
    return [_row(specs, count) for count in counts]


def _row(specs: Sequence[StreamSpec], count: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        ours, control, anomalies = _ours(Path(folder) / "ours", specs, count)
        plain = _plain(Path(folder) / "plain", specs, count)
    return {
        "streams": count,
        "ours_cores": round(ours.cores, 3),
        "plain_cores": round(plain.cores, 3),
        "cpu_ratio": round(ours.cores / plain.cores, 2),
        "ours_pss_mib": round(ours.pss_mib),
        "plain_pss_mib": round(plain.pss_mib),
        "memory_ratio_pss": round(ours.pss_mib / plain.pss_mib, 2),
        "memory_ratio_rss": round(ours.rss_mib / plain.rss_mib, 2),
        "control_cores": round(control.cores, 3),
        "streams_with_findings": len(anomalies),
        "findings": sorted({f for found in anomalies.values() for f in found})[:5],
    }


def _ours(
    home: Path, specs: Sequence[StreamSpec], count: int
) -> tuple[Load, Load, dict[str, tuple[str, ...]]]:
    home.mkdir(parents=True)
    with nginx_rtmp(home / "nginx") as server:
        streams = many_of(specs, server.url, count)
        with fleet(home, count + 5, ("recorder", "stream", "coordinator")) as running:
            running.store.apply(document_of(streams), streams, by="benchmark", now=time.time())
            _await_on_air(running, count)
            time.sleep(SETTLE)
            roots = running.tree.processes()
            ours, control = _measure(
                (roots["stream"],), tuple(pid for name, pid in roots.items() if name != "stream")
            )
            running.store.stop()
            _await_gone(server)
        found = {s.stream: findings_of(server.recordings(s.stream)) for s in streams}
    return ours, control, {name: f for name, f in found.items() if f}


def _await_on_air(running: Fleet, count: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        running.tree.check()
        on_air = [s for b in running.board.beats() for s in b.streams if s.phase is Phase.ON_AIR]
        if len(on_air) == count:
            return
        time.sleep(0.5)
    raise TimeoutError(f"only {len(on_air)} of {count} streams came on air")


def _await_gone(server: NginxRtmp) -> None:
    deadline = time.monotonic() + 20
    while server.publishers() and time.monotonic() < deadline:
        time.sleep(0.2)


def _plain(home: Path, specs: Sequence[StreamSpec], count: int) -> Load:
    home.mkdir(parents=True)
    loops = [_loop_file(home / f"loop{n}.flv", spec) for n, spec in enumerate(specs)]
    with nginx_rtmp(home / "nginx") as server, _loops(server, loops, count) as pids:
        time.sleep(SETTLE)
        (load,) = _measure(pids)
    return load


def _loop_file(path: Path, spec: StreamSpec) -> Path:
    clips = clip_store()
    read = [read_clip(clips.fetch(clip_key(line_recipe(spec, line)))) for line in spec.lines]
    with path.open("wb") as file:
        file.write(stream_header(read[0]))
        base = 0
        for clip in read:
            file.write(restamped(clip, base, 0, clip.tags))
            base += clip.duration_ms
    return path


@contextmanager
def _loops(server: NginxRtmp, files: Sequence[Path], count: int) -> Iterator[tuple[int, ...]]:
    ffmpeg = str(find_ffmpeg().path)
    argv = ("-nostdin", "-loglevel", "error", "-re", "-stream_loop", "-1")
    running: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(count):
            source = str(files[number % len(files)])
            target = server.target(f"plain{number:03d}")
            running.append(
                subprocess.Popen([ffmpeg, *argv, "-i", source, "-c", "copy", "-f", "flv", target])
            )
            time.sleep(0.05)
        yield tuple(process.pid for process in running)
        assert all(process.poll() is None for process in running), "a plain loop ended"
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()


def _measure(*groups: Iterable[int]) -> tuple[Load, ...]:
    """Each group of process roots with all their children, over the same stretch of time."""
    trees = [_with_children(roots) for roots in groups]
    before = [_processor_seconds(tree) for tree in trees]
    started = time.monotonic()
    time.sleep(MEASURE)
    took = time.monotonic() - started
    return tuple(
        Load((_processor_seconds(tree) - used) / took, *_memory_mib(tree))
        for tree, used in zip(trees, before, strict=True)
    )


def _with_children(roots: Iterable[int]) -> list[psutil.Process]:
    tops = [psutil.Process(pid) for pid in roots]
    return [p for top in tops for p in (top, *top.children(recursive=True))]


def _processor_seconds(tree: Sequence[psutil.Process]) -> float:
    times = [process.cpu_times() for process in tree]
    return sum(t.user + t.system for t in times)


def _memory_mib(tree: Sequence[psutil.Process]) -> tuple[float, float]:
    full = [process.memory_full_info() for process in tree]
    return sum(m.pss for m in full) / 2**20, sum(m.rss for m in full) / 2**20
