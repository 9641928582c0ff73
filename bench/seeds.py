#!/usr/bin/env python3
"""seeds.py - how long, and how dense, should the seeds of passages be?

    bench/seeds.py [--han FILE] [--letters FILE] [--windows 4,6,8,10,12]

A seed is a run of windows of which the first or the last has the least hash
(src/passage/seeds.c); a window is 5 Han characters or 8 letters, so more
windows make longer seeds, and fewer of them.  For each number of windows the
program is built with it, in a folder of its own, and run

- on FILE (anything that wirecopy passages reads), for the places that seeds
  lead to, by character, and the processor time;
- on pages of an invented language with planted passages (those of
  tests/acceptance/planted.py), for the share that is found when a twentieth or
  a tenth of the characters is changed.

It takes a minute for the first build, and some seconds for each line.
"""

import argparse
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
import planted

# letters of a passage, share changed
CASES = {"han": ((80, .05), (100, .1), (200, .1)),
         "letters": ((200, .05), (250, .1), (500, .1))}
SHINGLE = {"han": 5, "letters": 8}
NAMES = {"han": "MAX_WINDOW_HAN", "letters": "MAX_WINDOW_OTHER"}
COUNT = 400  # passages


class Builds:
    """Programs that differ in the number of windows."""

    def __init__(self, folder):
        self.source = folder / "source"
        self.build = folder / "build"
        self.seeds = self.source / "src" / "passage" / "seeds.c"
        shutil.copytree(ROOT, self.source, ignore=shutil.ignore_patterns(".*"))
        self.text = self.seeds.read_text("utf-8")
        subprocess.run(["cmake", "-S", self.source, "-B", self.build,
                        "-DCMAKE_BUILD_TYPE=Release"], check=True,
                       stdout=subprocess.DEVNULL)

    def make(self, kind, windows):
        text, num = re.subn(rf"\b{NAMES[kind]} = \d+",
                            f"{NAMES[kind]} = {windows}", self.text)
        assert num == 1
        self.seeds.write_text(text, "utf-8")
        subprocess.run(["cmake", "--build", self.build, "--target", "wirecopy",
                        "-j2"], check=True, stdout=subprocess.DEVNULL)
        return str(self.build / "wirecopy")


def number_before(what, text):
    return int(re.search(rf"([\d,]+) {what}", text)[1].replace(",", ""))


def run_on(program, path):
    """Seeds, places that they lead to, passages, and seconds of processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, "passages", "-v", "--threads", "1", "-o",
                           "/dev/null", path], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 3), done.stderr
    return (number_before("seeds", done.stderr),
            number_before("like places", done.stderr),
            number_before("passages", done.stderr),
            after.ru_utime + after.ru_stime - before.ru_utime -
            before.ru_stime)


def measure(builds, kind, path, windows, pages):
    heads = ["windows", "seed", "density"]
    if path:
        heads += ["seeds", "places", "a seed", "passages", "seconds"]
    heads += [f"{n}, {share:.0%}" for n, share in CASES[kind]]
    print("| " + " | ".join(heads) + " |")
    print("|" + "---:|" * len(heads))
    for num in windows:
        program = builds.make(kind, num)
        row = [str(num), str(SHINGLE[kind] + num - 1), f"{2 / num:.3f}"]
        if path:
            seeds, places, passages, seconds = run_on(program, path)
            row += [f"{seeds:,}", f"{places:,}", f"{places / seeds:.3f}",
                    f"{passages:,}", f"{seconds:.2f}"]
        for made, plants in pages:
            found = planted.find_passages(program, made)
            row.append(f"{planted.score(plants, found).recall:.4f}")
        print("| " + " | ".join(row) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--han", metavar="FILE")
    parser.add_argument("--letters", metavar="FILE")
    parser.add_argument("--windows", default="4,6,8,10,12")
    args = parser.parse_args()
    windows = [int(n) for n in args.windows.split(",")]
    with tempfile.TemporaryDirectory(prefix="wirecopy-seeds.") as folder:
        builds = Builds(pathlib.Path(folder))
        for kind in ("han", "letters"):
            pages = [planted.make_pages(kind, n, share, COUNT, 1)
                     for n, share in CASES[kind]]
            print(f"\n{kind}\n")
            measure(builds, kind, getattr(args, kind), windows, pages)


if __name__ == "__main__":
    main()
