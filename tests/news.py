#!/usr/bin/env python3
"""news.py - are the editions of corpora/news one and the same?

    news.py            check
    news.py --update   write corpora/news.jsonl anew from the files

A file's name, which is its id, is MONTH-DAY-STORY-PAPER.txt in a folder of the
year; its first line is the headline, and the text begins after an empty line.  corpora/news.jsonl holds what is in the files
and their names, nothing else, in the order of the names.  gold.tsv names files
that exist, no pair twice, and no copy that is older than its original.
README.md names only files that exist, and all those in gold.tsv.
"""

import argparse
import codecs
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
NEWS = ROOT / "corpora" / "news"
RECORDS = ROOT / "corpora" / "news.jsonl"
NAME = re.compile(r"(\d\d-\d\d)-(?:[a-z]+-)+([a-z]+)\.txt")
PAPERS = {
    "beiyu": ("北屿社", "utf-8", b""),
    "corvane": ("Corvane Press", "utf-8", b""),
    "dunvale": ("Dunvale Post", "utf-8", b""),
    "harrowmere": ("Harrowmere Gazette", "utf-8", codecs.BOM_UTF8),
    "lanting": ("澜汀日报", "utf-8", b""),
    "ouwan": ("鷗灣晚報", "big5hkscs", b""),
    "qingyu": ("青嶼新聞", "utf-16-le", codecs.BOM_UTF16_LE),
    "selwick": ("Selwick Courier", "utf-16-be", codecs.BOM_UTF16_BE),
    "songyan": ("松砚周刊", "gb18030", b""),
    "tongxue": ("童学读本", "utf-8", codecs.BOM_UTF8),
    "wugang": ("霧港時報", "big5hkscs", b""),
    "yunya": ("云崖晚报", "gbk", b""),
}
COPIES = {"identical", "reprint", "abridged", "expanded", "embedded", "excerpt"}
STRANGERS = {"template", "boilerplate", "none"}


def read_record(path, wrong):
    """What the file and its name say, or None."""
    found = NAME.fullmatch(path.name)
    if not found or found[2] not in PAPERS:
        wrong.append(f"{path}: a name of another form, or another paper")
        return None
    source, encoding, mark = PAPERS[found[2]]
    data = path.read_bytes()
    if not data.startswith(mark):
        wrong.append(f"{path}: no byte-order mark")
        return None
    try:
        content = data[len(mark):].decode(encoding)
    except UnicodeDecodeError as error:
        wrong.append(f"{path}: {error}")
        return None
    if content.encode(encoding) != data[len(mark):]:
        wrong.append(f"{path}: not the usual bytes for this text")
    title, _, text = content.partition("\n\n")
    if "\n" in title or not title or not text.rstrip("\n"):
        wrong.append(f"{path}: no headline, empty line and text")
    return {
        "id": path.name,
        "title": title,
        "date": f"{path.parent.name}-{found[1]}",
        "source": source,
        "text": text.rstrip("\n"),
    }


def check_gold(ids, wrong):
    lines = (NEWS / "gold.tsv").read_text(encoding="utf-8").splitlines()
    pairs, named = set(), set()
    if lines[0] != "copy\toriginal\trelation":
        wrong.append("gold.tsv: the first line names no columns")
    for line in lines[1:]:
        copy, original, relation = line.split("\t")
        if relation not in COPIES | STRANGERS:
            wrong.append(f"gold.tsv: no relation: {line}")
        wrong += [
            f"gold.tsv: no such file: {name}"
            for name in (copy, original)
            if name not in ids
        ]
        # In the order of ids, which is that of dates, an original is first.
        if copy <= original and relation in COPIES:
            wrong.append(f"gold.tsv: the original is the later one: {line}")
        if frozenset((copy, original)) in pairs:
            wrong.append(f"gold.tsv: twice: {line}")
        pairs.add(frozenset((copy, original)))
        named |= {copy, original}
    return named


def check_readme(ids, gold, wrong):
    text = (NEWS / "README.md").read_text(encoding="utf-8")
    named = {
        f"{name}.txt"
        for name in re.findall(r"\b(\d\d-\d\d(?:-[a-z]+){2,})", text)
    }
    wrong += [f"README.md: no such file: {id}" for id in sorted(named - ids)]
    wrong += [f"README.md: says nothing of {id}" for id in sorted(gold - named)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    wrong = []
    records = [read_record(path, wrong) for path in sorted(NEWS.glob("2*/*"))]
    records = [record for record in records if record]
    ids = {record["id"] for record in records}
    text = "".join(
        json.dumps(record, ensure_ascii=False) + "\n" for record in records
    )
    if args.update:
        RECORDS.write_text(text, encoding="utf-8", newline="\n")
    elif RECORDS.read_bytes() != text.encode():
        wrong.append("news.jsonl is not what the files are; try --update")
    check_readme(ids, check_gold(ids, wrong), wrong)
    print("\n".join(wrong + [f"{len(records)} documents, {len(wrong)} wrong"]))
    return 1 if wrong or not records else 0


if __name__ == "__main__":
    sys.exit(main())
