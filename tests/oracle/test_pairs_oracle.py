#!/usr/bin/env python3
"""test_pairs_oracle.py PAIRS-ORACLE - the oracle against set algebra.

The oracle is trusted by every acceptance check, so it is itself compared with
the definitions, written down in Python with sets of strings, on small random
texts of mixed scripts.
"""

import os
import random
import subprocess
import sys
import tempfile
import unicodedata

# Han (one beyond the BMP), kana, Hangul, bopomofo; Latin, digits, Cyrillic,
# and a letter beyond the BMP that is none of the first.
ALPHABET = "中国新闻社\U00020000かナ가ㄅabcxyz0123жш\U00010400"


def is_short(char):
    name = unicodedata.name(char)
    return name.startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL",
                            "BOPOMOFO"))


def shingles(text):
    """The set of windows, each as its bytes in UTF-16."""
    units = text.encode("utf-16-le")
    found = set()
    at = 0
    for char in text:
        size = 10 if is_short(char) else 16
        if at + size <= len(units):
            found.add(units[at : at + size])
        at += len(char.encode("utf-16-le"))
    if not found and units:
        found.add(units)
    return found


def random_texts(rng):
    texts = {"empty": "", "one": "中", "same": "中"}
    for number in range(rng.randrange(5, 40)):
        if number and rng.random() < 0.7:
            text = list(rng.choice(list(texts.values())))
            for _ in range(rng.randrange(3)):
                at = rng.randrange(len(text) + 1)
                text[at : at + rng.randrange(3)] = rng.choice(ALPHABET)
        else:
            length = rng.choice([1, 4, 5, 6, 7, 8, 9, 30, 200])
            text = rng.choices(ALPHABET, k=length)
        texts[f"d{number}"] = "".join(text)
    return texts


def all_pairs(texts, threshold):
    sets = {key: shingles(text) for key, text in texts.items()}
    keys = list(texts)
    for b, key_b in enumerate(keys):
        for key_a in keys[:b]:
            common = len(sets[key_a] & sets[key_b])
            union = len(sets[key_a] | sets[key_b])
            if common and common / union >= threshold:
                yield (key_a, key_b, common / union,
                       common / len(sets[key_a]), common / len(sets[key_b]))


def greedy(order, pairs):
    alike = {}
    for a, b, jaccard, *_ in pairs:
        alike[a, b] = alike[b, a] = jaccard
    originals, result = [], []
    for key in order:
        best = max((alike[key, o] for o in originals if (key, o) in alike),
                   default=None)
        if best is None:
            originals.append(key)
            result.append((key, key))
        else:
            result.append((key, next(o for o in originals
                                     if alike.get((key, o)) == best)))
    return result


def run(program, *args):
    done = subprocess.run([program, *args], check=True, capture_output=True,
                          text=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def check(program, seed, folder):
    rng = random.Random(seed)
    texts = random_texts(rng)
    path = os.path.join(folder, "folded.tsv")
    with open(path, "w", encoding="utf-8") as file:
        for key, text in texts.items():
            file.write(f"{key}\t{text}\n")
    threshold = rng.choice([0.1, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    want = sorted(all_pairs(texts, threshold))
    got = sorted((a, b, *map(float, numbers))
                 for a, b, *numbers in run(program, path, str(threshold)))
    assert [row[:2] for row in want] == [row[:2] for row in got], seed
    for left, right in zip(want, got):
        for x, y in zip(left[2:], right[2:]):
            assert abs(x - y) < 1e-11, (seed, left, right)

    order = list(texts)
    rng.shuffle(order)
    order_path = os.path.join(folder, "order.tsv")
    with open(order_path, "w", encoding="utf-8") as file:
        file.write("".join(f"{key}\n" for key in order))
    got = run(program, path, str(threshold), "--greedy", order_path)
    assert greedy(order, want) == [tuple(row[:2]) for row in got], seed
    return len(want)


def main():
    start = int(os.environ.get("WCP_TEST_SEED", random.randrange(2**32)))
    print(f"WCP_TEST_SEED={start}")
    with tempfile.TemporaryDirectory() as folder:
        total = sum(check(sys.argv[1], start + i, folder) for i in range(60))
    assert total > 100, "the random texts are hardly alike"
    print(f"{total} pairs compared")


if __name__ == "__main__":
    main()
