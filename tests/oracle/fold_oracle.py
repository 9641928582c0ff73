#!/usr/bin/env python3
"""fold_oracle.py - what wcp_fold() must give, by the rules in text.h

Slow and plain, and without a table or a line of the C program or of its
generator.  It needs Debian's unicode-data and opencc packages.

    fold_oracle.py < docs.jsonl             the folded "text" of each line,
                                            as a JSON string
    fold_oracle.py --shingles < docs.jsonl  its shingles, sorted, as a JSON list

The functions fold(text) and shingles(folded) are for import.
"""
import functools
import html.entities
import json
import re
import subprocess
import sys
import tempfile
import unicodedata

UCD = "/usr/share/unicode/"


def read_characters():
    """code -> (category, combining class, decomposition field)"""
    known, pending = {}, None
    for line in open(UCD + "UnicodeData.txt", encoding="utf-8"):
        f = line.split(";")
        code, entry = int(f[0], 16), (f[2], int(f[3]), f[5])
        if f[1].endswith(", First>"):
            pending = code
        elif f[1].endswith(", Last>"):
            known.update(dict.fromkeys(range(pending, code + 1), entry))
        else:
            known[code] = entry
    return known


def read_property(name, wanted):
    """The characters whose property value is one of those wanted."""
    found = set()
    pattern = re.compile(r"^([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)")
    for line in open(UCD + name, encoding="utf-8"):
        match = pattern.match(line)
        if match and match[3] in wanted:
            found.update(range(int(match[1], 16),
                               int(match[2] or match[1], 16) + 1))
    return found


CHARACTERS = read_characters()
UNKNOWN = ("Cn", 0, "")
IGNORABLE = read_property("DerivedCoreProperties.txt",
                          ("Default_Ignorable_Code_Point",))
WITHOUT_MARKS = read_property(
    "Scripts.txt", ("Latin", "Greek", "Cyrillic", "Hebrew", "Arabic",
                    "Hiragana", "Katakana", "Inherited", "Common"))


def entry(character):
    return CHARACTERS.get(ord(character), UNKNOWN)


def decompose(text):
    """NFKD without its reordering; Hangul syllables stay whole."""
    out = ""
    for c in text:
        field = entry(c)[2].split()
        if field and field[0].startswith("<"):
            field = field[1:]
        out += decompose("".join(chr(int(x, 16)) for x in field)) or c
    return out


def read_classes():
    """Connected components, by flooding; character -> smallest member."""
    near = {}
    for name in ("TSCharacters", "STCharacters", "TWVariants", "HKVariants",
                 "STPhrases", "TSPhrases"):
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as file:
            subprocess.run(["opencc_dict", "-f", "ocd2", "-t", "text", "-i",
                            f"/usr/share/opencc/{name}.ocd2", "-o",
                            file.name], check=True)
            for line in file.read().splitlines():
                key, values = line.split("\t")
                for value in values.split(" "):
                    if len(key) == len(value):
                        for a, b in zip(decompose(key), decompose(value)):
                            near.setdefault(a, {a}).add(b)
                            near.setdefault(b, {b}).add(a)
    smallest = {}
    for start in sorted(near):
        edge = [start] if start not in smallest else []
        while edge:
            c = edge.pop()
            if c not in smallest:
                smallest[c] = start
                edge.extend(near[c])
    return smallest


CLASSES = read_classes()


def keeps(c):
    category = entry(c)[0]
    if ord(c) in IGNORABLE or category[0] not in "LNM":
        return False
    return category[0] != "M" or ord(c) not in WITHOUT_MARKS


@functools.lru_cache(None)
def fold_character(c):
    """The characters that c becomes, context aside."""
    text, before = c, None
    while text != before:
        before = text
        text = decompose(text)
        text = "".join(x for x in text if entry(x)[0][0] != "M" or
                       ord(x) not in WITHOUT_MARKS)
        text = "".join(x.casefold() for x in text)
        text = "".join(CLASSES.get(x, x) for x in text)
    return "".join(x for x in text if keeps(x))


NAMES = {name.lower(): chr(code)
         for name, code in html.entities.name2codepoint.items()}
NAMES["apos"] = "'"
REFERENCE = re.compile(
    r"&(?P<amps>(?:amp;)*)"
    r"(?:(?P<name>[a-z0-9]{1,8});|#(?P<decimal>[0-9]{1,10});"
    r"|#x(?P<hex>[0-9a-f]{1,10});|(?P<nbsp>nbsp)"
    r"|(?P<bare>amp|lt|gt|quot)(?![a-z0-9]))", re.I | re.A)
AMPS = re.compile(r"&(?:amp;)+", re.I | re.A)

TONES = "\u0300\u0301\u0304\u0306\u030C"
SYLLABLE = re.compile(
    f"(?:[m][{TONES}]|n[{TONES}]g?|(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?"
    f"(?P<vowels>(?:(?:[aeio]|u\u0308?)[{TONES}]?){{1,3}})(?:ng?|r)?)")
HAN = "\u3007\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF\U00020000-\U0003FFFF"
ANNOTATION = re.compile(f"(?<=[{HAN}])[(\uFF08]([^()\uFF08\uFF09]{{1,20}})"
                        "[)\uFF09]")


def is_pinyin(text):
    text = unicodedata.normalize("NFD", text)
    match = SYLLABLE.fullmatch(text.replace("\u0251", "a")
                               .replace("\u0261", "g"))
    return bool(match) and sum(c in TONES for c in text) == 1


def referenced(text, at):
    """(character, end) of the reference at the ampersand, or None."""
    amps = AMPS.match(text, at)
    other = ("&", amps.end()) if amps else None
    match = REFERENCE.match(text, at)
    if not match:
        return other
    if match["decimal"] or match["hex"]:
        code = int(match["hex"], 16) if match["hex"] else int(match["decimal"])
        if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
            return other
        return chr(code), match.end()
    name = (match["name"] or match["nbsp"] or match["bare"]).lower()
    if name in NAMES:
        return NAMES[name], match.end()
    if name.startswith("nbsp"):
        return "\u00A0", match.start("name") + 4
    return other


def read_context(text):
    """Resolve references and drop annotations; yields single characters."""
    at = 0
    while at < len(text):
        c = text[at]
        if c == "&":
            found = referenced(text, at)
            if found:
                # What it gives is not looked at again.
                if found[0] not in "&(\uFF08":
                    yield found[0]
                at = found[1]
                continue
        if c in "(\uFF08":
            match = ANNOTATION.match(text, at)
            if match and is_pinyin(match[1]):
                at = match.end()
                continue
        yield c
        at += 1


L_V = re.compile("[\u1100-\u1112][\u1161-\u1175]")
LV_T = re.compile("[\uAC00-\uD7A3][\u11A8-\u11C2]")
MAX_MARKS = 32


def compose_hangul(text):
    """NFC of a pair composes it or leaves it as it is; left to right."""
    for pattern in (L_V, LV_T):
        text = pattern.sub(lambda m: unicodedata.normalize("NFC", m[0]), text)
    return text


def reorder(text):
    """Canonical ordering; what exceeds MAX_MARKS in a row is dropped."""
    out, run = [], []
    for c in text + "\0":
        if entry(c)[1]:
            run.append(c)
        else:
            out += sorted(run[:MAX_MARKS], key=lambda x: entry(x)[1]) + [c]
            run = []
    return "".join(out)[:-1]


CAREFUL = re.compile("[\u1161-\u1175\u11A8-\u11C2]")
REORDERED = re.compile("[" + "".join(
    chr(c) for c, e in CHARACTERS.items() if e[1] and keeps(chr(c))) + "]")


def fold(text):
    """The folded text, as a string of letters, digits and kept marks."""
    if "&" in text or "(" in text or "\uFF08" in text:
        text = "".join(read_context(text))
    text = "".join(map(fold_character, text))
    if REORDERED.search(text):
        text = reorder(text)
    if CAREFUL.search(text):
        text = compose_hangul(text)
    return text


def is_east_asian(unit):
    return (0x2E80 <= unit <= 0x9FFF or 0xAC00 <= unit <= 0xD7FF or
            0x1100 <= unit <= 0x11FF or 0xD840 <= unit <= 0xD8BF or
            unit == 0xD82C)


def shingles(folded, length=None):
    """The set of windows, as bytes in UTF-16LE; 5 units that begin East Asian
    and 8 that do not, or 'length' units everywhere."""
    raw = folded.encode("utf-16-le")
    num = len(raw) // 2
    found = set()
    for at in range(num):
        unit = raw[2 * at] | raw[2 * at + 1] << 8
        need = length or (5 if is_east_asian(unit) else 8)
        if at + need <= num:
            found.add(raw[2 * at:2 * (at + need)])
    return found or ({raw} if raw else set())


def main():
    for line in sys.stdin:
        folded = fold(json.loads(line)["text"])
        if "--shingles" in sys.argv[1:]:
            print(json.dumps(sorted(s.decode("utf-16-le", "surrogatepass")
                                    for s in shingles(folded))))
        else:
            print(json.dumps(folded, ensure_ascii=False))


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main()
