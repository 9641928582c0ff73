#!/usr/bin/env python3
"""signatures.py PROGRAM - signature files say what their inputs say.

A small corpus with copies is written in every form that inputs have, cut into
shards, and each shard is signed by itself.  'find' and 'pairs' of the signature
files must then write the same bytes as of the inputs, at any threshold, for any
number of threads, with the texts moved elsewhere; without the texts, estimates
that are near.  Files that were damaged, mixed or outlived by their texts are
refused.  The seed is printed; WCP_TEST_SEED repeats a run.
"""

import bz2
import gzip
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tarfile
import tempfile
import time

from checks import check, finish

PROGRAM = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
SEED = int(os.environ.get("WCP_TEST_SEED", time.time_ns() % 10**9))
rng = random.Random(SEED)
WORDS = [
    "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(n))
    for n in rng.choices(range(2, 10), k=400)
]
HAN = [chr(rng.randrange(0x4E00, 0x9000)) for _ in range(600)]


def run(*args, stdin=None):
    done = subprocess.run(
        [PROGRAM, *map(str, args)],
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr.decode()


def must(*args):
    status, out, err = run(*args)
    assert status == 0, (args, status, err)
    return out


def story():
    if rng.random() < 0.5:
        return " ".join(rng.choices(WORDS, k=rng.randrange(8, 120)))
    return "".join(rng.choices(HAN, k=rng.randrange(8, 200)))


def edit(text):
    """A copy with some changes, or none."""
    chars = list(text)
    for _ in range(rng.choice([0, 1, 2, 4, 12])):
        at = rng.randrange(len(chars))
        if rng.random() < 0.5:
            del chars[at : at + rng.randrange(1, 4)]
        else:
            chars[at:at] = rng.choice([WORDS, HAN])[rng.randrange(50)]
        chars = chars or ["x"]
    return "".join(chars)


def documents(num):
    texts = [story() for _ in range(num // 3)]
    while len(texts) < num:
        texts.append(edit(rng.choice(texts)))
    rng.shuffle(texts)
    for i, text in enumerate(texts):
        doc = {"id": f"d{i}", "text": text}
        if rng.random() < 0.6:
            doc["date"] = f"2020-01-{rng.randrange(1, 29):02}"
        if rng.random() < 0.5:
            doc["title"] = text[:12]
        if rng.random() < 0.1:
            del doc["id"]
        yield doc


def as_jsonl(docs):
    lines = (json.dumps(doc, ensure_ascii=False) for doc in docs)
    return ("\n".join(lines) + "\n").encode()


def as_csv(docs):
    rows = ["text;id;date"]
    for doc in docs:
        text = doc["text"].replace('"', '""')
        rows.append(f'"{text}";{doc.get("id", "")};{doc.get("date", "")}')
    return ("\n".join(rows) + "\n").encode()


def write_shards(folder):
    """Inputs of every kind; each is a list of paths."""
    docs = list(documents(360))
    parts = [docs[i * 40 : (i + 1) * 40] for i in range(9)]
    (folder / "a.jsonl").write_bytes(as_jsonl(parts[0]))
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(as_jsonl(parts[1])))
    (folder / "c.csv").write_bytes(as_csv(parts[2]))
    (folder / "d.csv.bz2").write_bytes(bz2.compress(as_csv(parts[3])))
    (folder / "texts").mkdir()
    for i, doc in enumerate(parts[4]):
        coding = ["utf-8", "gb18030", "utf-16"][i % 3]
        path = folder / "texts" / f"{i:02}.txt"
        path.write_bytes(doc["text"].encode(coding))
    (folder / "texts" / "40.txt.gz").write_bytes(
        gzip.compress(parts[5][0]["text"].encode())
    )
    with tarfile.open(folder / "e.tar.gz", "w:gz") as tar:
        for name, data in [
            (f"m/{i}.txt", doc["text"].encode())
            for i, doc in enumerate(parts[5][:20])
        ] + [("m/r.jsonl", as_jsonl(parts[5][20:]))]:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    (folder / "f.jsonl").write_bytes(
        as_jsonl(parts[6]).decode().encode("utf-16")
    )
    (folder / "g.jsonl").write_bytes(as_jsonl(parts[7]).replace(b"\n", b"\r\n"))
    (folder / "h.tsv").write_bytes(
        "id\ttext\n".encode()
        + b"".join(
            f"{i}\t{doc['text']}\n".encode() for i, doc in enumerate(parts[8])
        )
    )
    return [
        ["a.jsonl", "b.jsonl.gz"],
        ["c.csv"],
        ["d.csv.bz2", "texts"],
        ["e.tar.gz"],
        ["f.jsonl", "g.jsonl", "h.tsv"],
    ]


def check_same(shards):
    """The same bytes, whatever is asked."""
    inputs = [path for shard in shards for path in shard]
    for kind in ("minhash", "minhash-classic", "simhash"):
        files = []
        for i, shard in enumerate(shards):
            name = f"{kind}-{i}.wcs"
            must("sign", "-q", "--signature", kind, "-o", name, *shard)
            for threads in (1, 2, 5):
                again = must(
                    "sign", "-q", "--signature", kind, f"-j{threads}", *shard
                )
                check(
                    again == pathlib.Path(name).read_bytes(),
                    name,
                    "differs with",
                    threads,
                    "threads",
                )
            files.append(name)
        for more in (
            ["find"],
            ["pairs"],
            ["find", "-t", "0.5", "-j", "3"],
            ["pairs", "-t", "0.95", "-f", "csv"],
            ["find", "-f", "table", "--recall", "0.9"]
            if kind != "simhash"
            else ["find", "-f", "table", "--distance", "6"],
        ):
            own = ["--signature", kind]
            direct = must(more[0], "-q", *more[1:], *own, *inputs)
            check(direct.count(b"\n") > 4, more, "finds little")
            check(
                must(more[0], "-q", *more[1:], *files) == direct,
                kind,
                *more,
                "differs",
            )
    return inputs


def check_moved(folder, inputs):
    direct = must("find", "-q", *inputs)
    files = sorted(pathlib.Path().glob("minhash-?.wcs"))
    moved = folder.parent / "moved"
    folder.rename(moved)
    os.chdir(folder.parent)
    files = [moved / path for path in files]
    check(
        must("find", "-q", "--texts", moved, *files) == direct,
        "other results with --texts",
    )
    status, out, err = run("find", *files)
    check(
        status == 1 and not out and "--texts" in err and "a.jsonl" in err,
        "no hint at --texts:",
        status,
        err,
    )
    return moved, files


def check_estimates(moved, files):
    pairs = {}
    for line in must("pairs", "-q", "-t", "0.3", "--texts", moved, *files)\
            .splitlines():
        pair = json.loads(line)
        pairs[pair["a"], pair["b"]] = pair
    num = off = 0
    for line in must("pairs", "-q", "-t", "0.7", "--estimate", *files)\
            .splitlines():
        pair = json.loads(line)
        check(pair["exact"] is False, "an estimate is called exact")
        exact = pairs.get((pair["a"], pair["b"]))
        if exact is None:
            continue
        num += 1
        off += abs(exact["jaccard"] - pair["jaccard"])
        same = pair["relation"] == "identical"
        check(same == (exact["relation"] == "identical"), pair)
        check((pair["a_in_b"] is None) != same, pair)
        check(abs(exact["jaccard"] - pair["jaccard"]) < 0.25, pair, exact)
    check(num > 50, "few estimates:", num)
    check(off / num < 0.04, "estimates are off by", off / num)


def check_refusals(moved, files):
    os.chdir(moved)

    def refused(words, *args):
        status, out, err = run(*args)
        check(
            status in (1, 2) and not out and all(word in err for word in words),
            args,
            "->",
            status,
            err,
        )

    must("sign", "-q", "-n", "4", "-o", "n4.wcs", "a.jsonl")
    refused(["minhash-0.wcs", "n4.wcs", "shingle 4", "by script"],
            "find", "minhash-0.wcs", "n4.wcs")
    refused(["simhash-0.wcs", "n4.wcs", "signature"],
            "find", "simhash-0.wcs", "n4.wcs")
    refused(["--shingle"], "find", "-n", "4", "n4.wcs")
    refused(["mixed"], "find", "n4.wcs", "a.jsonl")
    refused(["mixed"], "find", "a.jsonl", "n4.wcs")
    refused(["find and pairs"], "dedup", "n4.wcs")
    refused(["MinHash"], "find", "--estimate", "simhash-0.wcs")
    status, out, err = run("find", "-v", "n4.wcs", "n4.wcs")
    check(status == 0 and "given twice" in err, status, err)
    piped = run("sign", "-q", "-", stdin=(moved / "a.jsonl").read_bytes())[1]
    (moved / "pipe.wcs").write_bytes(piped)
    refused(["pipe", "--estimate"], "find", "pipe.wcs")
    must("find", "-q", "--estimate", "pipe.wcs")

    # A text of the same length, another size, no text.
    data = (moved / "a.jsonl").read_bytes()
    at = data.index(b'"text": "') + 9
    changed = bytearray(data)
    for i in range(at, data.index(b"\n", at) - 2):
        if 97 <= changed[i] < 122:
            changed[i] += 1
        elif changed[i] > 127 and changed[i] % 64 < 60 and changed[i] < 192:
            changed[i] += 1
    os.utime(moved / "a.jsonl")
    (moved / "a.jsonl").write_bytes(data + b"\n")
    refused(["a.jsonl", "changed", str(len(data)), str(len(data) + 1)],
            "find", "n4.wcs")
    (moved / "a.jsonl").write_bytes(data)
    must("find", "-q", "n4.wcs")


def check_damage(moved):
    """Every byte that is another, and every end that is too early."""
    os.chdir(moved)
    (moved / "s.jsonl").write_bytes(
        as_jsonl([{"id": "x", "text": "some words"}])
    )
    must("sign", "-q", "-o", "s.wcs", "s.jsonl")
    data = (moved / "s.wcs").read_bytes()
    places = rng.sample(range(8, len(data)), 120)
    for at in places:
        broken = bytearray(data)
        broken[at] ^= 1 << rng.randrange(8)
        (moved / "x.wcs").write_bytes(broken)
        status, out, err = run("find", "--estimate", "x.wcs")
        check(
            status in (1, 2) and not out and "'x.wcs'" in err,
            "a changed byte at",
            at,
            "->",
            status,
            err,
        )
        (moved / "x.wcs").write_bytes(data[:at])
        status, out, err = run("find", "--estimate", "x.wcs")
        check(
            status == 1 and not out and "'x.wcs'" in err and "early" in err,
            "cut at",
            at,
            "->",
            status,
            err,
        )


def main():
    print("seed", SEED)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch).resolve() / "here"
        folder.mkdir()
        os.chdir(folder)
        shards = write_shards(folder)
        inputs = check_same(shards)
        moved, files = check_moved(folder, inputs)
        check_estimates(moved, files)
        check_refusals(moved, files)
        check_damage(moved)
        os.chdir("/")
    return finish()


sys.exit(main())
