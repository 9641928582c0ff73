"""corpora.py - the shared corpora, and corpora made on the spot."""

import dataclasses
import datetime
import hashlib
import json
import random
import subprocess

from harness import Skipped


@dataclasses.dataclass
class Doc:
    id: str
    text: str
    date: int | None = None  # milliseconds


class Corpus:
    """Documents, and how the program is given them."""

    def __init__(self, name, docs, inputs, cwd=None):
        self.name = name
        self.docs = docs
        self.inputs = inputs
        self.cwd = cwd

    def order(self):
        """Ids in order of date, then id bytewise; those without a date come
        last."""
        def key(doc):
            late = doc.date is None
            return (late, 0 if late else doc.date, doc.id.encode())
        return [doc.id for doc in sorted(self.docs, key=key)]

    def places(self):
        return {key: place for place, key in enumerate(self.order())}

    def digest(self):
        total = hashlib.sha256()
        for doc in self.docs:
            total.update(f"{doc.id}\0{doc.text}\0".encode())
        return total.hexdigest()


def parse_date(value):
    """Milliseconds, for the forms that stand in the corpora."""
    if value.isdigit() and len(value) == 13:
        return int(value)
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%d"):
        try:
            when = datetime.datetime.strptime(value, form)
        except ValueError:
            continue
        when = when.replace(tzinfo=datetime.timezone.utc)
        return int(when.timestamp() * 1000)
    return None


def data(bench, *parts):
    if not bench.shared:
        raise Skipped("there is no ../shared")
    return bench.shared.joinpath("data", *parts)


def unpack(bench, folder, name="docs"):
    """A compressed JSONL file of the shared data, unpacked into the work
    folder."""
    path = bench.work / f"{folder}.{name}.jsonl"
    if not path.exists():
        packed = data(bench, folder, f"{name}.jsonl.zst")
        with open(path, "wb") as out:
            subprocess.run(["zstd", "-dcq", str(packed)], stdout=out,
                           check=True)
    return path


def load_jsonl(bench, folder):
    path = unpack(bench, folder)
    docs = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            date = record.get("date")
            docs.append(Doc(record["id"], record["text"],
                            parse_date(str(date)) if date else None))
    return Corpus(folder, docs, [path])


def load_sogouc(bench):
    """3,000 files in GBK; the ids are the paths as given."""
    top = data(bench, "sogouc-gbk")
    folders = sorted(path.name for path in top.iterdir() if path.is_dir())
    docs = []
    for folder in folders:
        for path in sorted((top / folder).iterdir()):
            text = path.read_bytes().decode("gb18030", "replace")
            docs.append(Doc(f"{folder}/{path.name}", text))
    return Corpus("sogouc-gbk", docs, folders, cwd=top)


def load(bench, name):
    if name == "sogouc-gbk":
        return load_sogouc(bench)
    return load_jsonl(bench, name)


def write_jsonl(path, docs):
    with open(path, "w", encoding="utf-8") as file:
        for doc in docs:
            record = {"id": doc.id, "text": doc.text}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


# A dispatch of our own, so that these checks need nobody's text.
PARAGRAPHS = (
    "本报海口三月五日电（记者 林一帆）由十二家沿海渔业合作社共同出资修建的"
    "望潮渔港二期工程五日通过验收，新码头可同时停靠一百四十艘渔船，港内冷库"
    "一昼夜能够加工鲜鱼三百八十吨。",
    "负责工程的港务局总工程师何志远介绍说，望潮湾每年台风季节风高浪急，旧港的"
    "防波堤只有六百二十米，渔船常常要绕行七十多公里到邻县避风。新堤全长一千"
    "四百五十米，堤心用旧城改造拆下的花岗岩填筑，仅此一项就节省投资两千六百万元。",
    "渔民代表符亚妹在验收会上说，从前一网鱼打上来，上岸、过秤、装车要等大半天，"
    "天一热鱼就不新鲜了；现在船靠码头二十分钟就能卸完，价钱比去年好了一成半。"
    "她所在的合作社今年打算再添四条钢壳船，并且把厨房搬上岸，办一间渔家饭馆。",
    "据了解，工程建设期间曾因发现一片珊瑚礁而停工四个月。设计单位修改了航道走向，"
    "把九百多株珊瑚移植到三公里以外的保护区，成活率达到百分之八十七。海洋学院的"
    "潜水员每个季度都要下水查看，记录将公布在村委会的布告栏里。",
    "望潮镇镇长表示，三期工程将修建一座水产品交易大厅和一所船员培训学校，计划"
    "后年春天开工。到那时，外地客商可以在大厅里通过屏幕看到每条船的渔获、海区和"
    "捕捞时间，学校则面向附近五个乡镇招收学员，食宿全部免费。",
)
DISPATCH = "\n".join(PARAGRAPHS) + "\n"


def identical(num):
    """The same dispatch again and again."""
    return [Doc(f"copy-{i:06d}", DISPATCH) for i in range(num)]


def nearly_identical(num, changes=3, seed=20120702):
    """Each copy has a few characters of the dispatch replaced."""
    rng = random.Random(seed)
    docs = []
    for i in range(num):
        text = list(DISPATCH)
        for at in rng.sample(range(len(text)), changes):
            text[at] = chr(rng.randrange(0x4E00, 0x9F00))
        docs.append(Doc(f"copy-{i:06d}", "".join(text)))
    return docs
