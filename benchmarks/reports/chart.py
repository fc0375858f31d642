"""A bar chart as SVG, with colours that are readable on a light and on a dark page."""

from html import escape

from benchmarks.reports.figures import ratio

WIDTH = 860
LEFT = 110
RIGHT = 60
BAR = 13
GAP = 14
TOP = 64
COLOURS = ("#1f6feb", "#d4762c", "#8a63d2", "#c2456b", "#3a9d6e", "#8b949e")
STYLE = """<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-size: 15px; font-weight: 600 }
.value { font-size: 10px }
line { stroke: #8b949e; stroke-width: 1 }
@media (prefers-color-scheme: dark) { text { fill: #adbac7 } }
</style>"""


def cpu(results):
    workloads, service = results["workloads"], results["service"]
    groups = {workload: multiples(by_name, service) for workload, by_name in workloads.items()}
    return bars("CPU of the application for one request, in multiples of this service", groups, "x")


def multiples(by_name, service):
    own = by_name[service]["app_ms"]
    return {name: ratio(figures["app_ms"], own).median for name, figures in by_name.items()}


def text(x, y, content, kind="", anchor="start"):
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{kind}" text-anchor="{anchor}">{escape(content)}</text>'


def bars(title, groups, unit=""):
    """`groups`: the value of each series by name, by group; every group has the same series in the same order."""
    series = list(next(iter(groups.values())))
    scale = (WIDTH - LEFT - RIGHT) / max(value for group in groups.values() for value in group.values())
    height = TOP + len(groups) * (len(series) * BAR + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">',
        STYLE,
        text(0, 18, title, "title"),
        *legend(series),
    ]
    y = TOP
    for name, group in groups.items():
        parts.append(text(LEFT - 10, y + len(series) * BAR / 2 + 4, name, anchor="end"))
        for colour, value in zip(COLOURS, group.values(), strict=False):
            parts.append(bar(y, value * scale, colour, f"{value:.1f}{unit}"))
            y += BAR
        y += GAP
    parts += [f'<line x1="{LEFT}" y1="{TOP - 4}" x2="{LEFT}" y2="{y - GAP + 4}"/>', "</svg>"]
    return "\n".join(parts) + "\n"


def bar(y, length, colour, label):
    drawn = f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 2}" fill="{colour}"/>'
    return drawn + text(LEFT + length + 5, y + BAR - 3, label, "value")


def legend(series):
    step = WIDTH / len(series)
    for position, (name, colour) in enumerate(zip(series, COLOURS, strict=False)):
        yield f'<rect x="{position * step:.0f}" y="34" width="11" height="11" fill="{colour}"/>'
        yield text(position * step + 17, 44, name)
