"""checks_passages.py - passages: planted ones, real ones, time and memory."""

import json

import corpora
import planted as plant
from harness import Skipped, fastest, import_fold

# kind, length, share changed, how many, least recall, all exact
QUICK = (("han", 40, 0, 100, 1, True), ("han", 100, .1, 100, .95, False),
         ("letters", 250, .1, 100, .94, False))
ALL = (("han", 40, 0, 400, 1, True), ("han", 1000, 0, 100, 1, True),
       ("han", 5000, 0, 20, 1, True), ("han", 80, .05, 400, .99, False),
       ("han", 100, .1, 400, .95, False), ("han", 200, .1, 400, .99, False),
       ("letters", 100, 0, 400, 1, False),
       ("letters", 200, .05, 400, .99, False),
       ("letters", 500, .05, 400, .95, False),
       ("letters", 250, .1, 400, .95, False))


def check_planted(bench, cases):
    for kind, length, changed, count, recall, exact in cases:
        found = plant.measure(bench.programs["wirecopy"], kind, length,
                              changed, count)
        what = f"{count} passages of {length} {kind}, {changed:.0%} changed"
        bench.report(found.recall >= recall, f"{what}, found",
                     f"{found.recall:.4f}")
        ends = found.near_ends / max(found.ends, 1)
        bench.report(ends >= .95, f"{what}, ends", f"{ends:.4f}")
        if exact:
            bench.report(found.exact == count, f"{what}, exact",
                         f"{found.exact}")
        bench.report(found.others <= 1, f"{what}, others", f"{found.others}")


def planted_quick(bench):
    """Passages planted in made pages, a few."""
    check_planted(bench, QUICK)


def planted(bench):
    """Passages planted in made pages, of many lengths."""
    check_planted(bench, ALL)


def seeds(bench):
    """The page that prints a dispatch twice; one text with and without its
    inserted sentences."""
    if not bench.shared:
        raise Skipped("there is no ../shared")
    page = next(bench.shared.glob("seeds/000_*.txt"))
    found = bench.wirecopy("passages", page).records()
    lengths = [(p["length"], len(p["copies"])) for p in found]
    bench.report(lengths[:2] == [(273, 2), (235, 2)] and len(lengths) <= 3,
                 "seed 000", f"{lengths}")
    source = next(bench.shared.glob("seeds/003_*.txt"))
    text = source.read_text("utf-8")
    cut = "\n".join(line for line in text.split("\n")
                    if "copyright" not in line.lower())
    # Texts are taken in the order of their ids, which are these names.
    for order, texts in (("first", (text, cut)), ("last", (cut, text))):
        paths = [bench.work / f"{order}-{i}.txt" for i in range(2)]
        for path, content in zip(paths, texts):
            path.write_text(content, "utf-8")
        found = bench.wirecopy("passages", *paths).records()
        bench.report(len(found) == 1 and len(found[0]["copies"]) == 2,
                     f"seed 003 {order}, and without its inserted lines",
                     f"{[p['length'] for p in found]}")


def contained(bench):
    """Items in the pages that hold them, of xwlb-pages."""
    fold = import_fold()
    paths = [corpora.unpack(bench, "xwlb-pages", name)
             for name in ("items", "pages")]
    texts, places = {}, {}
    for path in paths:
        for line in open(path, encoding="utf-8"):
            record = json.loads(line)
            texts[record["id"]] = record["text"]
    for passage in bench.wirecopy("passages", *paths).records():
        for copy in passage["copies"]:
            places.setdefault(copy["id"], []).append(
                (passage["passage"], copy["char_begin"], copy["char_end"]))
    rows = good = 0
    table = corpora.data(bench, "xwlb-pages", "contains.tsv")
    for line in open(table, encoding="utf-8"):
        page, item = line.rstrip("\n").split("\t")
        length = len(fold(texts.get(item, "")))
        if page not in texts or length < 40:
            continue
        rows += 1
        shared = {p[0] for p in places.get(page, ())}
        most = max((len(fold(texts[item][b:e]))
                    for number, b, e in places.get(item, ())
                    if number in shared), default=0)
        good += most >= .9 * length
    bench.report(good >= .995 * rows, "items found in their pages",
                 f"{good} of {rows}, {good / rows:.4f}")


def speed_xwlb(bench):
    """Passages of ten years of evening news, on two threads."""
    path = corpora.unpack(bench, "xwlb-2012-2021")
    size = path.stat().st_size
    least, peak, run = fastest(
        5, lambda: bench.wirecopy("passages", "--threads", "2", path))
    bench.report(peak < 1.5 * size, "memory", f"{peak / 1e6:.0f} MB")
    bench.note(f"{size / 1e6:.0f} MB in {least:.2f} s, "
               f"{size / 1e6 / least:.0f} MB/s; {len(run.records())} passages")


def grow(bench):
    """20,000 nearly identical dispatches are one passage."""
    docs = corpora.nearly_identical(20000)
    path = corpora.write_jsonl(bench.work / "nearly.jsonl", docs)
    run = bench.wirecopy("passages", path)
    most = max(len(p["copies"]) for p in run.records())
    bench.report(most == 20000, "copies of the dispatch", f"{most}")
    bench.note(f"{path.stat().st_size / 1e6:.0f} MB in {run.seconds:.2f} s, "
               f"{run.peak / 1e6:.0f} MB of memory")
