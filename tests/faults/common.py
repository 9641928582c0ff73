"""common.py - inputs, runs and judgements that the tests of faults share"""

import bz2
import gzip
import hashlib
import json
import os
import pathlib
import resource
import subprocess
import tarfile
import tempfile
import zipfile

BRIDGE = (
    "连接澜汀市区与青屿岛的跨海大桥12日上午正式通车。大桥全长6.8公里，双向六车道，"
    "原来乘渡轮要一个多小时的路程，今后开车只要十八分钟。六十七岁的老船长开了四十年渡轮，"
    "这一天他坐在孙子的货车里第一个过桥。"
)
LIBRARY = (
    "松砚县城南的鹤鸣书院经过两年修缮，8日重新向读者开放。书院始建于三百多年前，"
    "藏书两万余册，其中地方志和手抄药方最为珍贵。"
)
FERRY = (
    "All 214 passengers were taken off the ferry Lady Ansgar on Tuesday after "
    "a fire broke out in her engine room. The captain turned the ship into the "
    "wind and ordered everyone on to the open deck."
)
STORIES = [
    ("a1", BRIDGE, "2019-04-12"),
    ("b1", LIBRARY, "2019-04-13"),
    ("a2", BRIDGE.replace("货车", "贷车"), "2019-04-13"),
    ("c1", FERRY, "2019-03-03"),
    ("a3", BRIDGE, "2019-04-14"),
    ("c2", FERRY + " ", "2019-03-04"),
]


def jsonl(num=1):
    """The stories as JSONL, num times with other ids."""
    lines = []
    for i in range(num):
        for name, text, date in STORIES:
            record = {"id": f"{name}-{i}", "text": text, "date": date}
            lines.append(json.dumps(record, ensure_ascii=False))
    return ("\n".join(lines) + "\n").encode()


def distinct(num):
    """JSONL of texts that are not alike, a kB each."""
    lines = []
    for i in range(num):
        text = "".join(hashlib.sha256(f"{i} {j}".encode()).hexdigest()
                       for j in range(16))
        lines.append(json.dumps({"id": f"d{i}", "text": text}))
    return ("\n".join(lines) + "\n").encode()


def write_inputs(folder):
    """All kinds of inputs; their paths by a short name."""
    data = jsonl()
    (folder / "a.jsonl").write_bytes(data)
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(data))
    (folder / "c.jsonl.bz2").write_bytes(bz2.compress(data))
    rows = [f'{name},"{text}",{date}' for name, text, date in STORIES]
    (folder / "d.csv").write_text("id,text,date\n" + "\n".join(rows) + "\n",
                                  encoding="utf-8")
    tree = folder / "tree"
    (tree / "sub").mkdir(parents=True)
    for i, (name, text, _) in enumerate(STORIES):
        path = tree / ("sub" if i % 2 else ".") / f"{name}.txt"
        path.write_text(text + "\n", encoding="utf-8")
    with tarfile.open(folder / "e.tar", "w") as tar:
        for name in sorted(tree.rglob("*.txt")):
            tar.add(name, name.relative_to(folder))
    with zipfile.ZipFile(folder / "f.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.jsonl", data)


class Scratch:
    """A folder with inputs/, out/ and tmp/, which start empty; or with the
    inputs of another one, which many runs read."""

    def __init__(self, inputs=None):
        self.temporary = tempfile.TemporaryDirectory(prefix="wirecopy-fault.")
        self.root = pathlib.Path(self.temporary.name)
        self.inputs = inputs or self.root / "inputs"
        self.out = self.root / "out"
        self.tmp = self.root / "tmp"
        for path in (self.inputs, self.out, self.tmp):
            path.mkdir(exist_ok=path == inputs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.temporary.cleanup()

    def strays(self, allowed=("result", "removed")):
        """Files in out/ and tmp/ that should not be there."""
        left = [p.name for p in self.out.iterdir() if p.name not in allowed]
        return left + [p.name for p in self.tmp.iterdir()]


def environment(scratch, extra=None):
    env = {key: value for key, value in os.environ.items()
           if not key.startswith(("LC_", "LANG", "WIRECOPY", "FAIL_"))}
    env.update(LC_ALL="C", TZ="UTC", TMPDIR=str(scratch.tmp))
    env.update(extra or {})
    return env


def run(scratch, command, stdin=None, env=None, limit=None, timeout=120):
    """Run in inputs/; limit: bytes of address space."""
    def set_limit():
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    # Without a function to be called first, Python need not copy itself.
    return subprocess.run(
        [str(part) for part in command], cwd=scratch.inputs, input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True, env=environment(scratch, env), timeout=timeout,
        preexec_fn=None if limit is None else set_limit, check=False)


def is_sanitized(program):
    """Sanitizers reserve address space and want to be loaded first."""
    return b"__asan_init" in pathlib.Path(program).read_bytes()


def judge(done):
    """What is wrong with how a failing run ended: a text or None."""
    if done.returncode < 0:
        return f"died by signal {-done.returncode}"
    if done.returncode not in (0, 1, 3):
        return f"status {done.returncode}"
    if done.returncode != 0 and not done.stderr.strip():
        return f"status {done.returncode} without a word"
    return None
