#!/usr/bin/env python3
"""bench.py PROGRAM - run all of wirecopy-bench quickly and look at each figure.

Nothing is said about how fast it was: that each command gives the tables, rows
and columns it promises, that every figure is a number that can be, that
figures made of the same runs agree, that counts and errors are what theory
says, and that 'compare' finds a file equal to itself.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

from checks import check, finish

PROGRAM = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
TABLES = {
    "limits": ["rates", "latency"],
    "hash": ["shingles", "rates", "bulk", "quality"],
    "sign": ["chain", "kernels", "documents", "error", "bias"],
    "lsh": ["link"],
    "pipeline": ["news", "short"],
}
LENGTHS = ["1", "2", "4", "5", "8", "9", "12", "16", "24", "32"]


def run(*args):
    done = subprocess.run(
        [PROGRAM, *args], capture_output=True, check=False, timeout=200
    )
    check(done.returncode == 0, args, "status", done.returncode)
    check(done.stderr == b"", args, done.stderr.decode())
    return done.stdout.decode()


def read(text):
    """The head, and {(command, table): {(row, column): figure}}."""
    lines = [json.loads(line) for line in text.splitlines()]
    tables = {}
    for figure in lines[1:]:
        table = tables.setdefault((figure["command"], figure["table"]), {})
        key = (figure["row"], figure["column"])
        check(key not in table, "twice:", key)
        table[key] = figure
    return lines[0], tables


def rows_of(table):
    return list(dict.fromkeys(row for row, _ in table))


def check_figure(name, figure):
    median, fastest = figure["median"], figure["fastest"]
    label = (*name, figure["row"], figure["column"], median, fastest)
    check(figure["better"] in ("less", "more", "neither"), label)
    check(isinstance(median, (int, float)) and math.isfinite(median), label)
    check(isinstance(figure["runs"], int) and figure["runs"] >= 0, label)
    if figure["runs"] == 0:
        check(median == fastest, label, "counted")
        return
    check(median > 0 and fastest > 0, label, "is not above 0")
    # A ratio of two figures has no fastest run of its own.
    if figure["unit"] in ("ns", "s") and "fastest" in figure:
        check(fastest <= median * 1.0001, label, "slower than the median")
    if figure["unit"] in ("MB/s", "GB/s", "1/s"):
        check(fastest >= median * 0.9999, label, "slower than the median")


def check_hash(tables):
    times, rates = tables["hash", "shingles"], tables["hash", "rates"]
    check(rows_of(times) == rows_of(rates), "rows of shingles and rates")
    for (row, column), figure in times.items():
        check(column in LENGTHS, column)
        rate = rates[row, column]["median"]
        expected = 2 * int(column) / figure["median"]
        check(abs(rate / expected - 1) < 1e-6, row, column, rate, expected)
    for name in ("XXH3_64", "XXH64", "XXH32", "FNV-1a 64"):
        check((name, "5") in times, "no", name)
    quality = tables["hash", "quality"]
    for row in rows_of(quality):
        value = {
            column: figure["median"]
            for (other, column), figure in quality.items()
            if other == row
        }
        chance = value["by chance"]
        limit = chance + 8 * math.sqrt(chance) + 0.5
        if not row.startswith("FNV"):
            check(value["collisions"] <= limit, row, value)
        check(0 <= value["avalanche"] <= 50, row, value)
        if row.startswith(("XXH", "rolling")):
            check(value["avalanche"] < 12, row, value)
            check(abs(value["MinHash bias"]) < 6 * value["+/-"], row, value)
            check(0.5 < value["its error"] < 1.1, row, value)


def check_sign(tables):
    chain = tables["sign", "chain"]
    kernels = rows_of(chain)
    check(kernels[-1] == "portable", kernels)
    check(rows_of(tables["sign", "kernels"]) == kernels, "kernel sets")
    check(
        len(rows_of(tables["sign", "documents"])) == 3 * len(kernels),
        "kinds times kernel sets",
    )
    error = tables["sign", "error"]
    for (row, size), figure in error.items():
        theory = error["theory: 128 values", size]["median"]
        check(0.0325 < theory < 0.0375, size, theory)
        if row == "minhash":
            check(figure["median"] < 1.3 * theory, row, size, figure)
        if row == "minhash-classic":
            check(0.7 < figure["median"] / theory < 1.35, row, size, figure)
        if row == "simhash":
            check(theory < figure["median"] < 0.25, row, size, figure)
    bias = tables["sign", "bias"]
    for (row, size), figure in bias.items():
        if row.startswith("minhash"):
            limit = 6 * bias["+/- (MinHash)", size]["median"]
            check(abs(figure["median"]) < limit, row, size, figure)


def check_lsh(tables):
    link = tables["lsh", "link"]
    counts = {
        (row.rsplit(",", 1)[0], column): set()
        for row, column in link
        if column in ("linked", "in")
    }
    for (row, column), figure in link.items():
        if column in ("linked", "in"):
            counts[row.rsplit(",", 1)[0], column].add(figure["median"])
    for key, values in counts.items():
        check(len(values) == 1, "threads change", key, values)
    (linked,), (groups,) = (
        counts["link by bands", column] for column in ("linked", "in")
    )
    # A tenth are copies; nearly all share a band with what they copy.
    check(3000 < linked < 4200 and 1200 < groups < 2000, linked, groups)


def check_pipeline(tables):
    for name in ("news", "short"):
        table = tables["pipeline", name]
        copies = {
            figure["median"]
            for (_, column), figure in table.items()
            if column == "copies"
        }
        check(len(copies) == 1 and copies.pop() > 50, name, "copies")
        for row in rows_of(table):
            for column in ("documents", "file", "memory", "gain"):
                check((row, column) in table, name, row, "has no", column)
        check(abs(table["1 thread", "gain"]["median"] - 1) < 1e-9, "gain")


def check_run(folder, lang):
    path = pathlib.Path(folder) / f"{lang}.json"
    text = run("all", "--quick", "--json", "--lang", lang)
    path.write_text(text, encoding="utf-8")
    head, tables = read(text)
    for name in ("version", "date", "machine", "compiler", "flags", "xxhash",
                 "kernels", "text"):
        check(head[name], "the head has no", name)
    check(head["quick"] is True, "quick")
    wanted = {(c, t) for c, names in TABLES.items() for t in names}
    check(set(tables) == wanted, "tables:", set(tables) ^ wanted)
    for name, table in tables.items():
        columns = {column for _, column in table}
        check(columns and rows_of(table), name, "is empty")
        for figure in table.values():
            check_figure(name, figure)
    check_hash(tables)
    check_sign(tables)
    check_lsh(tables)
    check_pipeline(tables)
    compared = run("compare", str(path), str(path))
    check("\n0 better, 0 worse, " in compared, compared[-200:])
    check("; 0 in one file only\n" in compared, compared[-200:])


def main():
    with tempfile.TemporaryDirectory(prefix="wirecopy-bench.") as folder:
        for lang in ("zh", "en"):
            check_run(folder, lang)
    overview = run("--quick")
    check("In short: with" in overview, overview[-300:])
    for line in (overview + run("pipeline", "--quick")).splitlines():
        check(len(line) <= 80 or line.startswith("  text "), "wide:", line)
    check("Limits of this machine" in overview, overview[:600])
    return finish()


if __name__ == "__main__":
    sys.exit(main())
