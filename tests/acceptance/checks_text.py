"""checks_text.py - one text in different dress must count as one text."""

import json
import re
import subprocess

import corpora
from corpora import Doc
from harness import Failed, Skipped, import_fold, need_command

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# One syllable with a tone mark (or without: the seed has 的(de)) after a Han
# character.
PINYIN = re.compile(f"(?<=[{HAN}])\\([a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿ]+\\)")
TONES = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ]")
INSERTED = re.compile(
    "(?m)(?:^copyright | (?:copyright |内容来自)?)中华人民共和国图鉴社$")


def opencc(config, text):
    need_command("opencc")
    done = subprocess.run(["opencc", "-c", config], input=text.encode(),
                          stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def drop_pinyin(text):
    return PINYIN.sub(
        lambda m: "" if TONES.search(m.group()) else m.group(), text)


def seed_text(bench, number):
    if not bench.shared:
        raise Skipped("there is no ../shared")
    path, = (bench.shared / "seeds").glob(f"{number}_*")
    return path.read_bytes().decode()


def fresh(bench, name):
    folder = bench.work / name
    folder.mkdir()
    return folder


def seeds(bench):
    """Each seed page and its changed copy are alike."""
    changed = {
        "000": ("in GB18030", lambda t: t.encode("gb18030"), 0.98),
        "001": ("without line breaks",
                lambda t: re.sub("[\r\n]", "", t).encode(), 0.98),
        "002": ("in simplified characters",
                lambda t: opencc("t2s", t).encode(), 0.98),
        "003": ("without the inserted sentences",
                lambda t: INSERTED.sub("", t).encode(), 0.95),
        "004": ("without pinyin", lambda t: drop_pinyin(t).encode(), 0.98),
    }
    for number, (what, change, limit) in changed.items():
        text = seed_text(bench, number)
        copy = change(text)
        if copy == text.encode():
            raise Failed(f"seed {number} was not changed")
        folder = fresh(bench, f"seed-{number}")
        (folder / "a.txt").write_bytes(text.encode())
        (folder / "b.txt").write_bytes(copy)
        run = bench.wirecopy("pairs", "--threshold", "0.1", "a.txt", "b.txt",
                             cwd=folder)
        records = run.records()
        value = records[0]["jaccard"] if len(records) == 1 else 0
        relation = records[0]["relation"] if records else None
        bench.report(value >= limit, f"{number} {what}",
                     f"jaccard {value:.4f} (at least {limit}), {relation}")


def encodings_of_one_text(bench):
    """One text in eleven encodings is one group of identical documents."""
    texts = {"own": corpora.DISPATCH}
    try:
        texts["seed 001"] = seed_text(bench, "001")
    except Skipped as reason:
        bench.note(f"the seed page is skipped: {reason}")
    for name, text in texts.items():
        tw = opencc("s2tw", text)
        files = {
            "utf8": text.encode("utf-8"),
            "utf8-bom": text.encode("utf-8-sig"),
            "utf16le": text.encode("utf-16-le"),
            "utf16be": text.encode("utf-16-be"),
            "utf16le-bom": b"\xff\xfe" + text.encode("utf-16-le"),
            "utf16be-bom": b"\xfe\xff" + text.encode("utf-16-be"),
            "utf32le-bom": b"\xff\xfe\0\0" + text.encode("utf-32-le"),
            "utf32be": text.encode("utf-32-be"),
            "gbk": text.encode("gbk"),
            "gb18030": text.encode("gb18030"),
            "big5": tw.encode("big5hkscs"),
        }
        # Together in one folder, so that each also has strange neighbours.
        folder = fresh(bench, f"encodings-{name.split()[0]}")
        for encoding, data in files.items():
            (folder / f"{encoding}.txt").write_bytes(data)
        for where, args in (("one folder", ["."]),
                            ("each named", [f"{e}.txt" for e in files])):
            groups = bench.wirecopy("find", *args, cwd=folder).records()
            identical = [m["id"] for group in groups[:1]
                         for m in group["members"]
                         if m["relation"] in ("original", "identical")]
            bench.report(
                len(groups) == 1 and len(identical) == len(files),
                f"{name}, {where}",
                f"{len(groups)} group, {len(identical)} of {len(files)} "
                "identical")


def opencc_conversions(bench):
    """Every news text and its conversion fold to the same text."""
    corpus = corpora.load(bench, "sogouc-gbk")
    texts = [doc.text.replace("\0", "") for doc in corpus.docs]
    for config in ("s2t", "s2tw", "s2hk", "t2s"):
        # One JSON string a line: opencc neither sees nor makes line ends.
        lines = "\n".join(json.dumps(t, ensure_ascii=False) for t in texts)
        converted = [json.loads(line)
                     for line in opencc(config, lines).split("\n")]
        if len(converted) != len(texts):
            raise Failed(f"opencc -c {config} changed the number of lines")
        differ = sum(a != b for a, b in zip(texts, converted))
        docs = []
        for doc, text, other in zip(corpus.docs, texts, converted):
            docs += [Doc(f"o:{doc.id}", text), Doc(f"c:{doc.id}", other)]
        path = corpora.write_jsonl(bench.work / f"{config}.jsonl", docs)
        # At threshold 1 a group holds nothing but texts with one set of
        # shingles; "identical" says that the folded texts are the same too.
        groups = bench.wirecopy("find", "--relations", "identical,reprint",
                                "--threshold", "1", path).records()
        same = {}
        for group in groups:
            for member in group["members"]:
                if member["relation"] in ("original", "identical"):
                    same[member["id"]] = group["group"]
        good = [doc.id for doc in corpus.docs
                if same.get(f"o:{doc.id}") is not None
                and same.get(f"o:{doc.id}") == same.get(f"c:{doc.id}")]
        found = set(good)
        bad = [doc.id for doc in corpus.docs if doc.id not in found]
        bench.report(not bad, f"{config} of sogouc-gbk",
                     f"{len(good)} of {len(texts)} identical, opencc changed "
                     f"{differ}{', not ' if bad else ''}{' '.join(bad[:5])}")


def fold_of_conversions(bench):
    """The oracle itself: fold(opencc(x)) = fold(x)."""
    fold = import_fold()
    corpus = corpora.load(bench, "sogouc-gbk")
    texts = [" ".join(doc.text.split()) for doc in corpus.docs]
    for config in ("s2t", "s2tw", "s2hk", "t2s"):
        converted = opencc(config, "\n".join(texts)).split("\n")
        good = sum(fold(a) == fold(b) for a, b in zip(texts, converted))
        bench.report(good == len(texts) == len(converted),
                     f"the oracle's fold of {config}",
                     f"{good} of {len(texts)}")


def ud_ts_pairs(bench):
    """Sentences in traditional and simplified characters are pairs."""
    corpus = corpora.load(bench, "ud-ts-pairs")
    gold = set()
    for line in corpora.data(bench, "ud-ts-pairs",
                             "pairs.tsv").read_text().splitlines():
        gold.add(frozenset(line.split("\t")[:2]))
    run = bench.wirecopy("pairs", "--threshold", "0.8", *corpus.inputs)
    pairs = {frozenset((r["a"], r["b"])): r for r in run.records()}
    good = sum(pair in pairs for pair in gold)
    same = sum(pair in pairs and pairs[pair]["relation"] == "identical"
               for pair in gold)
    bench.report(good >= 990, "pairs at .8",
                 f"{good} of {len(gold)}, {same} identical, "
                 f"{len(pairs) - good} others")
    groups = bench.wirecopy("find", "--threshold", "0.8",
                            *corpus.inputs).records()
    group_of = {m["id"]: g["group"] for g in groups for m in g["members"]}
    together = sum(len({group_of.get(key, key) for key in pair}) == 1
                   for pair in gold)
    bench.report(together >= 990, "in one group at .8",
                 f"{together} of {len(gold)}")


