"""Who answers for generated content, as the `AIGC` metadata names it: a code, or a plain name.

A provider's registered code has 27 characters (TC260-PG-20252A). An organization's is laid out as

    00          the format
    1           an organization
    1           known by its unified social credit code
    18 of them  that code; its last character checks the others (GB 32100-2015)
    5           the service: 1 generates or 2 propagates, then 4 of its own; 00000 if unused

What begins like an organization's code is meant as one, so it must hold; a digit typed wrong would
label all clips with somebody else's name. Codes of individuals are laid out otherwise and pass.
"""

import re

from orchestrator.compliance.aigc import is_allowed

CODE_LENGTH = 27
_MEANT_AS_CODE = re.compile(r"0011[0-9A-Za-z]{14,}")
_CODE = re.compile(r"0011([0-9A-HJ-NPQRTUWXY]{18})(00000|[12][0-9A-Z]{4})")
_CREDIT_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def fault_of_producer(name: str) -> str | None:
    """What keeps a name from standing in the metadata, in words; None where nothing does."""
    if not name or not is_allowed(name):
        return "it may hold printable ASCII only: no Chinese, no space, no quote, no backslash"
    if not _MEANT_AS_CODE.fullmatch(name):
        return None
    if len(name) != CODE_LENGTH:
        return f"a provider code has {CODE_LENGTH} characters, and this has {len(name)}"
    code = _CODE.fullmatch(name)
    if code is None:
        return "a character in this provider code can't stand where it does"
    if not credit_code_holds(code[1]):
        return "the check digit of the credit code in it doesn't hold"
    return None


def credit_code_holds(code: str) -> bool:
    """Whether the last of a unified social credit code's 18 characters fits the others."""
    values = [_CREDIT_DIGITS.index(character) for character in code]
    total = sum(value * pow(3, place, 31) for place, value in enumerate(values[:-1]))
    return values[-1] == -total % 31
