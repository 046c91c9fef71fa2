"""Redis in this process: the commands that board and leases use, and the real Lua scripts.

Keys end by the virtual clock. That is why no real server does: it would end them by its own. The
scripts run unchanged in a Lua 5.1, which is what the real server runs them in; a test compares the
answers of both. Everything else of Redis is missing, and says so.
"""

import json
from collections.abc import Callable, Sequence
from hashlib import sha1
from typing import Any

from lupa import lua51
from redis.exceptions import NoScriptError, ResponseError

from orchestrator.simulate.agenda import VirtualClock

WRAPPED = "function(redis, cjson) return function(KEYS, ARGV) {} end end"


class Server:
    """One server's memory."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._lua = lua51.LuaRuntime(unpack_returned_tuples=True)
        self._table = self._lua.table_from
        self._call = self._lua.table_from({"call": self._called})
        self._cjson = self._lua.table_from({"decode": self._decoded})
        self.runs = 0
        self._begin()

    def restart(self) -> None:
        """Come back, empty."""
        self.runs += 1
        self._begin()

    def ask(self, words: Sequence[Any]) -> Any:
        """Do one command."""
        name = str(words[0]).upper()
        command = self._commands.get(name)
        if command is None:
            raise ResponseError(f"unknown command {name}")
        return command(*words[1:])

    def _begin(self) -> None:
        self._values: dict[str, str] = {}
        self._ends: dict[str, float] = {}
        self._sets: dict[str, set[str]] = {}
        self._scripts: dict[str, Any] = {}
        self._commands: dict[str, Callable[..., Any]] = {
            "GET": self._get,
            "MGET": lambda *keys: [self._get(key) for key in keys],
            "SET": self._set,
            "DEL": self._del,
            "EXPIRE": self._expire,
            "PTTL": self._pttl,
            "SADD": lambda key, *names: self._sets.setdefault(key, set()).update(names),
            "SREM": lambda key, *names: self._sets.get(key, set()).difference_update(names),
            "SMEMBERS": lambda key: set(self._sets.get(key, ())),
            "INFO": lambda *_: {"run_id": f"run {self.runs}"},
            "SCRIPT LOAD": self._load,
            "EVALSHA": self._eval,
        }

    def _get(self, key: str) -> str | None:
        ends = self._ends.get(key)
        if ends is not None and ends <= self._clock.now:
            del self._ends[key], self._values[key]
        return self._values.get(key)

    def _set(self, key: str, value: Any, *options: Any) -> bool:
        self._values[key] = value if isinstance(value, str) else _text(value)
        if not options:
            self._ends.pop(key, None)
            return True
        unit, amount = options
        seconds = float(amount) / (1000 if str(unit).upper() == "PX" else 1)
        self._ends[key] = self._clock.now + seconds
        return True

    def _del(self, *keys: str) -> int:
        found = sum(self._get(key) is not None for key in keys)
        for key in keys:
            self._values.pop(key, None)
            self._ends.pop(key, None)
        return found

    def _expire(self, key: str, seconds: int) -> int:
        if self._get(key) is None:
            return 0
        self._ends[key] = self._clock.now + float(seconds)
        return 1

    def _pttl(self, key: str) -> int:
        if self._get(key) is None:
            return -2
        ends = self._ends.get(key)
        return -1 if ends is None else round((ends - self._clock.now) * 1000)

    def _load(self, script: str) -> str:
        sha = sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._scripts[sha] = self._lua.eval(WRAPPED.format(script))(self._call, self._cjson)
        return sha

    def _eval(self, sha: str, keys: int, *words: Any) -> Any:
        script = self._scripts.get(sha)
        if script is None:
            raise NoScriptError("No matching script.")
        texts = [w if isinstance(w, str) else _text(w) for w in words]
        table = self._table
        return _answer(script(table(texts[:keys]), table(texts[keys:])))

    def _called(self, name: str, *words: Any) -> Any:
        """What a script asks: nothing is false there, as in Redis."""
        answer = self._commands[name](*words)
        return False if answer is None else answer

    def _decoded(self, text: str) -> Any:
        value = json.loads(text)
        return self._lua.table_from(value) if isinstance(value, dict) else value


def _text(word: Any) -> str:
    return word.decode() if isinstance(word, bytes) else str(word)


def _answer(value: Any) -> Any:
    """A script's answer, as a client sees it: numbers are whole, tables are lists."""
    if isinstance(value, float):
        return int(value)
    if isinstance(value, str | int) or value is None:
        return value
    return [int(one) if isinstance(one, float) else one for one in value.values()]
