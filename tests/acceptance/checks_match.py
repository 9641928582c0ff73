"""checks_match.py - pairs and groups against brute force."""

import json
import random

import corpora
from harness import Failed

PROMISE = 0.99  # of --recall, by default
CLOSE = 1e-9
# The oracles know Jaccard indices, not what lies in what, nor what a form is:
# everything is asked for, and what is below the threshold left out.
ALIKE = ("--relations", "all")


def program_pairs(bench, corpus, *options, threshold=0.0):
    """{(a, b): (jaccard, a_in_b, b_in_a)} as the program says."""
    run = bench.wirecopy("pairs", *ALIKE, *options, *corpus.inputs,
                         cwd=corpus.cwd)
    pairs = {}
    for record in run.records():
        if record["jaccard"] < threshold:
            continue
        key = record["a"], record["b"]
        if key in pairs or key[::-1] in pairs:
            raise Failed(f"the pair {key} was written twice")
        pairs[key] = record["jaccard"], record["a_in_b"], record["b_in_a"]
    return pairs


def check_pairs(bench, corpus, threshold, limit):
    """Recall and exactness at one threshold."""
    want = bench.oracle_pairs(corpus, 0.5)
    want = {k: v for k, v in want.items() if v[0] >= threshold}
    got = program_pairs(bench, corpus, "--threshold", threshold,
                        threshold=threshold)
    backwards = sum(key[::-1] in want for key in got)
    strange = [key for key in got if key not in want]
    both = want.keys() & got.keys()
    error = max((abs(x - y) for key in both
                 for x, y in zip(want[key], got[key])), default=0)
    recall = len(both) / len(want) if want else 1
    what = f"{corpus.name} at {threshold}"
    bench.report(recall >= limit, f"{what}, recall",
                 f"{recall:.5f} = {len(both)} of {len(want)} "
                 f"(at least {limit:.2f})")
    bench.report(not strange, f"{what}, pairs that are none",
                 f"{len(strange)} of {len(got)}"
                 + (f", {backwards} the wrong way round, {strange[:2]}"
                    if strange else ""))
    bench.report(error <= CLOSE, f"{what}, error of the numbers",
                 f"{error:.1e}")
    place = corpus.places()
    places = [(place[a], place[b]) for a, b in got]
    bench.report(places == sorted(places),
                 f"{what}, pairs in order of date, then id", f"{len(got)}")


def exact_pairs(bench, name, thresholds):
    corpus = corpora.load(bench, name)
    for threshold in thresholds:
        limit = PROMISE if threshold == 0.8 else PROMISE - 0.01
        check_pairs(bench, corpus, threshold, limit)


def pairs_dxy_quick(bench):
    """Jaccard, containments and recall at the default threshold."""
    exact_pairs(bench, "dxy-flashes", [0.8])


def pairs_dxy(bench):
    """Jaccard, containments and recall at five thresholds."""
    exact_pairs(bench, "dxy-flashes", [0.5, 0.6, 0.7, 0.8, 0.9])


def pairs_sogouc(bench):
    """Jaccard, containments and recall at five thresholds."""
    exact_pairs(bench, "sogouc-gbk", [0.5, 0.6, 0.7, 0.8, 0.9])


def pairs_reuters(bench):
    """Jaccard, containments and recall at five thresholds."""
    exact_pairs(bench, "reuters21578", [0.5, 0.6, 0.7, 0.8, 0.9])


def mccormick(bench):
    """Planted copies: all are found, and nothing else."""
    corpus = corpora.load(bench, "mccormick-1000")
    text = corpora.data(bench, "mccormick-1000", "pairs.tsv").read_text()
    gold = {frozenset(line.split()) for line in text.splitlines()}
    got = {frozenset(key): value
           for key, value in program_pairs(bench, corpus).items()}
    good = len(gold & got.keys())
    bench.report(
        got.keys() == gold, "default threshold",
        f"precision {good / len(got) if got else 1:.3f}, "
        f"recall {good / len(gold):.3f}, {len(got)} pairs")
    if got.keys() == gold:
        lowest = min(value[0] for value in got.values())
        bench.note(f"the least Jaccard of a planted copy is {lowest:.3f}")
        return
    low = bench.oracle_pairs(corpus, 0.1)
    planted = [v[0] for k, v in low.items() if frozenset(k) in gold]
    others = [v[0] for k, v in low.items() if frozenset(k) not in gold]
    bench.note(f"planted copies from {min(planted, default=0):.3f}, "
               f"others up to {max(others, default=0):.3f}: thresholds "
               "between the two give 1 and 1")


# ---- groups

def check_find(bench, name, threshold):
    corpus = corpora.load(bench, name)
    place = corpus.places()
    groups = bench.wirecopy("find", *ALIKE, "--threshold", threshold,
                            *corpus.inputs, cwd=corpus.cwd).records()
    pairs = bench.oracle_pairs(corpus, threshold)
    original_of, wrong, error, twice = {}, [], 0, 0
    for group in groups:
        head = group["original"]
        if group["size"] != len(group["members"]):
            wrong.append((head, "size"))
        for member in group["members"]:
            key = member["id"]
            if key == head:
                if member["relation"] != "original":
                    wrong.append((head, member["relation"]))
                continue
            twice += key in original_of
            original_of[key] = head
            if member["jaccard"] < threshold:
                continue
            # Of one date the most complete is the original, whatever its id.
            if (head, key) in pairs:
                jaccard, a_in_b, b_in_a = pairs[head, key]
            elif (key, head) in pairs:
                jaccard, b_in_a, a_in_b = pairs[key, head]
            else:
                wrong.append((head, key))
                continue
            error = max(error, abs(member["jaccard"] - jaccard),
                        abs(member["covers"] - a_in_b),
                        abs(member["covered"] - b_in_a))
    what = f"{name} at {threshold}"
    bench.report(not wrong and not twice,
                 f"{what}, members that meet the threshold",
                 f"{len(original_of) - len(wrong)} of {len(original_of)} in "
                 f"{len(groups)} groups {wrong[:2] if wrong else ''}")
    bench.report(error <= CLOSE, f"{what}, error of the numbers",
                 f"{error:.1e}")

    # Two documents that are no copies of others do not meet the threshold.
    found = sum(a in original_of or b in original_of for a, b in pairs)
    share = found / len(pairs) if pairs else 1
    bench.report(share >= PROMISE, f"{what}, pairs of which one joined",
                 f"{share:.5f} = {found} of {len(pairs)}")
    numbers = [place[group["original"]] for group in groups]
    bench.report(numbers == sorted(numbers)
                 and [g["group"] for g in groups]
                 == list(range(1, len(groups) + 1)),
                 f"{what}, groups in the order of their originals",
                 f"{len(groups)}")
    naive = bench.oracle_find(corpus, threshold)
    same = sum(original_of.get(key, key) == naive[key] for key in naive)
    bench.note(f"{what}: {same} of {len(naive)} documents have the original "
               "that the naive algorithm gives them")


def find_dxy(bench):
    """Groups against brute force."""
    check_find(bench, "dxy-flashes", 0.8)


def find_all(bench):
    """Groups against brute force, three corpora, three thresholds."""
    for name in ("dxy-flashes", "sogouc-gbk", "reuters21578"):
        for threshold in (0.5, 0.8, 0.9):
            check_find(bench, name, threshold)


# ---- SimHash

def check_simhash(bench, name):
    corpus = corpora.load(bench, name)
    for distance in (3, 6):
        want = bench.oracle_simhash(corpus, distance)
        got = {frozenset(key) for key in program_pairs(
            bench, corpus, "--signature", "simhash", "--distance", distance)}
        missing, strange = want - got, got - want
        bench.report(
            not missing and not strange, f"{name} within {distance}",
            f"{len(want & got)} of {len(want)} pairs, {len(strange)} that "
            "are none" + (f", such as {sorted(map(sorted, missing))[:2]} and "
                          f"{sorted(map(sorted, strange))[:2]}"
                          if missing or strange else ""))


def simhash_dxy(bench):
    """All pairs within a distance, by brute force."""
    check_simhash(bench, "dxy-flashes")


def simhash_sogouc(bench):
    """All pairs within a distance, by brute force."""
    check_simhash(bench, "sogouc-gbk")


# ---- the same result, always

def check_threads(bench, name, signatures):
    corpus = corpora.load(bench, name)
    for command in ("find", "pairs"):
        for signature in signatures:
            out = {
                threads: bench.wirecopy(
                    command, "--threads", threads, "--signature", signature,
                    *corpus.inputs, cwd=corpus.cwd).out
                for threads in (1, 2, 8)
            }
            size = len(out[1])
            bench.report(
                size > 0 and len(set(out.values())) == 1,
                f"{command} of {name}, {signature}, 1, 2 and 8 threads",
                f"{size} bytes")


def threads_quick(bench):
    """The same bytes with any number of threads."""
    check_threads(bench, "dxy-flashes", ["minhash"])


def threads(bench):
    """The same bytes with any number of threads."""
    kinds = ["minhash", "minhash-classic", "simhash"]
    check_threads(bench, "dxy-flashes", kinds)
    check_threads(bench, "sogouc-gbk", kinds)
    check_threads(bench, "reuters21578", ["minhash"])


def without_places(run):
    """Records without what says where in the input a document stands."""
    records = run.records()
    for record in records:
        for member in record.get("members", []):
            member.pop("line", None)
            member.pop("path", None)
    return json.dumps(records, ensure_ascii=False)


def check_shuffles(bench, name):
    corpus = corpora.load(bench, name)
    path, = corpus.inputs
    lines = path.read_bytes().splitlines(keepends=True)
    rng = random.Random(5)
    shuffled = []
    for number in range(3):
        rng.shuffle(lines)
        other = bench.work / f"{name}.shuffle-{number}.jsonl"
        other.write_bytes(b"".join(lines))
        shuffled.append(other)
    for command in ("find", "pairs"):
        outs = [without_places(bench.wirecopy(command, one))
                for one in [path, *shuffled]]
        bench.report(len(set(outs)) == 1, f"{command} of {name}, 3 shuffles",
                     f"{outs[0].count('relation')} relations")
    for one in shuffled:
        one.unlink()


def shuffles_quick(bench):
    """The same groups whatever the order of the input."""
    check_shuffles(bench, "dxy-flashes")


def shuffles(bench):
    """The same groups whatever the order of the input."""
    check_shuffles(bench, "dxy-flashes")
    check_shuffles(bench, "reuters21578")
