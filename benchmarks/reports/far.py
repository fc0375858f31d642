"""The section about a database that is a network away."""

from benchmarks.reports.conditions import in_words
from benchmarks.reports.markdown import compared, figure


def sections(results):
    parts = [
        "## With the database a network away\n",
        in_words(results),
        f"Each candidate has {results['workers']} worker processes. A statement takes "
        f"{figure(results['round_trip_ms'], 2)} ms to PostgreSQL and back, because a process in between delays it; "
        "that process takes CPU time from all candidates alike. Requests a second, medians of "
        f"{results['rounds']} rounds; in bold the service's rate in multiples of the peer's, with the lowest and the "
        "highest round; ∞ where a peer answered nothing in a round.\n",
    ]
    workloads = results["workloads"]
    for count in workloads["get"]:
        names = sorted(workloads["get"][count], key=lambda name: name != results["service"])
        of_count = {workload: by_count[count] for workload, by_count in workloads.items()}
        parts += [f"{count} connections\n", compared(of_count, names, list, is_rate=True)]
    return parts
