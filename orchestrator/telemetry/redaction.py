"""Keeps what looks like a secret out of what others show, whoever let it in.

No argument, result or reason of ours holds a secret: keys stay where they are used, and what ffmpeg
says is cleaned where it is read. This is the line behind that one. It doesn't know any key, so it
goes by looks: an address is shown as our one redacted form, the value of a name such as `key` or
`sign` not at all, nor a word that nobody would choose. Names of clips, which are digests, stay:
admins look for them.
"""

import re

from orchestrator.domain.endpoint import redacted

HIDDEN = "…"
_ADDRESS = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]*:/{1,2}[^\s'\"<>]+")
_NAMED = re.compile(
    r"(?i)([\w-]*(?:key|token|secret|sign|signature|passw(?:or)?d|auth|credentials?)"
    r"(?:\\*['\"]\s*:\s*\\*['\"]?|=\\*['\"]?))([^\s&,;'\"\\)}\]]+)"
)
"""`key=…` in a query or a call, `'key': …` in a dictionary; never `the key: …` in a sentence."""
_GROUPS = re.compile(r"\b(?=[a-z0-9-]*\d)(?:[a-z0-9]{4}-){3,}[a-z0-9]{4}\b")
_RANDOM = re.compile(r"(?<!clip-)\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}\b")
_LIVE_KEY = re.compile(r"\blive_\w{8,}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def without_secrets(text: str) -> str:
    """The text, fit to be seen."""
    text = _ADDRESS.sub(lambda found: _address(found.group()), text)
    text = _NAMED.sub(lambda found: found[1] + HIDDEN, text)
    for words in (_LIVE_KEY, _GROUPS):
        text = words.sub(HIDDEN, text)
    return _RANDOM.sub(lambda found: _word(found.group()), text)


def _address(address: str) -> str:
    try:
        shown = redacted(address)
    except ValueError:
        return HIDDEN
    rest = address.removeprefix(shown)
    # What was redacted before keeps the punctuation behind it.
    return shown + rest if rest != address and not re.search(r"\w", rest) else shown


def _word(word: str) -> str:
    return word if _DIGEST.fullmatch(word) else HIDDEN
