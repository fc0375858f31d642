"""docs/benchmarks.md and its chart, from the results of the last runs; nothing in them is typed by hand."""

import json

from benchmarks.machinery.candidates import ROOT
from benchmarks.reports import admin as admin_report
from benchmarks.reports import chart
from benchmarks.reports import comparison as comparison_report
from benchmarks.reports import scale as scale_report
from benchmarks.reports.figures import ratio
from benchmarks.runs import far, quick

RESULTS = ROOT / "benchmarks" / "results"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
CHART = ROOT / "docs" / "benchmarks.svg"
HEAD = """# Benchmarks

Written by `python3 run.py bench`, with `--scale`, `--far` and `--admin`; nothing here is typed by hand.
`python3 run.py bench --quick` prints the first table against one peer, in a minute.
"""


def results(name):
    """Of the last run of this name, where there was one."""
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def keep(name, measured):
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(measured, indent=1) + "\n")
    write()


def write():
    comparison, scale, distant, admin, short = map(results, ("comparison", "scale", "far", "admin", "quick"))
    sections = [HEAD]
    if comparison:
        CHART.write_text(cpu_chart(comparison))
        sections += ["![CPU a request, the service and its peers](benchmarks.svg)\n"]
        sections += comparison_report.sections(comparison)
    elif short:
        CHART.write_text(cpu_chart(short))
        sections += ["![CPU a request, the service and its peer](benchmarks.svg)\n", *quick.sections(short)]
    if scale:
        sections += scale_report.sections(scale)
    if distant:
        sections += far.sections(distant)
    if admin:
        sections += admin_report.sections(admin)
    DOCUMENT.write_text("\n".join(sections))


def cpu_chart(comparison):
    workloads, service = comparison["workloads"], comparison["service"]
    groups = {workload: multiples(by_name, service) for workload, by_name in workloads.items()}
    return chart.bars("CPU of the application for one request, in multiples of this service", groups, "x")


def multiples(by_name, service):
    own = by_name[service]["app_ms"]
    return {name: ratio(figures["app_ms"], own).median for name, figures in by_name.items()}
