#!/usr/bin/env python3
"""eval_oracle.py - the scores of eval again, by enumerating pairs.

    eval_oracle.py PROGRAM GOLD INPUT [OPTION]...

Runs "PROGRAM find" and "PROGRAM eval" on INPUT (JSONL, plain or compressed by
zstd, with ids) and says whether eval's record is what comes out of find's groups when
every pair of documents is looked at one by one.  The adjusted Rand index is
computed in whole numbers.  Slow on purpose; shares nothing with the program.
"""

import fractions
import itertools
import json
import subprocess
import sys

STRANGERS = {"none", "template", "boilerplate", "embedded",
             "excerpt"}
COLUMNS = {"id", "copy", "a"}


def read_ids(path):
    """The ids of a JSONL file, in order."""
    if path.endswith(".zst"):
        data = subprocess.run(
            ["zstd", "-dcq", path], check=True, capture_output=True
        ).stdout
    else:
        with open(path, "rb") as file:
            data = file.read()
    return [json.loads(line)["id"] for line in data.splitlines() if line]


def read_gold(path):
    """Rows of fields, without comments and the names of columns."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = [line.rstrip("\r\n") for line in file]
    rows = [ln.split("\t") for ln in lines if ln and not ln.startswith("#")]
    return rows[1:] if rows and rows[0][0] in COLUMNS else rows


def spread(links, names):
    """A label for each name, equal for those that links connect: colouring
    again and again until nothing changes."""
    label = {name: name for name in names}
    changed = True
    while changed:
        changed = False
        for a, b in links:
            low = min(label[a], label[b])
            if label[a] != low or label[b] != low:
                label[a] = label[b] = low
                changed = True
    return label


def gold_pairs(rows, ids):
    """(pairs that belong together, pairs that are scored)"""
    everything = {frozenset(p) for p in itertools.combinations(ids, 2)}
    if rows and len(rows[0]) == 2:
        of = dict(rows)
        same = {
            p for p in everything
            if len({of.get(i, ("alone", i)) for i in p}) == 1
        }
        return same, everything
    if rows and rows[0][2] in "01":
        rows = [r for r in rows if r[0] in ids and r[1] in ids]
        scored = {frozenset(r[:2]) for r in rows}
        return {frozenset(r[:2]) for r in rows if r[2] == "1"}, scored
    names = set(ids) | {f for r in rows for f in r[:2]}
    label = spread([r[:2] for r in rows if r[2] not in STRANGERS], names)
    return {p for p in everything if len({label[i] for i in p}) == 1}, everything


def ratio(part, whole):
    """A quotient, or None for 0/0."""
    return float(fractions.Fraction(part, whole)) if whole else None


def main():
    """Compare; the exit status is 0 if all agrees."""
    program, gold, source, *options = sys.argv[1:]
    run = {"check": False, "capture_output": True}
    found = subprocess.run([program, "find", "-q", "--format=jsonl", *options, source], **run)
    told = subprocess.run(
        [program, "eval", "-q", "--format=jsonl", "--gold", gold, *options, source], **run
    )
    ids = read_ids(source)
    rows = read_gold(gold)
    same, scored = gold_pairs(rows, set(ids))
    grouped = set()
    for line in found.stdout.splitlines():
        members = [
            m["id"]
            for m in json.loads(line)["members"]
            if m["relation"] != "embedded"
        ]
        grouped |= {frozenset(p) for p in itertools.combinations(members, 2)}
    grouped &= scored
    both = len(same & grouped)
    total, a, b = len(scored), len(same), len(grouped)
    want = {
        "documents": len(ids),
        "gold": a,
        "found": b,
        "true_positive": both,
        "precision": ratio(both, b),
        "recall": ratio(both, a),
        "f1": ratio(2 * both, a + b),
        "ari": None,
    }
    if not (rows and len(rows[0]) == 3 and rows[0][2] in "01") and total:
        expected = fractions.Fraction(a * b, total)
        most = fractions.Fraction(a + b, 2)
        want["ari"] = ratio(both - expected, most - expected)
    got = json.loads(told.stdout)
    bad = [
        key for key, value in want.items()
        if (value is None) != (got[key] is None)
        or (value is not None and abs(value - got[key]) > 1e-9)
    ]
    if list(got) != list(want):
        bad.append("the keys")
    for key in bad:
        print(f"{key}: {got.get(key)}, but {want.get(key)} by enumeration")
    print("differs" if bad else "the same")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
