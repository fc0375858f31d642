"""Builds TypeScript projects of generated clients, of walks, and of the module that docs/clients.md shows."""

import re
import shutil

from tests.clients.programs import HERE, run
from tests.support.service import ROOT

PAGE = ROOT / "docs" / "clients.md"


def module_of_the_page():
    """All the TypeScript of the page in one file, as the page says."""
    return "\n".join(re.findall(r"```ts\n(.*?)```", PAGE.read_text(), re.DOTALL))


def made(folder, packages, document, module):
    """The generated types, the walks and the page's module, compiled together as a frontend would."""
    prepare(folder, packages, ["walk.ts", "walk_features.ts", "steps.ts", "walk_page.ts", "recorded.ts"])
    (folder / "tasks.ts").write_text(module)
    run(bin_of(folder) / "openapi-typescript", ROOT / document, "--output", "schema.ts", cwd=folder)
    run(bin_of(folder) / "tsc", cwd=folder)
    return folder


def prepare(folder, packages, names):
    (folder / "node_modules").symlink_to(packages / "node_modules")
    for name in ("package.json", "tsconfig.json", *names):
        shutil.copy(HERE / name, folder)


def bin_of(folder):
    return folder / "node_modules" / ".bin"
