"""checks_pages.py - stories inside of pages, against labels."""

import collections
import json

import corpora


def read_tsv(bench, name):
    """Rows of a table of xwlb-pages."""
    with open(corpora.data(bench, "xwlb-pages", name), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def embedded(bench):
    """Daily pages and their items: each page with each story on it."""
    paths = [corpora.unpack(bench, "xwlb-pages", name)
             for name in ("items", "pages")]
    length = {}
    for path in paths:
        for line in open(path, encoding="utf-8"):
            record = json.loads(line)
            length[record["id"]] = sum(map(str.isalnum, record["text"]))
    # By document, the originals of its groups, and those it is embedded in.
    groups = collections.defaultdict(set)
    pages = collections.defaultdict(set)
    members = collections.defaultdict(set)
    mixed = 0
    for group in bench.wirecopy("find", *paths).records():
        whole = [m["id"] for m in group["members"]
                 if ":page:" in m["id"] and m["relation"] != "embedded"]
        mixed += len(whole) > 1
        for member in group["members"]:
            groups[member["id"]].add(group["original"])
            members[group["original"]].add(member["id"])
            if member["relation"] == "embedded":
                pages[member["id"]].add(group["original"])
    rows = [row for row in read_tsv(bench, "contains.tsv")
            if length.get(row[0]) and length.get(row[1])]
    long = [(page, item) for page, item in rows if length[item] >= 40]
    good = sum(bool(pages[page] & groups[item]) for page, item in long)
    bench.report(good >= .995 * len(long), "labelled stories embedded",
                 f"{good} of {len(long)}, {good / len(long):.4f}")
    # What is embedded is a row, or another capture of the same video.
    video = dict(read_tsv(bench, "clusters.tsv"))
    labelled = set(map(tuple, rows))
    videos = collections.defaultdict(set)
    for page, item in rows:
        videos[page].add(video.get(item, item))
    found = [(page, story) for page, of in pages.items() for story in of]
    right = sum(any((page, item) in labelled or
                    video.get(item, item) in videos[page]
                    for item in members[story]) for page, story in found)
    bench.report(right >= .99 * len(found), "of what is embedded, labelled",
                 f"{right} of {len(found)}, {right / len(found):.4f}")
    bench.report(not mixed, "groups of two pages", f"{mixed}")
