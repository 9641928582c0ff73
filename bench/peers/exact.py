"""exact.py - all pairs of texts at or above a Jaccard threshold, exactly

Shingles are numbered by what they are, so that nothing depends on a hash; the
rare ones come first.  Two sets that share t of their union share one of the
first |A| - ceil(t |A|) + 1 shingles of A in any order that both have, and with
the rare ones first few others have those.
"""

import collections
import math

SHINGLE = 5


def shingles(text):
    """Windows of SHINGLE characters; a shorter text is one."""
    last = len(text) - SHINGLE + 1
    return [text[i:i + SHINGLE] for i in range(last)] if last > 0 else [text]


def exact_pairs(texts, threshold):
    """{(i, j): Jaccard} with i < j."""
    counts = collections.Counter()
    for text in texts:
        counts.update(set(shingles(text)))
    order = sorted(counts, key=lambda shingle: (counts[shingle], shingle))
    rank = {shingle: number for number, shingle in enumerate(order)}
    del counts, order
    sets = [sorted({rank[s] for s in shingles(text)}) if text else []
            for text in texts]
    whole = [frozenset(s) for s in sets]
    postings = collections.defaultdict(list)
    found = {}
    for j, ranks in enumerate(sets):
        prefix = ranks[:len(ranks) - math.ceil(threshold * len(ranks)) + 1]
        for i in {i for r in prefix for i in postings[r]}:
            small, large = sorted((len(sets[i]), len(ranks)))
            if small < threshold * large - 1e-9:
                continue
            common = len(whole[i] & whole[j])
            jaccard = common / (small + large - common)
            if jaccard >= threshold:
                found[i, j] = jaccard
        for r in prefix:
            postings[r].append(j)
    return found
