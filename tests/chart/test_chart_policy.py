"""What a policy scanner says of the production example: nothing that isn't meant."""

from pathlib import Path

import yaml

from tests.support.chart import CHART, FILES, helm
from tests.support.checkov import failed_checks

EXCEPTIONS = yaml.safe_load(
    Path(__file__).with_name("policy_exceptions.yaml").read_text(encoding="utf-8")
)


def test_every_check_passes_that_isnt_failed_on_purpose(tmp_path: Path) -> None:
    values = yaml.safe_load(FILES["production"].read_text(encoding="utf-8"))
    failed = failed_checks(helm().text(CHART, values), tmp_path)
    meant = {(e["check"], f"fleet-doppelcast-{name}") for e in EXCEPTIONS for name in e["objects"]}
    assert {(check, thing.rpartition(".")[2]) for check, _, thing in failed} == meant
    assert all(exception["reason"].strip() for exception in EXCEPTIONS)
