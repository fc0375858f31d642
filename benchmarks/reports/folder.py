"""The folder of one run, which git ignores: the measurements, the report with its tables, the chart, the plans."""

import json
from datetime import UTC, datetime

from benchmarks.machinery.candidates import ROOT
from benchmarks.reports import admin, chart, comparison, far, plans, quick, scale

RESULTS = ROOT / "benchmarks" / "results"
SECTIONS = {
    "admin": admin.sections,
    "comparison": comparison.sections,
    "far": far.sections,
    "plans": plans.sections,
    "quick": quick.sections,
    "scale": scale.sections,
}
# What some runs leave beside their measurements and their report.
EXTRAS = {
    "comparison": {"chart.svg": chart.cpu},
    "quick": {"chart.svg": chart.cpu},
    "scale": {"plans.md": scale.plans_in_full},
}


def write(name, results, parent=RESULTS):
    """The new folder."""
    folder = parent / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}-{name}"
    folder.mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (folder / "report.md").write_text("\n".join(SECTIONS[name](results)), encoding="utf-8")
    for file, content in EXTRAS.get(name, {}).items():
        (folder / file).write_text(content(results), encoding="utf-8")
    return folder
