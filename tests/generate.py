#!/usr/bin/env python3
"""generate.py GENERATE WIRECOPY - is a made corpus what was asked for?

The same options give the same bytes; every line is a record; the share of
copies, the sizes of groups and the size of the file are as asked; an original
is older than its copies.  Jaccard indices and relations are counted again
here, in Python alone, and are those that 'wirecopy pairs' finds; 'wirecopy
eval' agrees with the gold.
"""

import collections
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata

from checks import check, finish

GENERATE, WIRECOPY = sys.argv[1:] if len(sys.argv) == 3 else sys.exit(__doc__)
ROOT = pathlib.Path(__file__).resolve().parent.parent
KEYS = ["id", "title", "date", "source", "text"]
RELATIONS = {
    "identical", "reprint", "abridged", "expanded", "embedded", "excerpt"
}
# What -n 300 -l mixed gives: a corpus is the same in every version.
DIGEST = "54310034a3c8c0a649152dd05b814a083d26db2dce49cb07ade98ff078e903ff"


def run(program, *args):
    done = subprocess.run(
        [program, *map(str, args)], capture_output=True, check=False,
        timeout=200,
    )
    check(done.returncode == 0, program, args, done.returncode, done.stderr)
    return done.stdout


def make(folder, *args):
    """The bytes, the gold and the values of a corpus."""
    paths = [folder / name for name in ("news.jsonl", "gold", "values")]
    out = run(GENERATE, *args, "-o", paths[0], "-g", paths[1],
              "--values", paths[2])
    check(out == b"", args, "wrote to standard output")
    return [path.read_bytes() for path in paths]


def rows(data):
    return [line.split("\t") for line in data.decode().splitlines()]


# ---- the file


def check_bytes(folder):
    args = ("-n", 300, "-l", "mixed")
    data, _, _ = make(folder, *args)
    check(data == run(GENERATE, *args), "gold changes the corpus")
    check(hashlib.sha256(data).hexdigest() == DIGEST, "other bytes:",
          hashlib.sha256(data).hexdigest())
    check(data != run(GENERATE, *args, "--seed", 2), "seed 2 is as seed 1")
    check(data == run(GENERATE, *args, "--seed=1"), "seed 1 is no default")


def check_records(data, number):
    records = [json.loads(line) for line in data.decode().splitlines()]
    check(len(records) == number, len(records), "documents for", number)
    for record in records:
        check(list(record) == KEYS, "keys", record)
        check(all(record.values()), "empty", record)
        check(re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                           record["date"]), record["date"])
    by_id = {record["id"]: record for record in records}
    check(len(by_id) == number, "ids stand twice")
    check(len({r["source"] for r in records}) > 20, "few sources")
    return by_id


def check_shares(folder):
    for share in (0, 0.1, 0.5, 0.85, 0.99):
        for number in (1, 7, 4000):
            data, gold, _ = make(folder, "-n", number, "-c", share)
            copies = len({row[0] for row in rows(gold)})
            check(copies == int(number * share + 1e-9), share, number, copies)
            check(data.count(b"\n") == number, "lines", number)
    for lang in ("zh", "en", "mixed"):
        size = len(run(GENERATE, "--size", "16M", "-l", lang))
        check(abs(size / 2**24 - 1) < 0.03, lang, "16M are", size)
        mean = len(run(GENERATE, "-n", 3000, "-l", lang)) / 3000
        check(1800 < mean < 2300, lang, "mean length", mean)


# ---- the gold


def check_sizes(gold):
    """Few large wires, many that were copied once."""
    sizes = sorted(collections.Counter(row[1] for row in gold).values())
    check(sizes[-1] > len(gold) / 300, "the largest:", sizes[-1])
    check(sizes[-1] < len(gold) / 20, "the largest:", sizes[-1])
    check(sizes.count(1) > len(sizes) / 3, "copied once:", sizes.count(1))


def traditional():
    text = (ROOT / "bench/generate/words.c").read_text(encoding="utf-8")
    table = text[text.index("character_pairs[] ="):]
    pairs = "".join(re.findall(r'"([^"]*)"', table[:table.index(";")]))
    check(len(pairs) % 2 == 0 and len(pairs) > 500, "pairs", len(pairs))
    return pairs[::2], pairs[1::2]


def check_pairs_of_characters(folder):
    """wirecopy, too, takes the two forms for one."""
    texts = traditional()
    path = folder / "forms.jsonl"
    path.write_text("".join(
        json.dumps({"id": str(i), "text": text}) + "\n"
        for i, text in enumerate(texts)), encoding="utf-8")
    found = rows(run(WIRECOPY, "pairs", "-q", "-f", "tsv", path))
    check(found[1:] and found[1][-1] == "identical", "forms", found)


def shingles(text, table):
    text = re.sub(r"(?<=[一-鿿])\([^()]{1,6}\)", "", text)
    text = unicodedata.normalize("NFKC", text).translate(table).lower()
    text = "".join(c for c in text if c.isalnum())
    found = set()
    for i, first in enumerate(text):
        length = 5 if first >= "一" else 8
        if i + length <= len(text):
            found.add(text[i:i + length])
    return text, found or {text}


def relation_of(covers, covered, same, is_page):
    if same:
        return {"identical"}
    if covers >= 0.8 and covered >= 0.8:
        return {"reprint"}
    if covered >= 0.8:
        return {"abridged"}
    if covers >= 0.8:
        return {"embedded", "expanded"} if is_page else {"expanded"}
    return {"excerpt"}


def check_values(records, gold, values, near):
    """near: how far classes of characters that Python does not know may
    change a share."""
    table = str.maketrans(*reversed(traditional()))
    known = {id: shingles(r["text"], table) for id, r in records.items()}
    for (copy, original, relation), row in zip(gold, values):
        (text_a, a), (text_b, b) = known[original], known[copy]
        common = len(a & b)
        jaccard = common / len(a | b)
        covers, covered = common / len(a), common / len(b)
        check(row[:2] == [copy, original], "rows of", copy)
        check(relation in RELATIONS, relation)
        for mine, its in zip((jaccard, covers, covered), map(float, row[2:])):
            check(abs(mine - its) <= near, copy, original, mine, its)
        if min(abs(covers - 0.8), abs(covered - 0.8)) > near:
            check(relation in relation_of(covers, covered, text_a == text_b,
                                          True), copy, relation)
        check(records[original]["date"] < records[copy]["date"], copy,
              "is older than", original)


def check_pairs(folder, values):
    """Every gold pair at or above the threshold, with the same index."""
    out = run(WIRECOPY, "pairs", "-q", "-f", "tsv", "--recall", 0.9999,
              "--relations", "identical,reprint",
              folder / "news.jsonl")
    found = {tuple(row[:2]): float(row[2]) for row in rows(out)[1:]}
    missed = 0
    for copy, original, jaccard, _, _ in values:
        if float(jaccard) < 0.8:
            check((original, copy) not in found, original, copy, jaccard)
        elif (original, copy) not in found:
            missed += 1
        else:
            check(abs(found[original, copy] - float(jaccard)) < 2e-6, copy,
                  original, jaccard)
    check(missed <= 3, missed, "of", len(values), "gold pairs are missed")


def check_eval(folder, gold, values):
    """Precision and recall against what comparing whole texts can find."""
    alike = [row for row, value in zip(gold, values) if float(value[2]) >= 0.8]
    path = folder / "alike"
    path.write_text("".join("\t".join(row) + "\n" for row in alike),
                    encoding="utf-8")
    score = json.loads(run(WIRECOPY, "eval", "-q", "-f", "jsonl",
                           "--relations", "identical,reprint", "--gold",
                           path, folder / "news.jsonl"))
    check(score["precision"] > 0.98, score)
    check(score["recall"] > 0.94, score)
    path.write_text("".join("\t".join(row) + "\n" for row in gold),
                    encoding="utf-8")
    run(WIRECOPY, "eval", "-q", "--gold", path, folder / "news.jsonl")


def check_corpus(folder, lang, number, near):
    data, gold, values = make(folder, "-n", number, "-l", lang)
    records, gold, values = (check_records(data, number), rows(gold),
                             rows(values))
    check(len(gold) == len(values), "gold and values")
    check({row[2] for row in gold} == RELATIONS, {row[2] for row in gold})
    check_sizes(gold)
    check_values(records, gold, values, near)
    check_pairs(folder, values)
    check_eval(folder, gold, values)
    text = "".join(record["text"] for record in records.values())
    if lang != "en":
        for mark in ("國", "５", "版权所有", "日电"):
            check(mark in text, "no", mark)
        check(re.search(r"[一-鿿]\([a-zāóǔèēǚ]+\)", text), "no pinyin")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        check_bytes(folder)
        check_shares(folder)
        check_pairs_of_characters(folder)
        check_corpus(folder, "en", 4000, 1e-6)
        check_corpus(folder, "zh", 6000, 0.02)
        check_corpus(folder, "mixed", 4000, 0.02)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
