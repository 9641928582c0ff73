"""harness.py - running the program and the oracles, and keeping score."""

import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORACLE = ROOT / "tests" / "oracle"
CACHE = ROOT / ".build" / "oracle"
MEASURE = pathlib.Path(__file__).resolve().with_name("measure.py")


@dataclasses.dataclass
class Run:
    """What one run of the program gave and cost."""

    out: bytes
    err: str
    status: int
    seconds: float
    peak: int  # bytes of resident memory

    def records(self):
        return [json.loads(line) for line in self.out.splitlines()]


class Failed(Exception):
    """A check cannot go on."""


class Skipped(Exception):
    """A check lacks what it needs."""


def hidden_folder(name):
    """A folder in .build/, which git ignores."""
    folder = ROOT / ".build" / name
    folder.mkdir(parents=True, exist_ok=True)
    (ROOT / ".build" / ".gitignore").write_text("*\n")
    return folder


def shared_folder():
    """The shared folder (seeds/ and data/), or None."""
    data = os.environ.get("WCP_SHARED_DATA")
    folder = pathlib.Path(data).parent if data else ROOT / ".." / "shared"
    return folder.resolve() if (folder / "data").is_dir() else None


def need_command(name):
    if not shutil.which(name):
        raise Skipped(f"{name} is not installed")


class Bench:
    """The programs under test, a work folder, and the score."""

    def __init__(self, programs, work):
        self.programs = programs  # wirecopy, pairs-oracle, simhash-oracle
        self.work = pathlib.Path(work)
        self.shared = shared_folder()
        self.check = None
        self.said = set()
        self.passed = self.failed = self.skipped = 0

    # ---- keeping score

    def report(self, good, what, figure=""):
        """One line a figure."""
        word = "PASS" if good else "FAIL"
        print(f"{word} {self.check}: {what}{': ' if figure else ''}{figure}",
              flush=True)
        if good:
            self.passed += 1
        else:
            self.failed += 1

    def note(self, what):
        """A figure that has no limit."""
        print(f"     {self.check}: {what}", flush=True)

    # ---- the program

    def wirecopy(self, *args, cwd=None, want=(0, 3)):
        """Run the program; JSONL out, whatever stdout is.  That something was
        left out (status 3) is said, and is no failure by itself."""
        result, errors = self.work / "result", self.work / "errors"
        command = [sys.executable, "-I", "-S", MEASURE, result,
                   self.programs["wirecopy"], *args, "--format", "jsonl"]
        with open(errors, "wb") as err:
            done = subprocess.run(list(map(str, command)), cwd=cwd, stderr=err,
                                  stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, check=True)
        status, seconds, peak = result.read_text().split()
        run = Run(done.stdout, errors.read_text("utf-8", "replace"),
                  int(status), float(seconds), int(peak))
        what = " ".join(map(str, args))[:300]
        if run.status not in want:
            raise Failed(f"status {run.status} of wirecopy {what}: "
                         f"{run.err[:2000]}")
        if run.status == 3 and args[0] not in self.said:
            self.said.add(args[0])
            lines = run.err.splitlines()
            self.note(f"status 3 of wirecopy {what}: {lines[0] if lines else ''}"
                      f" ({len(lines)} lines)")
        return run

    # ---- the oracles

    def folded(self, corpus):
        """The corpus through the oracle's fold, as "id TAB text" lines."""
        def make(path):
            fold = import_fold()
            with open(path, "w", encoding="utf-8") as file:
                for doc in corpus.docs:
                    file.write(f"{doc.id}\t{fold(doc.text)}\n")
        return self.cached(f"{corpus.name}.folded", [corpus.digest()],
                           oracle_files("fold_oracle.py", *tables()), make)

    def oracle_pairs(self, corpus, threshold):
        """{(a, b): (jaccard, a_in_b, b_in_a)}, a before b in date, id order."""
        folded = self.folded(corpus)
        path = self.cached(
            f"{corpus.name}.pairs-{threshold}", [folded.name],
            oracle_files("pairs_oracle.c", "folded.c"),
            lambda path: self.run_oracle("pairs", path, folded, threshold))
        place = corpus.places()
        pairs = {}
        for line in path.read_text("utf-8").splitlines():
            a, b, *numbers = line.split("\t")
            jaccard, a_in_b, b_in_a = map(float, numbers)
            if place[a] < place[b]:
                pairs[a, b] = (jaccard, a_in_b, b_in_a)
            else:
                pairs[b, a] = (jaccard, b_in_a, a_in_b)
        return pairs

    def oracle_find(self, corpus, threshold):
        """{id: original's id} by the naive algorithm."""
        folded = self.folded(corpus)
        order = self.work / "order.tsv"
        order.write_text("".join(f"{key}\n" for key in corpus.order()),
                         "utf-8")
        path = self.cached(
            f"{corpus.name}.find-{threshold}",
            [folded.name, order.read_text("utf-8")],
            oracle_files("pairs_oracle.c", "folded.c"),
            lambda path: self.run_oracle("pairs", path, folded, threshold,
                                         "--greedy", order))
        return dict(line.split("\t")[:2]
                    for line in path.read_text("utf-8").splitlines())

    def oracle_simhash(self, corpus, distance):
        """The pairs of ids whose signatures are within the distance."""
        folded = self.folded(corpus)
        path = self.cached(
            f"{corpus.name}.simhash-{distance}", [folded.name],
            oracle_files("simhash_oracle.c", "folded.c"),
            lambda path: self.run_oracle("simhash", path, folded, distance))
        return {frozenset(line.split("\t")[:2])
                for line in path.read_text("utf-8").splitlines()}

    def run_oracle(self, oracle, path, *args):
        start = time.monotonic()
        with open(path, "wb") as out:
            subprocess.run([self.programs[f"{oracle}-oracle"],
                            *map(str, args)], stdout=out, check=True)
        seconds = time.monotonic() - start
        if seconds > 5:
            self.note(f"the {oracle} oracle took {seconds:.0f} s on "
                      f"{args[0].name}, and is remembered")

    def cached(self, name, inputs, files, make):
        """The path of a result that depends on nothing but what is given."""
        key = hashlib.sha256()
        for part in inputs:
            key.update(part.encode() + b"\0")
        for file in files:
            key.update(file.read_bytes() + b"\0")
        path = CACHE / f"{name}.{key.hexdigest()[:16]}.tsv"
        if not path.exists():
            hidden_folder("oracle")
            partial = path.with_suffix(f".{os.getpid()}.part")
            make(partial)
            partial.rename(path)
        return path


def import_fold():
    if str(ORACLE) not in sys.path:
        sys.path.insert(0, str(ORACLE))
    try:
        from fold_oracle import fold
    except ImportError as error:
        raise Skipped(f"no fold oracle: {error}") from error
    return fold


def tables():
    """Other modules and tables that the fold oracle may read."""
    return sorted(path.name for path in ORACLE.glob("fold_oracle?*"))


def oracle_files(*names):
    return [ORACLE / name for name in names]


def peak_limit(megabytes):
    return megabytes * 1000 * 1000


def fastest(times, run):
    """The quickest of several runs, and the least memory."""
    runs = [run() for _ in range(times)]
    return (min(r.seconds for r in runs), min(r.peak for r in runs), runs[0])
