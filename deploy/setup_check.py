"""Says what is missing before a virtual environment is made. Runs on any Python 3."""

import importlib.util
import sys

found = ".".join(map(str, sys.version_info[:3]))
if sys.version_info < (3, 11):  # noqa: UP036 - an older Python is just what this looks for
    sys.exit(
        "Doppelcast needs Python 3.11 or newer; this is " + found + ". "
        "Name another: make PYTHON=python3.12 ..."
    )
if importlib.util.find_spec("ensurepip") is None:
    minor = str(sys.version_info[1])
    sys.exit(
        "This Python can't make virtual environments. Install its part as root: "
        "apt-get install python3." + minor + "-venv"
    )
