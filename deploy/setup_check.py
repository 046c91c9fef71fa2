"""Says what is missing before a virtual environment is made, and how to get it. Runs on any Python 3."""

import importlib.util
import sys

if sys.version_info < (3, 11):
    found = ".".join(map(str, sys.version_info[:3]))
    sys.exit(f"Doppelcast needs Python 3.11 or newer; this is {found}. Name another: make PYTHON=python3.12 ...")
if importlib.util.find_spec("ensurepip") is None:
    minor = sys.version_info[1]
    sys.exit(f"This Python can't make virtual environments. Install its part: apt-get install python3.{minor}-venv")
