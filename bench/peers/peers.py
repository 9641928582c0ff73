"""peers.py - one function for each other program: texts -> pairs

Each takes the folded texts, the threshold and a number of threads, and gives
pairs of numbers of texts, as its documentation advises it: parameters that its
authors recommend at the threshold, batches where it has them, and candidates
that its own estimate puts below the threshold left out where it can estimate.
What it gives and how it was set is its 'note'.
"""

import collections
import itertools
import pathlib
import tempfile

from exact import shingles

PEERS = {}


def peer(name, package, note, threads=True, whole=True):
    """threads: it can use more than one; whole: looks at all of a text."""

    def add(function):
        PEERS[name] = dict(function=function, package=package, note=note,
                           threads=threads, whole=whole)
        return function

    return add


def pairs_of_buckets(buckets):
    """Each pair of each bucket, once."""
    return {pair for bucket in buckets if len(bucket) > 1
            for pair in itertools.combinations(sorted(bucket), 2)}


def pairs_of_bands(rows, bands):
    """Pairs of the rows of a matrix that agree on a band."""
    import numpy

    rows = numpy.ascontiguousarray(rows)
    length = rows.shape[1] // bands
    pairs = set()
    for band in range(bands):
        buckets = collections.defaultdict(list)
        part = numpy.ascontiguousarray(rows[:, band * length:][:, :length])
        for i, row in enumerate(part):
            buckets[row.tobytes()].append(i)
        pairs |= pairs_of_buckets(buckets.values())
    return pairs


def agreeing(rows, pairs, threshold):
    """Those pairs whose rows say that they are alike."""
    import numpy

    pairs = numpy.array(sorted(pairs), dtype=numpy.int64).reshape(-1, 2)
    keep = []
    for part in numpy.array_split(pairs, max(1, len(pairs) // 50000)):
        same = (rows[part[:, 0]] == rows[part[:, 1]]).mean(axis=1)
        keep += map(tuple, part[same >= threshold].tolist())
    return keep


def hashed(texts):
    """Hashes of all shingles of all texts by numpy, and where those of a text
    begin: five UTF-16 units at each place, four of them as one number."""
    import numpy

    parts = [text.encode("utf-16-le").ljust(10, b"\0") for text in texts]
    data = b"".join(parts)
    ends = numpy.cumsum([len(part) // 2 for part in parts])
    num = len(data) // 2 - 4
    factor = numpy.uint64(0x9E3779B97F4A7C15)
    hashes = numpy.ndarray((num,), "<u8", data, 0, (2,)) * factor
    hashes ^= hashes >> numpy.uint64(29)
    hashes += numpy.frombuffer(data, "<u2", offset=8)
    hashes *= factor
    hashes ^= hashes >> numpy.uint64(32)
    keep = numpy.ones(num, dtype=bool)
    for back in range(1, 5):  # these reach into the next text
        keep[ends[:-1] - back] = False
    starts = numpy.concatenate([[0], ends])
    begins = starts - 4 * numpy.arange(len(starts))
    return hashes[keep], begins.astype(numpy.uint64)


def rows_for(threshold, values=128):
    """Rows a band: as many as find nine of ten pairs at the threshold."""
    return max((rows for rows in (1, 2, 4, 8, 16)
                if 1 - (1 - threshold**rows)**(values // rows) > 0.9),
               default=1)


# ---- datasketch


@peer("datasketch", "datasketch==2.0.0",
      "MinHashLSH(threshold, num_perm=128), then its own estimate",
      threads=False)
def datasketch(texts, threshold, _):
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(threshold=threshold, num_perm=128)
    made = list(MinHash.generator(
        ([s.encode() for s in shingles(text)] for text in texts),
        num_perm=128))
    for i, minhash in enumerate(made):
        lsh.insert(i, minhash)
    return [(i, j) for i, minhash in enumerate(made)
            for j in lsh.query(minhash)
            if i < j and minhash.jaccard(made[j]) >= threshold]


@peer("datasketch, same pairs", "datasketch==2.0.0",
      "20 bands of 6 rows as wirecopy has, candidates compared exactly",
      threads=False)
def datasketch_exact(texts, threshold, _):
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(num_perm=128, params=(20, 6))
    sets = [frozenset(shingles(text)) for text in texts]
    made = list(MinHash.generator(
        ([s.encode() for s in each] for each in sets), num_perm=128))
    for i, minhash in enumerate(made):
        lsh.insert(i, minhash)
    pairs = []
    for i, minhash in enumerate(made):
        for j in lsh.query(minhash):
            if i < j:
                common = len(sets[i] & sets[j])
                union = len(sets[i]) + len(sets[j]) - common
                if common >= threshold * union:
                    pairs.append((i, j))
    return pairs


# ---- rensa


@peer("rensa", "rensa==0.5.0 numpy==2.4.6",
      "RMinHash of all tokens, bands of 8 at 0.8, query_all, its estimate")
def rensa(texts, threshold, _):
    from rensa import RMinHash, RMinHashLSH

    made = RMinHash.from_token_sets([shingles(text) for text in texts], 128,
                                    42)
    lsh = RMinHashLSH(threshold, 128, 128 // rows_for(threshold))
    lsh.insert_many(made)
    return [(i, j) for i, keys in enumerate(lsh.query_all(made))
            for j in keys
            if i < j and made[i].jaccard(made[j]) >= threshold]


def rensa_matrix(texts, bands, make):
    """The matrix and its flags, timed; then the pairs that stand behind the
    flags, which it does not tell, outside the time."""
    from rensa import RMinHash, RMinHashLSH
    import numpy

    matrix = make(RMinHash, texts)
    flags = RMinHashLSH(0.8, 128, bands).query_duplicate_flags_matrix_one_shot(
        matrix)

    def later():
        flagged = set(numpy.flatnonzero(numpy.array(flags)).tolist())
        rows = numpy.array(matrix.to_rows(), dtype=numpy.uint32)
        return [pair for pair in pairs_of_bands(rows, bands)
                if flagged.issuperset(pair)]

    return later


@peer("rensa, numpy hashes", "rensa==0.5.0 numpy==2.4.6",
      "shingles hashed by numpy, all of them, 16 bands; gives flags only: the "
      "pairs are made outside the time")
def rensa_hashed(texts, threshold, _):
    def make(kind, texts):
        hashes, begins = hashed(texts)
        return kind.digest_matrix_from_flat_token_hashes(
            hashes, begins, 128, 42)

    return rensa_matrix(texts, 16, make)


@peer("rensa, rho", "rensa==0.5.0 numpy==2.4.6",
      "looks at a few tokens of each text, 8 bands as published; gives flags "
      "only: the pairs are made outside the time", whole=False)
def rensa_rho(texts, threshold, _):
    return rensa_matrix(
        texts, 8, lambda kind, texts: kind.digest_matrix_from_token_sets_rho(
            [shingles(text) for text in texts], 128, 42))


# ---- FastSketchLSH


def fastsketch_pairs(rows, threshold, threads):
    import FastSketchLSH
    import numpy

    rows = numpy.asarray(rows, dtype=numpy.uint64)
    lsh = FastSketchLSH.LSH(128, 128 // rows_for(threshold),
                            num_threads=threads)
    lsh.insert(rows)
    flat, begins = lsh.query(rows, format="csr")
    first = numpy.repeat(numpy.arange(len(rows)),
                         numpy.diff(numpy.asarray(begins).astype(int)))
    second = numpy.asarray(flat).astype(int)
    keep = first < second
    return agreeing(rows, set(zip(first[keep].tolist(),
                                  second[keep].tolist())), threshold)


@peer("FastSketchLSH", "FastSketchLSH==1.0.1 numpy==2.4.6",
      "128 values of the tokens, bands of 8 at 0.8, their agreement")
def fastsketch(texts, threshold, threads):
    import FastSketchLSH

    sketch = FastSketchLSH.FastSimilaritySketch(size=128, seed=42)
    rows = sketch.batch([shingles(text) for text in texts],
                        num_threads=threads)
    return fastsketch_pairs(rows, threshold, threads)


@peer("FastSketchLSH, numpy hashes", "FastSketchLSH==1.0.1 numpy==2.4.6",
      "shingles hashed by numpy, batch_csr; bands of 8 at 0.8, their agreement")
def fastsketch_hashed(texts, threshold, threads):
    import FastSketchLSH

    hashes, begins = hashed(texts)
    sketch = FastSketchLSH.FastSimilaritySketch(size=128, seed=42)
    rows = sketch.batch_csr(hashes, begins, prehashed=True,
                            num_threads=threads)
    return fastsketch_pairs(rows, threshold, threads)


# ---- gaoya


@peer("gaoya", "gaoya==0.2.2",
      "its own shingles of 5 characters, bands of 8 at 0.8, its estimate")
def gaoya(texts, threshold, _):
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(
        hash_size=32, jaccard_threshold=threshold,
        num_bands=128 // rows_for(threshold), band_size=rows_for(threshold),
        analyzer="char", lowercase=False, ngram_range=(5, 5),
        id_container="vec")
    index.par_bulk_insert_docs(list(range(len(texts))), texts)
    return [(i, j) for i, found in enumerate(index.par_bulk_query(texts))
            for j in found if i < j]


# ---- SimHash


@peer("simhash", "simhash==2.1.2",
      "Simhash of the shingles, SimhashIndex, at most 3 of 64 bits differ",
      threads=False)
def simhash(texts, *_):
    import logging

    from simhash import Simhash, SimhashIndex

    logging.disable(logging.WARNING)
    made = [Simhash(shingles(text)) for text in texts]
    index = SimhashIndex([(str(i), each) for i, each in enumerate(made)], k=3)
    return [(i, int(j)) for i, each in enumerate(made)
            for j in index.get_near_dups(each) if i < int(j)]


@peer("simhash-pybind", "simhash-pybind==0.0.3",
      "compute and find_all, at most 3 of 64 bits differ", threads=False)
def simhash_pybind(texts, *_):
    import simhash as package

    alike = collections.defaultdict(list)
    for i, text in enumerate(texts):
        alike[package.compute([package.unsigned_hash(s.encode())
                               for s in shingles(text)])].append(i)
    pairs = pairs_of_buckets(alike.values())
    for a, b in package.find_all(set(alike), 6, 3):
        pairs |= {tuple(sorted(pair))
                  for pair in itertools.product(alike[a], alike[b])}
    return pairs


# ---- datatrove


@peer("datatrove", "datatrove==0.10.1 regex==2026.11.15 xxhash==4.1.0 tokenizers==0.23.3 "
      "orjson==3.13.0",
      "MinHash stages 1 to 3, 14 buckets of 8 as by default, shingles of "
      "characters put in for its words; all pairs of a cluster")
def datatrove(texts, threshold, threads):
    import numpy
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.utils.logging import logger
    from datatrove_stages import Signature, Texts, stages

    logger.remove()
    clusters = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        config = stages.MinhashConfig()

        def run(tasks, *steps):
            LocalPipelineExecutor(
                pipeline=list(steps), tasks=tasks, workers=min(tasks, threads),
                logging_dir=str(folder / f"log{tasks}{len(steps)}"
                                / type(steps[-1]).__name__),
                skip_completed=False).run()

        run(threads, Texts(texts), Signature(str(folder / "signatures"), config))
        run(config.num_buckets, stages.MinhashDedupBuckets(
            str(folder / "signatures"), str(folder / "buckets"),
            config=config))
        run(1, stages.MinhashDedupCluster(
            str(folder / "buckets"), str(folder / "clusters"), config,
            save_cluster_id=True))
        for path in sorted((folder / "clusters").glob("*.clusters")):
            rank = int(path.name.split(".")[0])
            for doc, cluster in numpy.fromfile(path, "<u4").reshape(-1, 2):
                clusters[int(cluster)].append(int(doc) * threads + rank)
    return pairs_of_buckets(clusters.values())


# ---- Spark


@peer("Spark MinHashLSH", "pyspark==4.3.0 numpy==2.4.6",
      "HashingTF of 2^20 features, 5 hash tables, approxSimilarityJoin")
def spark(texts, threshold, threads):
    from pyspark.ml.feature import HashingTF, MinHashLSH
    from pyspark.sql import SparkSession

    session = (SparkSession.builder.master(f"local[{threads}]")
               .config("spark.ui.enabled", "false")
               .config("spark.driver.memory", "6g")
               .config("spark.driver.bindAddress", "127.0.0.1")
               .config("spark.driver.host", "127.0.0.1")
               .config("spark.sql.shuffle.partitions", str(4 * threads))
               .getOrCreate())
    session.sparkContext.setLogLevel("OFF")
    rows = session.createDataFrame(
        [(i, shingles(text)) for i, text in enumerate(texts)],
        ["id", "tokens"])
    rows = HashingTF(inputCol="tokens", outputCol="features", binary=True,
                     numFeatures=1 << 20).transform(rows)
    rows = rows.select("id", "features").cache()
    model = MinHashLSH(inputCol="features", outputCol="hashes", seed=1,
                       numHashTables=5).fit(rows)
    joined = model.approxSimilarityJoin(rows, rows, 1 - threshold + 1e-9,
                                        "distance")
    pairs = [(row[0], row[1]) for row in joined.where(
        "datasetA.id < datasetB.id").select("datasetA.id", "datasetB.id")
        .collect()]
    session.stop()
    return pairs
