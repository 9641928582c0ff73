#!/usr/bin/env python3
"""peers.py BUILD - bench/peers without the other programs

Its exact pairs are those of comparing each with each; labels become the right
pairs; its tables hold what they promise.  Nothing is installed: 'compare' is
run with none of the others, and counts out what wirecopy finds.
"""

import itertools
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from checks import check, finish

BUILD = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench" / "peers"))

import exact  # noqa: E402
import peers  # noqa: E402
import scores  # noqa: E402


def check_exact():
    for seed in range(30):
        chance = random.Random(seed)
        texts = ["".join(chance.choices("abcd", k=chance.randrange(40)))
                 for _ in range(25)]
        for _ in range(25):
            text = list(chance.choice(texts))
            for _ in range(chance.randrange(4)):
                text.insert(chance.randrange(len(text) + 1), "e")
            texts.append("".join(text))
        for threshold in (0.3, 0.5, 0.8, 1.0):
            want = {}
            for i, j in itertools.combinations(range(len(texts)), 2):
                a, b = (set(exact.shingles(texts[k])) for k in (i, j))
                if texts[i] and texts[j] and len(a & b) >= threshold * len(
                        a | b):
                    want[i, j] = len(a & b) / len(a | b)
            check(exact.exact_pairs(texts, threshold) == want, "seed", seed,
                  "threshold", threshold)


def check_parts():
    check(peers.pairs_of_buckets([[3, 1, 2], [5], [1, 3]])
          == {(1, 2), (1, 3), (2, 3)}, "pairs of buckets")
    check([peers.rows_for(t) for t in (0.5, 0.6, 0.7, 0.8, 0.9)]
          == [2, 4, 4, 8, 8], "rows")
    check(scores.f1({"precision": 0.5, "recall": 1}) == 2 / 3, "f1")
    check(scores.f1({"precision": None, "recall": 0}) == 0, "f1 of nothing")
    rows = [{"name": name, "threads": 1, "mb": mb, "memory": 1e6,
             "precision": 1, "recall": 0.5}
            for name, mb in (("slow", 1), ("fast", 2), ("slow", 1.5))]
    check([line.split(" | ")[0::2] for line
           in scores.short_table(rows).splitlines()[4:]]
          == [["| fast", "2", "1.0000"], ["| slow", "1.5", "1.0000"]],
          "short table", scores.short_table(rows))
    with tempfile.TemporaryDirectory() as name:
        path = pathlib.Path(name) / "README.md"
        text = ("a\n<!-- x: written by bench/peers/compare -->\nold\n"
                "<!-- end of x -->\nb\n")
        path.write_text(text, encoding="utf-8")
        scores.update(path, [("x", "new\n")])
        check(path.read_text(encoding="utf-8") == text.replace("old", "new"),
              "update")


def run(folder, *args):
    out = folder / "json"
    done = subprocess.run(
        [sys.executable, ROOT / "bench" / "peers" / "compare", *args,
         "--only", "nobody", "--build", BUILD, "--work", folder, "--json",
         out], capture_output=True, text=True, check=False, timeout=200)
    check(done.returncode == 0, args, done.stderr)
    lines = out.read_text(encoding="utf-8").splitlines()[1:]
    return done.stdout, done.stderr, [json.loads(line) for line in lines]


def check_runs(folder):
    table, said, rows = run(folder, "speed", "-n", "700", "--check", "700",
                            "-l", "mixed")
    check("0 of them missing, 0 too many" in said, said)
    check({row["name"] for row in rows} == {"wirecopy"}, rows)
    for row in rows:
        check(row["precision"] == 1 and row["recall"] > 0.99, row)
        check(row["seconds"] > 0 and row["memory"] > 1e6, row)
    check(table.count("| wirecopy | ") == len(rows), table)
    table, said, rows = run(folder, "quality")
    news = [row for row in rows if row["set"] == "corpora/news"]
    check([row["threshold"] for row in news] == [0.5, 0.6, 0.7, 0.8, 0.9],
          news)
    for low, high in zip(news, news[1:]):
        check(low["recall"] >= high["recall"], low, high)
    check("**corpora/news**: 175 documents, 264 pairs" in table, table)
    made = [row for row in rows if row["set"] == "generated"]
    check(made[3]["precision"] > 0.95 and made[3]["recall"] > 0.5, made[3])


def main():
    check_exact()
    check_parts()
    with tempfile.TemporaryDirectory() as name:
        check_runs(pathlib.Path(name))
    return finish()


if __name__ == "__main__":
    sys.exit(main())
