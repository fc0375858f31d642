"""Other generators: what hey-api, orval and openapi-generator make of the document compiles, and the first two walk."""

import sys
from pathlib import Path

import pytest

from tests.clients.programs import run
from tests.clients.typescript import bin_of, prepare
from tests.clients.walked import assert_features_walked
from tests.support.service import ROOT

pytestmark = pytest.mark.run_once("sqlite")

CONFIGURATIONS = ["tsconfig.generated.json", "hey_api.config.mjs", "orval.config.mjs"]
WALKS = ["steps.ts", "walk_hey_api.ts", "walk_orval.ts"]


@pytest.fixture(scope="module")
def project(packages, tmp_path_factory):
    folder = tmp_path_factory.mktemp("generators")
    prepare(folder, packages, [*CONFIGURATIONS, *WALKS])
    (folder / "openapi.json").symlink_to(ROOT / "openapi.json")
    run(bin_of(folder) / "openapi-ts", "--file", "hey_api.config.mjs", cwd=folder)
    run(bin_of(folder) / "orval", "--config", "orval.config.mjs", cwd=folder)
    # Without the mapping a time is a Date, which has no microseconds: an entity tag made of it would never match.
    options = ["--generator-name=typescript-fetch", "--type-mappings=DateTime=string", "--output=openapi_generator"]
    generator = Path(sys.executable).with_name("openapi-generator-cli")
    run(generator, "generate", "--input-spec=openapi.json", *options, cwd=folder)
    run(bin_of(folder) / "tsc", "--project", "tsconfig.generated.json", cwd=folder)
    return folder


def test_client_of_hey_api_walks_the_features(project, service, user_id):
    printed = run("node", "built/walk_hey_api.js", service.url, user_id, cwd=project)
    assert_features_walked(printed, user_id)


def test_client_of_orval_walks_the_features(project, service, user_id):
    printed = run("node", "built/walk_orval.js", user_id, cwd=project, TASKS_URL=service.url)
    assert_features_walked(printed, user_id)


def test_client_of_openapi_generator_compiles(project):
    assert (project / "built" / "openapi_generator" / "index.js").exists()
