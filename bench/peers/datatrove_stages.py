"""datatrove_stages.py - what is put into datatrove's MinHash stages

In a module of its own, because its workers are processes that import it.
"""

import numpy
from datatrove.data import Document
from datatrove.pipeline.dedup import minhash as stages

from exact import shingles

# Words are not needed, and its tokenizers are many packages more.
stages.load_word_tokenizer = lambda language: None


class Signature(stages.MinhashDedupSignature):
    """Shingles of characters in place of those of words."""

    def get_shingles(self, text):
        return numpy.fromiter((self._hash_func(shingle.encode())
                               for shingle in shingles(text)),
                              dtype=numpy.uint64).reshape((-1, 1))


class Texts:
    """Each worker reads its part."""

    def __init__(self, texts):
        self.texts = texts

    def __call__(self, data=None, rank=0, world_size=1):
        for i in range(rank, len(self.texts), world_size):
            yield Document(text=self.texts[i], id=str(i))
