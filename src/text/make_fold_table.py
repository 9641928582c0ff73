#!/usr/bin/env python3
"""make_fold_table.py - write fold_table.c, the table that text is folded by

Run by hand where Debian's unicode-data, libopencc-data and opencc are
installed; the output is committed.  Another version of those packages may
change folded texts: raise WCP_FOLD_VERSION in text.h then.

    python3 src/text/make_fold_table.py src/text/fold_table.c

A character goes through four steps until nothing changes any more:
  1. full compatibility decomposition;
  2. marks of the scripts in BARE_SCRIPTS are dropped;
  3. full case folding;
  4. Chinese characters become the smallest code point of their class.
Then Hangul is composed again and only letters, numbers and kept marks stay.
What Unicode does not assign, and what it says to ignore by default (Hangul
fillers, variation selectors), is dropped: a table of a later Unicode version
would need another fold version in any case.
"""
import collections
import os
import subprocess
import sys
import tempfile

UNICODE = "/usr/share/unicode"
OPENCC = "/usr/share/opencc"
# Phrases count character by character: a dozen pairs, such as U+5177 and U+4FF1
# (furniture), are only found there, and without them 42 of 3,000 news texts
# fold differently after "opencc -c s2t".
DICTIONARIES = ("TSCharacters", "STCharacters", "TWVariants", "HKVariants",
                "STPhrases", "TSPhrases")
BARE_SCRIPTS = {"Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Hiragana",
                "Katakana", "Inherited", "Common"}

# Shared with fold_table.h.
EXPANSION, MAX_EXPANSIONS = 0xD800, 0x7F0
CONTEXT = {ord("&"): 0xDFF0, ord("("): 0xDFF1, 0xFF08: 0xDFF1}
KIND_SHIFT, KIND_CAREFUL, KIND_EXPAND = range(3)

JAMO_V = range(0x1161, 0x1176)
JAMO_T = range(0x11A8, 0x11C3)


def rows(name):
    """The fields of each line of a file of the Unicode character database."""
    with open(os.path.join(UNICODE, name), encoding="utf-8") as file:
        for line in file:
            line = line.split("#")[0].strip()
            if line:
                yield [field.strip() for field in line.split(";")]


def span(text):
    first, _, last = text.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


class Database:
    def __init__(self):
        self.category, self.ccc, self.decomposition = {}, {}, {}
        first = None
        for row in rows("UnicodeData.txt"):
            code = int(row[0], 16)
            if row[1].endswith("First>"):
                first = code
                continue
            begin = first if row[1].endswith("Last>") else code
            for c in range(begin, code + 1):
                self.category[c] = row[2]
            if row[3] != "0":
                self.ccc[code] = int(row[3])
            if row[5]:
                self.decomposition[code] = [
                    int(x, 16) for x in row[5].split() if x[0] != "<"]
        self.folding = {int(r[0], 16): [int(x, 16) for x in r[2].split()]
                        for r in rows("CaseFolding.txt") if r[1] in "CF"}
        self.script = {c: r[1] for r in rows("Scripts.txt")
                       for c in span(r[0])}
        self.ignorable = {c for r in rows("DerivedCoreProperties.txt")
                          if r[1] == "Default_Ignorable_Code_Point"
                          for c in span(r[0])}

    def decompose(self, code):
        if code not in self.decomposition:
            return [code]
        return [d for c in self.decomposition[code] for d in self.decompose(c)]

    def order(self, codes):
        """Canonical ordering: a stable sort of each run of nonzero classes."""
        out, run = [], []
        for c in codes:
            if self.ccc.get(c):
                run.append(c)
                continue
            out += sorted(run, key=self.ccc.get) + [c]
            run = []
        return out + sorted(run, key=self.ccc.get)

    def bare(self, code):
        """True for a mark that is dropped wherever it stands."""
        return (self.category.get(code, "Cn")[0] == "M" and
                self.script.get(code) in BARE_SCRIPTS)

    def kept(self, code):
        return (self.category.get(code, "Cn")[0] in "LNM" and
                code not in self.ignorable and not self.bare(code))


def han_classes(data):
    """Character -> smallest of its class, by union-find over all pairs."""
    parent = {}

    def root(c):
        while parent.setdefault(c, c) != c:
            c = parent[c]
        return c

    for name in DICTIONARIES:
        with tempfile.NamedTemporaryFile() as text:
            subprocess.run(["opencc_dict", "-i", f"{OPENCC}/{name}.ocd2", "-o",
                            text.name, "-f", "ocd2", "-t", "text"], check=True)
            lines = text.read().decode("utf-8").splitlines()
        for line in lines:
            key, _, candidates = line.partition("\t")
            for other in candidates.split():
                if len(key) != len(other):
                    continue
                for pair in zip(key, other):
                    a, b = (data.decompose(ord(x)) for x in pair)
                    if len(a) == len(b) == 1:
                        low, high = sorted((root(a[0]), root(b[0])))
                        parent[high] = low
    return {c: root(c) for c in list(parent) if root(c) != c}


def compose_hangul(codes):
    out = []
    for c in codes:
        last = out[-1] if out else 0
        if 0x1100 <= last <= 0x1112 and c in JAMO_V:
            out[-1] = 0xAC00 + ((last - 0x1100) * 21 + c - 0x1161) * 28
        elif (0xAC00 <= last <= 0xD7A3 and (last - 0xAC00) % 28 == 0 and
              c in JAMO_T):
            out[-1] = last + c - 0x11A7
        else:
            out.append(c)
    return out


def fold(data, classes, code):
    codes = [code]
    while True:
        before = codes
        codes = [d for c in codes for d in data.decompose(c)]
        codes = [c for c in codes if not data.bare(c)]
        codes = [f for c in codes for f in data.folding.get(c, [c])]
        codes = [classes.get(c, c) for c in codes]
        if codes == before:
            break
    return tuple(compose_hangul(data.order([c for c in codes
                                            if data.kept(c)])))


def units(codes):
    raw = "".join(map(chr, codes)).encode("utf-16-le")
    return tuple(raw[i] | raw[i + 1] << 8 for i in range(0, len(raw), 2))


class Expansions:
    """Sequences that one character becomes, each stored once."""

    def __init__(self, data):
        self.data, self.index, self.pool = data, {}, []

    def careful(self, codes):
        """True where the first character may combine with what is already
        written: by composition or by canonical ordering."""
        return (codes[0] in JAMO_V or codes[0] in JAMO_T or
                self.data.ccc.get(codes[0], 0) != 0)

    def add(self, codes):
        sequence = units(codes)
        if sequence not in self.index:
            start = next((i for i in range(len(self.pool))
                          if tuple(self.pool[i:i + len(sequence)]) ==
                          sequence), len(self.pool))
            if start == len(self.pool):
                self.pool += sequence
            self.index[sequence] = (len(self.index), start, len(sequence),
                                    int(self.careful(codes)))
        return self.index[sequence][0]


def bmp_table(folded, expansions):
    table = [0] * 0x10000
    for code, codes in folded.items():
        if code > 0xFFFF or not codes:
            continue
        if len(units(codes)) == 1 and not expansions.careful(codes):
            table[code] = codes[0]
        else:
            table[code] = EXPANSION + expansions.add(codes)
    for code, value in CONTEXT.items():
        assert not folded.get(code)
        table[code] = value
    assert len(expansions.index) <= MAX_EXPANSIONS, len(expansions.index)
    return table


def supplementary_ranges(folded, expansions):
    """[first, last, by, kind]; runs of one shift are joined."""
    ranges = []
    for code in sorted(c for c in folded if c > 0xFFFF):
        codes = folded[code]
        if not codes:
            continue
        if len(codes) > 1:
            ranges.append([code, code, expansions.add(codes), KIND_EXPAND])
            continue
        kind = KIND_CAREFUL if expansions.careful(codes) else KIND_SHIFT
        by = codes[0] - code
        if (ranges and ranges[-1][1] == code - 1 and
                ranges[-1][2:] == [by, kind]):
            ranges[-1][1] = code
        else:
            ranges.append([code, code, by, kind])
    return ranges


def class_ranges(data, folded):
    """[first, last, class] of the kept marks that are reordered."""
    ranges = []
    marks = {c for codes in folded.values() for c in codes if data.ccc.get(c)}
    for code in sorted(marks):
        if (ranges and ranges[-1][1] == code - 1 and
                ranges[-1][2] == data.ccc[code]):
            ranges[-1][1] = code
        else:
            ranges.append([code, code, data.ccc[code]])
    return ranges


def version(package):
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package],
                          check=True, capture_output=True,
                          text=True).stdout.strip()


def wrap(words, out, width=79, indent="    "):
    line = indent
    for word in words:
        if len(line) + len(word) > width:
            out.append(line.rstrip())
            line = indent
        line += word + " "
    out.append(line.rstrip())


HEAD = """\
/*
 * fold_table.c - what each character becomes when a text is folded
 *
 * Written by make_fold_table.py from Debian's unicode-data {unicode} and
 * libopencc-data {opencc}; do not edit.  LICENSE carries the notices of
 * Unicode, Inc. and of OpenCC.  The shape of the tables is in fold_table.h.
 */
#include "text/fold_table.h"

/* clang-format off */"""


def write_bmp(table, out):
    """Rows of sixteen; runs of rows that are zero are left out."""
    out.append("const uint16_t wcp_fold_bmp[65536] = {")
    gap = False
    for row in range(0, 0x10000, 16):
        values = table[row:row + 16]
        if not any(values):
            gap = True
            continue
        head = f"[0x{row:04X}] = " if gap else ""
        out.append(head + ",".join(f"{v:#x}" if v > 9 else str(v)
                                   for v in values) + ",")
        gap = False
    out.append("};\n")


def write(path, table, expansions, ranges, classes):
    out = [HEAD.format(unicode=version("unicode-data"),
                       opencc=version("libopencc-data"))]
    write_bmp(table, out)
    out.append("const uint16_t wcp_fold_pool[] = {")
    wrap([f"{u:#x}," for u in expansions.pool], out)
    out.append("};\n\nconst struct wcp_fold_expansion wcp_fold_expansions[] "
               "= {")
    wrap([f"{{{start},{length},{careful}}}," for _, start, length, careful
          in sorted(expansions.index.values())], out)
    out.append("};\n\nconst struct wcp_fold_range wcp_fold_ranges[] = {")
    wrap([f"{{{a:#x},{b:#x},{by},{kind}}}," for a, b, by, kind in ranges], out)
    out.append("};\nconst size_t wcp_fold_num_ranges = "
               "sizeof wcp_fold_ranges / sizeof *wcp_fold_ranges;\n")
    out.append("const struct wcp_fold_class wcp_fold_classes[] = {")
    wrap([f"{{{a:#x},{b:#x},{ccc}}}," for a, b, ccc in classes], out)
    out.append("};\nconst size_t wcp_fold_num_classes = "
               "sizeof wcp_fold_classes / sizeof *wcp_fold_classes;")
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(out) + "\n")


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "fold_table.c")
    data = Database()
    classes = han_classes(data)
    folded = {code: fold(data, classes, code) for code in data.category
              if data.category[code] not in ("Cs", "Co")}
    expansions = Expansions(data)
    table = bmp_table(folded, expansions)
    ranges = supplementary_ranges(folded, expansions)
    marks = class_ranges(data, folded)
    write(path, table, expansions, ranges, marks)
    longest = collections.Counter(len(s) for s in expansions.index)
    print(f"{len(expansions.index)} expansions, longest {max(longest)}, "
          f"{len(ranges)} supplementary ranges, {len(marks)} runs of marks, "
          f"{len(classes)} characters in {len(set(classes.values()))} classes "
          f"are not their smallest",
          file=sys.stderr)


if __name__ == "__main__":
    main()
