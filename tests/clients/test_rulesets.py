"""The document passes the linters whose rules the makers of clients follow."""

import pytest

from tests.clients.programs import HERE, run
from tests.support.service import ROOT
from todo_project.management.commands.openapi import DOCUMENTS

pytestmark = pytest.mark.run_once("sqlite")

# The service has no licence that the document could name.
SKIPPED = ["--skip-rule=info-license", "--skip-rule=info-license-strict"]
every_document = pytest.mark.parametrize("name", DOCUMENTS)


@every_document
def test_spectral_has_nothing_to_say(packages, name):
    spectral = packages / "node_modules/.bin/spectral"
    options = ["--ruleset", HERE / ".spectral.yaml", "--fail-severity", "hint"]
    assert "No results" in run(spectral, "lint", ROOT / name, *options, cwd=packages)


@every_document
def test_redocly_has_nothing_to_say(packages, name):
    redocly = packages / "node_modules/.bin/redocly"
    command = [redocly, "lint", "--extends=recommended-strict", *SKIPPED, "--format=json", ROOT / name]
    report = run(*command, cwd=packages, REDOCLY_TELEMETRY="off", REDOCLY_SUPPRESS_UPDATE_NOTICE="true")
    assert '"errors": 0' in report
    assert '"warnings": 0' in report
