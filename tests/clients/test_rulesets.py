"""The document passes the linters whose rules the makers of clients follow."""

import pytest

from tests.clients.programs import HERE, run
from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("sqlite")

DOCUMENT = ROOT / "openapi.json"


def test_spectral_has_nothing_to_say(packages):
    spectral = packages / "node_modules/.bin/spectral"
    options = ["--ruleset", HERE / ".spectral.yaml", "--fail-severity", "hint"]
    assert "No results" in run(spectral, "lint", DOCUMENT, *options, cwd=packages)


def test_redocly_has_nothing_to_say(packages):
    redocly = packages / "node_modules/.bin/redocly"
    command = [redocly, "lint", "--extends=recommended-strict", "--format=json", DOCUMENT]
    report = run(*command, cwd=packages, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true")
    assert '"errors": 0' in report
    assert '"warnings": 0' in report
