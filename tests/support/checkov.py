"""A policy scanner with an environment of its own: its many parts would clash with ours.

    failed_checks(rendered_text)     [("CKV_K8S_11", "CPU limits should be set", "Deployment.…"), …]

Installed once into `.doppelcast/tools/checkov`; it asks nobody about what it scans.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.support import system_part
from tests.support.helm import TOOLS, taking_turns

PACKAGE = "checkov==3.3.30"
INSTALL_SECONDS = 480
SCAN_SECONDS = 600
Failed = tuple[str, str, str]


def failed_checks(text: str, folder: Path) -> list[Failed]:
    """What the scanner finds wrong: the check, what it is about, the object."""
    file = folder / "rendered.yaml"
    file.write_text(text, encoding="utf-8")
    options = ("--framework", "kubernetes", "--skip-download", "--quiet", "--compact", "-o", "json")
    done = subprocess.run(
        [_installed(), *options, "-f", str(file)],
        check=False,
        capture_output=True,
        text=True,
        timeout=SCAN_SECONDS,
        env={"PATH": os.defpath, "HOME": str(folder), "LOG_LEVEL": "ERROR"},
    )
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["passed"] > 0
    assert report["summary"]["parsing_errors"] == 0
    failed = report["results"]["failed_checks"]
    return [(check["check_id"], check["check_name"], check["resource"]) for check in failed]


def _installed() -> Path:
    """The scanner; skips the test where it can't be had, and fails it in CI."""
    folder = TOOLS / "checkov"
    done = folder / f".{PACKAGE}"
    with taking_turns("checkov"):
        if not done.exists():
            system_part.require(_install(folder))
            done.touch()
    return folder / "bin" / "checkov"


def _install(folder: Path) -> str | None:
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    steps = ([sys.executable, "-m", "venv", "--clear", str(folder)], [*pip, "install", PACKAGE])
    try:
        for step in steps:
            subprocess.run(
                step, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS
            )
    except subprocess.CalledProcessError as error:
        last = (error.stderr or error.stdout).strip().splitlines()[-1:]
        return f"{PACKAGE} can't be installed: {' '.join(last)}"
    except subprocess.TimeoutExpired:
        return f"{PACKAGE} can't be installed within {INSTALL_SECONDS} s"
    return None
