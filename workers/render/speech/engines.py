"""Which speech engines there are. A model is loaded once per process, when it is first needed.

Celery's prefork pool forks: an engine made before a fork isn't used after it, because an inference
session's threads don't survive. Hence the process id in the key.
"""

import os
from functools import lru_cache

from orchestrator.errors import SpeechFailed
from workers.render.speech.contract import SpeechEngine
from workers.render.speech.kokoro import KokoroEngine

ENGINES = {KokoroEngine.name: KokoroEngine}


def engine(name: str, threads: int = 1) -> SpeechEngine:
    """This process's engine of that name.

    `threads` is how many cores one sentence may use: one where several render processes share the
    machine (two threads cost a third more processor time), two where a reply must come fast.
    """
    return _made(name, threads, os.getpid())


@lru_cache(maxsize=4)
def _made(name: str, threads: int, _process: int) -> SpeechEngine:
    make = ENGINES.get(name)
    if make is None:
        raise SpeechFailed(f"There is no speech engine {name!r}. Known: {', '.join(ENGINES)}.")
    return make(threads)
