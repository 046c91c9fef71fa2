"""What is deployed without Helm is well formed by others' rules, and explains itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent
VARIABLE = re.compile(r"\$\{([A-Z_]+)")


@pytest.mark.parametrize(
    "argv",
    [
        ["hadolint", "deploy/Dockerfile"],
        ["hadolint", "tests/deploy/images.Dockerfile", "--ignore", "DL3006", "--ignore", "DL3008"],
        ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml"],
        [
            *("compose-lint", "check", "--config", "deploy/.compose-lint.yml", "--strict-config"),
            *("--fail-on", "low", "deploy/compose.yaml"),
        ],
    ],
    ids=lambda argv: " ".join(argv[:2]),
)
def test_linters_find_nothing(argv: list[str]) -> None:
    ended = subprocess.run(
        [str(BIN / argv[0]), *argv[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_variable_of_the_compose_file_is_explained() -> None:
    used = set(VARIABLE.findall((DEPLOY / "compose.yaml").read_text(encoding="utf-8")))
    lines = (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if re.match(r"[A-Z_]+=", line)}
    assert used == named


def test_every_value_stands_in_the_compose_file_as_it_is_explained() -> None:
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for line in (DEPLOY / ".env.example").read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and re.fullmatch(r"[A-Z_]+", name):
            assert f"${{{name}:-{value}}}" in compose, name


def test_secrets_are_made_once_and_only_their_owner_reaches_them(tmp_path: Path) -> None:
    script = ["sh", str(DEPLOY / "compose" / "prepare.sh"), str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True, timeout=60)
    made = {path: path.read_bytes() for path in (tmp_path / "secrets").rglob("*") if path.is_file()}
    assert len(set(made.values())) == len(made) >= 12
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    again = subprocess.run(script, check=True, capture_output=True, timeout=60)
    assert again.stdout == b""
    assert all(path.read_bytes() == held for path, held in made.items())


def test_each_secret_of_the_compose_file_is_made(tmp_path: Path) -> None:
    script = ["sh", str(DEPLOY / "compose" / "prepare.sh"), str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True, timeout=60)
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    for name, secret in compose["secrets"].items():
        assert secret["file"].endswith(f"/secrets/{name}")
        assert (tmp_path / "secrets" / name).read_text().strip()
