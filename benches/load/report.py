"""The results as text: Markdown that is printed and, after a whole run, kept in docs/benchmarks.md."""

from pathlib import Path

from targets import GROWTH, KINDS, TARGETS

FILE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
# What stands between these lines is replaced, and nothing else.
BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"


def number(value):
    """Three digits or so; all of them for what was counted."""
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def table(head, rows):
    """Columns of figures stand to the right; the first ones, with words, to the left."""
    cells = [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in [head, *cells]) for at in range(len(head))]
    left = [any(isinstance(row[at], str) for row in rows) for at in range(len(head))]

    def line(row):
        padded = [
            cell.ljust(width) if words else cell.rjust(width) for cell, width, words in zip(row, widths, left, strict=True)
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * width if words else f"{'-' * (width - 1)}:" for width, words in zip(widths, left, strict=True)]
    return "\n".join([line(head), line(rule), *map(line, cells)])


def requests(results):
    head = ["case", "database", "rows", "req/s", "ceiling", "ratio", "p50 ms", "p99 ms", "CPU us", "database", "RSS MiB"]
    rows = [
        [
            line.title,
            line.database,
            line.rows,
            line.run.rate,
            line.ceiling.rate if line.ceiling else None,
            line.ratio,
            line.run.p50,
            line.run.p99,
            line.run.server,
            line.run.database if line.database == "PostgreSQL" else None,
            line.run.resident,
        ]
        for line in results.lines
    ]
    return table(head, rows)


def growth(results):
    """Both databases in one line a shape."""
    head = ["page of 100 on average"]
    for kind in KINDS:
        head += [f"{kind}: 1 k ms", "1 M ms", "1 k CPU us", "1 M CPU us", "ratio"]
    shapes = list(dict.fromkeys(growth.shape for growth in results.growth))
    rows = []
    for shape in shapes:
        row = [shape]
        for kind in KINDS:
            found = next((g for g in results.growth if (g.shape, g.database) == (shape, kind)), None)
            row += [found.small[0], found.large[0], found.small[1], found.large[1], found.ratio] if found else [None] * 5
        rows.append(row)
    return f"{table(head, rows)}\n\n{grown(results)}"


def grown(results):
    """The shapes that the target is about and that miss it, worst first."""
    missed = sorted((g for g in results.growth if g.indexed and g.ratio > GROWTH), key=lambda g: -g.ratio)
    named = ", ".join(f"{g.shape} ({g.database}, {number(g.ratio)})" for g in missed)
    return f"Beyond {GROWTH}: {named or 'none'}."


def facts(results):
    names = list(dict.fromkeys(name for name, _ in results.facts))
    return table(["figure", *KINDS], [[name, *(results.facts.get((name, kind)) for kind in KINDS)] for name in names])


def targets(results):
    rows = []
    for target in TARGETS:
        row = [target.figure]
        for kind, goal in zip(KINDS, target.goals, strict=True):
            value = target.measured(results, kind)
            met = None if value is None else target.met(value, goal)
            row += [f"{'≥' if target.least else '≤'} {goal:g}", value, {None: "", True: "met", False: "NOT MET"}[met]]
        rows.append(row)
    return table(["figure", "SQLite", "is", "", "PostgreSQL", "is", ""], rows)


def markdown(results, machine, seconds):
    about = "\n".join(f"- {name}: {text}" for name, text in machine.items())
    parts = [
        about,
        "### Targets\n\n" + targets(results),
        f"### Requests\n\nwrk, one thread, 64 connections, {seconds} s each; the ceiling is the same bytes from "
        "`examples/ceiling.rs`, right before.\n\n" + requests(results) if results.lines else "",
        "### Single figures\n\n" + facts(results) if results.facts else "",
        "### Growth\n\nOne client, and pages of 61 to 139 rows in turns, so that none is kept; CPU is "
        "that of server and database for a request.\n\n" + growth(results)
        if results.growth
        else "",
    ]
    return "\n\n".join(part for part in parts if part)


def keep(text, first=BEGIN, last=END):
    """Puts it into the file between two lines; the other parts are written by hand, or by others."""
    before, begin, rest = FILE.read_text().partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise RuntimeError(f"{FILE} lacks {first} or {last}")
    FILE.write_text(f"{before}{first}\n\n{text}\n\n{last}{after}")
