"""planted.py - pages with passages planted in them, and how many were found.

    planted.py --program P [--seed N] [--kind han|letters] [--length N]
               [--changed SHARE] [--count N] [options for the program]

A page is made of words of an invented language; a passage of such words is
planted in two pages, in one of them with a share of its characters replaced,
inserted or left out.  Text beside a passage differs from what is beside its
other copy at once.
"""

import argparse
import dataclasses
import json
import pathlib
import random
import subprocess
import sys
import tempfile

PAGE = 20000  # characters of a page, at least
SYLLABLES = ("ka", "ro", "mi", "ten", "sul", "ba", "ne", "or", "li", "dan",
             "ves", "po", "qui", "ash", "um", "ger", "to", "wy", "fel", "zo")


class Language:
    """Words with frequencies as in real text (Zipf)."""

    def __init__(self, kind, rng, num_words=4000):
        self.kind = kind
        self.rng = rng
        if kind == "han":
            self.letters = [chr(0x4E00 + 7 * i) for i in range(2500)]
            make = lambda: "".join(rng.choices(self.letters, k=rng.choice(
                (1, 2, 2, 2, 3, 4))))
        else:
            self.letters = list("etaoinshrdlucmfwypvbgkjqxz")
            make = lambda: "".join(rng.choices(SYLLABLES, k=rng.choice(
                (1, 2, 2, 3, 4))))
        self.words = [make() for _ in range(num_words)]
        total, self.cumulated = 0, []
        for i in range(num_words):
            total += 1 / (i + 3)
            self.cumulated.append(total)
        self.space = "" if kind == "han" else " "

    def text(self, length):
        """About so many letters."""
        out, size = [], 0
        while size < length:
            word = self.rng.choices(self.words, cum_weights=self.cumulated)[0]
            out.append(word)
            size += len(word)
        text = self.space.join(out)
        if self.kind == "han":
            return text[:length]
        while sum(c.isalpha() for c in text) > length:
            text = text[:-1].rstrip()
        return text

    def change(self, text, share):
        """Replace, insert or leave out so large a share of the letters."""
        out = []
        for char in text:
            if char.isspace() or self.rng.random() >= share:
                out.append(char)
                continue
            how = self.rng.random()
            if how < .6:
                out.append(self.rng.choice(self.letters))
            elif how < .8:
                out.append(char + self.rng.choice(self.letters))
        return "".join(out)

    def other_than(self, *chars):
        while True:
            char = self.rng.choice(self.letters)
            if char not in chars:
                return char


@dataclasses.dataclass
class Plant:
    places: list  # (page, begin, end) in characters


def make_pages(kind, length, changed, count, seed, per_page=4):
    """({id: text}, plants), with 'count' passages of 'length'."""
    rng = random.Random(f"{kind} {length} {changed} {seed}")
    language = Language(kind, rng)
    pages, plants = {}, []
    per_page = max(1, min(per_page, PAGE // (2 * length)))
    slots = []  # (page, text to plant, number of its plant)
    copies = []
    for number in range(count):
        text = language.text(length)
        copies.append((number, text))
        copies.append((number, language.change(text, changed)))
    rng.shuffle(copies)
    for number in range(count):
        plants.append(Plant([]))
    for at in range(0, len(copies), per_page):
        name = f"p{at // per_page:05}"
        parts = []
        size = 0
        group = copies[at:at + per_page]
        room = (PAGE - sum(len(text) for _, text in group)) // (len(group) + 1)
        for number, text in group:
            filler = language.text(max(room, 40))
            # What stands beside the copies is never alike.
            guard = language.letters[2 * number % 20 + len(
                plants[number].places)]
            filler += language.space + guard
            parts.append(filler + language.space)
            size += len(parts[-1])
            plants[number].places.append((name, size, size + len(text)))
            parts.append(text)
            size += len(text)
            parts.append(language.space + guard + language.space)
            size += len(parts[-1])
        parts.append(language.text(room))
        pages[name] = "".join(parts)
    return pages, plants


def find_passages(program, pages, options=()):
    with tempfile.TemporaryDirectory(prefix="wirecopy-planted.") as folder:
        path = pathlib.Path(folder) / "pages.jsonl"
        with open(path, "w", encoding="utf-8") as file:
            for name, text in pages.items():
                file.write(json.dumps({"id": name, "text": text},
                                      ensure_ascii=False) + "\n")
        done = subprocess.run([program, "passages", "--format", "jsonl", "-q",
                               *options, str(path)], capture_output=True,
                              check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@dataclasses.dataclass
class Score:
    planted: int = 0
    found: int = 0
    exact: int = 0
    near_ends: int = 0  # of the ends of what was found, within 5 characters
    ends: int = 0
    others: int = 0  # passages reported that were not planted

    @property
    def recall(self):
        return self.found / self.planted


def covers(copy, place):
    page, begin, end = place
    if copy["id"] != page:
        return 0
    shared = min(copy["char_end"], end) - max(copy["char_begin"], begin)
    return max(shared, 0) / (end - begin)


def score(plants, passages):
    """A plant is found if a passage has four fifths of both its copies."""
    by_page = {}
    for passage in passages:
        for copy in passage["copies"]:
            by_page.setdefault(copy["id"], []).append((passage, copy))
    result = Score(planted=len(plants))
    used = set()
    for plant in plants:
        best = None
        for passage, copy in by_page.get(plant.places[0][0], ()):
            others = [c for c in passage["copies"]
                      if covers(c, plant.places[1]) >= .8]
            if covers(copy, plant.places[0]) >= .8 and others:
                best = passage["passage"], (copy, others[0])
        if best is None:
            continue
        used.add(best[0])
        result.found += 1
        off = [abs(copy[f"char_{end}"] - place[1 + (end == "end")])
               for copy, place in zip(best[1], plant.places)
               for end in ("begin", "end")]
        result.exact += not any(off)
        result.near_ends += sum(d <= 5 for d in off)
        result.ends += len(off)
    result.others = sum(p["passage"] not in used for p in passages)
    return result


def measure(program, kind, length, changed, count, seed=1, options=()):
    pages, plants = make_pages(kind, length, changed, count, seed)
    return score(plants, find_passages(program, pages, options))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", default="han")
    parser.add_argument("--length", type=int, default=100)
    parser.add_argument("--changed", type=float, default=0)
    parser.add_argument("--count", type=int, default=400)
    args, options = parser.parse_known_args()
    result = measure(args.program, args.kind, args.length, args.changed,
                     args.count, args.seed, options)
    print(f"{args.kind} {args.length} changed {args.changed}: recall "
          f"{result.recall:.4f}, exact {result.exact / result.planted:.4f}, "
          f"ends {result.near_ends / max(result.ends, 1):.4f}, "
          f"{result.others} others")
    return 0


if __name__ == "__main__":
    sys.exit(main())
