"""docs/reliability.md, from the figures of one run."""

import os
import platform
from functools import reduce
from operator import add

from tests.soak.figures import Figures

PAGE = """# Reliability

Written, not typed: by `{command}` in {minutes:.0f} minutes, on {cores} cores with Python {python}.

| | |
|---|---|
| faults survived | {all.times} |
| writes acknowledged under faults | {all.acknowledged:,} |
| acknowledged writes lost, undone or done twice | {all.wrong} |
| reads, creates and updates that failed where nobody should notice | {all.noticed} |
| worst recovery: the last of 6 clients served again | {all.recovery:.1f} s |
| requests of the steady load | {steady.requests:,} in {steady_seconds} s |
| of them failed, or answered wrongly | {steady_bad} |
| memory that its second half added, in the worker that grew most | {grown:.1f} MiB |
| operations of 8 clients at once, checked for linearizability | {operations:,} |
| tasks of theirs that no order explains | {unexplained} |
| malformed requests tried | {inputs:,} |
| of them answered with a 5xx, not at all, or not as the contract says | {input_faults} |
| answers of 500 in all | {errors} |

## By fault

Six clients work through each fault; a ledger of what each was told is compared with what is there afterwards. Faults
last 0.2 to 4 s. `failed` counts the reads, creates and updates that failed; a dash stands where a fault shows by its
nature, as a 503 or as a connection that broke.

| fault | times | requests | writes acknowledged | lost or done twice | failed | 503 | 500 | worst recovery |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}
"""
ROW = (
    "| {name} | {f.times} | {f.requests:,} | {f.acknowledged:,} | {f.wrong} | {failed} | {unavailable} | {errors} "
    "| {f.recovery:.1f} s |"
)


def row(name, figures, told):
    failed = "–" if name in told else figures.noticed
    return ROW.format(
        name=name, f=figures, failed=failed, unavailable=figures.statuses[503], errors=figures.statuses[500]
    )


def page(faults, told, steady, **others):
    everything = reduce(add, faults.values(), Figures())
    return PAGE.format(
        all=everything,
        steady=steady,
        steady_bad=steady.noticed + steady.wrong,
        errors=everything.statuses[500] + steady.statuses[500],
        rows="\n".join(row(name, figures, told) for name, figures in faults.items()),
        cores=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        **others,
    )
