"""docs/reliability.md, from the figures of one run."""

import os
import platform

PAGE = """# Reliability

Written, not typed: by `{command}` in {minutes:.0f} minutes, on {cores} cores with Python {python}.

| | |
|---|---|
| faults survived | {times} |
| writes acknowledged under faults | {acknowledged:,} |
| acknowledged writes lost, undone or done twice | {wrong} |
| reads, creates and updates that failed where nobody should notice | {failed} |
| worst recovery: the last of 6 clients served again | {recovery:.1f} s |
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
last {shortest} to {longest} s. `failed` counts the reads, creates and updates that failed; a dash stands where a fault
shows by its nature, as a 503 or as a connection that broke.

| fault | times | requests | writes acknowledged | lost or done twice | failed | 503 | 500 | worst recovery |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}
"""


def row(name, figures):
    failed = "–" if figures.failed is None else figures.failed
    cells = [name, figures.times, f"{figures.requests:,}", f"{figures.acknowledged:,}", figures.wrong, failed]
    cells += [figures.statuses[503], figures.statuses[500], f"{figures.recovery:.1f} s"]
    return f"| {' | '.join(map(str, cells))} |"


def page(faults, steady, **others):
    everything = list(faults.values())
    return PAGE.format(
        times=sum(figures.times for figures in everything),
        acknowledged=sum(figures.acknowledged for figures in everything),
        wrong=sum(figures.wrong for figures in everything),
        failed=sum(figures.failed or 0 for figures in everything),
        recovery=max(figures.recovery for figures in everything),
        steady=steady,
        steady_bad=steady.failed + steady.wrong,
        errors=sum(figures.statuses[500] for figures in [*everything, steady]),
        rows="\n".join(row(name, figures) for name, figures in faults.items()),
        cores=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        **others,
    )
