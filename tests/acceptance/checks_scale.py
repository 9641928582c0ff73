"""checks_scale.py - time and memory."""

import pathlib
import re
import subprocess

import corpora
from harness import Skipped, fastest, peak_limit

GROWTH = 2.6  # at most, when the input doubles
SIZES = (5000, 10000, 20000)


def check_growth(bench, what, make, promised=True):
    """Time and memory of find grow as the input does."""
    seconds, peaks = [], []
    for size in SIZES:
        path = corpora.write_jsonl(bench.work / "growth.jsonl", make(size))
        least, peak, run = fastest(
            3, lambda path=path: bench.wirecopy("find", path))
        groups = run.records()
        sizes = sorted((g["size"] for g in groups), reverse=True)
        if promised:
            bench.report(sizes == [size], f"{what}, {size} in one group",
                         f"{sizes[:3]}")
        else:
            bench.note(f"{what}, {size}: {len(groups)} groups, the largest "
                       f"{sizes[:3]}")
        seconds.append(least)
        peaks.append(peak)
        path.unlink()
    for name, values, unit in (("time", seconds, "s"),
                               ("memory", [p / 1e6 for p in peaks], "MB")):
        ratios = [b / a for a, b in zip(values, values[1:])]
        figure = (" / ".join(f"{v:.3f}" for v in values) + f" {unit} for "
                  + " / ".join(map(str, SIZES)) + ", ratios "
                  + " ".join(f"{r:.2f}" for r in ratios))
        if promised:
            bench.report(max(ratios) <= GROWTH, f"{what}, {name}", figure)
        else:
            bench.note(f"{what}, {name}: {figure}")


def grow_identical(bench):
    """20,000 identical dispatches."""
    check_growth(bench, "identical dispatches", corpora.identical)


def grow_nearly(bench):
    """20,000 nearly identical dispatches."""
    check_growth(bench, "nearly identical dispatches",
                 corpora.nearly_identical)


def grow_forms(bench):
    """A form filled in differently: alike, but mostly below the threshold."""
    check_growth(
        bench, "forms (25 characters changed each)",
        lambda num: corpora.nearly_identical(num, changes=25),
        promised=False)


def check_memory(bench, num):
    """find of a made corpus with the least memory that works."""
    generator = pathlib.Path(bench.programs["wirecopy"]).with_name(
        "wirecopy-generate")
    if not generator.exists():
        raise Skipped("wirecopy-generate was not built")
    path = bench.work / "made.jsonl"
    subprocess.run([generator, "-n", str(num), "-o", path], check=True)
    plain = bench.wirecopy("find", path)
    bench.note(f"{num} documents: {plain.peak / 1e6:.0f} MB in "
               f"{plain.seconds:.2f} s")
    want = bench.wirecopy("find", "--relations", "identical,reprint", path)
    bench.report(want.peak < peak_limit(1000),
                 f"{num} documents, memory for whole texts",
                 f"{want.peak / 1e6:.0f} MB in {want.seconds:.2f} s")
    memory, run = 1, None
    while run is None or run.status in (1, 2):
        run = bench.wirecopy("find", "--relations", "identical,reprint", path,
                             "--memory", f"{memory}M", want=(0, 1, 2))
        named = re.search(r"at least (\d+)M is needed", run.err)
        if run.status and (not named or int(named[1]) <= memory):
            break
        memory = int(named[1]) if run.status else memory
    bench.report(run.status == 0 and run.out == want.out,
                 f"{num} documents, the least memory", f"{memory}M")
    # What sanitizers hold is not the program's.
    binary = pathlib.Path(bench.programs["wirecopy"]).read_bytes()
    bench.report(run.peak < peak_limit(memory * 1.048576)
                 or b"__asan_init" in binary or b"__tsan_init" in binary,
                 f"{num} documents, resident with it",
                 f"{run.peak / 1e6:.0f} MB in {run.seconds:.2f} s")
    path.unlink()


def memory_quick(bench):
    """10,000 documents with the least memory that works."""
    check_memory(bench, 10000)


def memory_million(bench):
    """1,000,000 documents, 2 GB, with the least memory that works."""
    check_memory(bench, 1000000)


def speed_xwlb(bench):
    """Ten years of evening news, 82 MB of JSONL, on two threads."""
    path = corpora.unpack(bench, "xwlb-2012-2021")
    megabytes = path.stat().st_size / 1e6
    least, peak, run = fastest(
        5, lambda: bench.wirecopy("find", "--threads", "2", path))
    bench.report(least < 2, f"find of {megabytes:.0f} MB, time",
                 f"{least:.2f} s, {megabytes / least:.0f} MB/s")
    bench.report(peak < peak_limit(150), "memory", f"{peak / 1e6:.0f} MB")
    groups = run.records()
    bench.note(f"{len(groups)} groups, "
               f"{sum(g['size'] for g in groups)} documents in them")
