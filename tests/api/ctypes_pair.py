#!/usr/bin/env python3
"""ctypes_pair.py LIBRARY - the shared library from Python, without glue.

The interface has no macros, no variable arguments and returns no structs, so
ctypes alone can sign two texts and find a pair.  What is declared here follows
wirecopy.h by hand, for the fields that are used; what the library fills in may
be longer and is only ever seen through a pointer.
"""

import ctypes as c
import sys

OK, BAD_OPTION, BAD_TEXT = 0, 20, 30


class Error(c.Structure):
    _fields_ = [
        ("status", c.c_int),
        ("sys_errno", c.c_int32),
        ("document", c.c_uint64),
        ("offset", c.c_uint64),
        ("text", c.c_char * 240),
    ]


class Options(c.Structure):
    """The first fields; room is left for the others."""

    _fields_ = [
        ("struct_size", c.c_size_t),
        ("signature", c.c_int32),
        ("threshold", c.c_double),
        ("recall", c.c_double),
        ("distance", c.c_uint32),
        ("shingle", c.c_uint32),
        ("threads", c.c_uint32),
        ("others", c.c_char * 1024),
    ]


class Signature(c.Structure):
    _fields_ = [
        ("struct_size", c.c_size_t),
        ("minhash", c.c_uint32 * 128),
        ("simhash", c.c_uint64),
        ("num_shingles", c.c_uint64),
    ]


class Text(c.Structure):
    _fields_ = [
        ("struct_size", c.c_size_t),
        ("text", c.c_char_p),
        ("text_len", c.c_size_t),
        ("id", c.c_char_p),
        ("title", c.c_char_p),
        ("source", c.c_char_p),
        ("date", c.c_char_p),
    ]


class Document(c.Structure):
    _fields_ = [
        ("number", c.c_uint64),
        ("id", c.c_char_p),
        ("id_len", c.c_size_t),
    ]


class Pair(c.Structure):
    _fields_ = [
        ("a", c.POINTER(Document)),
        ("b", c.POINTER(Document)),
        ("jaccard", c.c_double),
        ("a_in_b", c.c_double),
        ("b_in_a", c.c_double),
        ("relation", c.c_int),
    ]


OnPair = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(Pair))

FIRST = "霧港電車五月重返海濱，市議會昨日以九票對四票通過撥款。"
SECOND = "雾港电车5月重返海滨，市议会昨日以九票对四票通过拨款！"
OTHER = "The ferry to Harrowmere was late again on Monday."


def new(kind, **fields):
    return kind(struct_size=c.sizeof(kind), **fields)


def options(lib):
    opts = Options()
    lib.wcp_options_init(c.byref(opts), c.c_size_t(c.sizeof(opts)))
    return opts


def sign(lib, text):
    data, sig, err = text.encode(), new(Signature), Error()
    status = lib.wcp_sign(
        c.byref(options(lib)), data, c.c_size_t(len(data)), c.byref(sig),
        c.byref(err),
    )
    assert status == OK, err.text
    return sig


def agree(a, b):
    return sum(x == y for x, y in zip(a.minhash, b.minhash)) / 128


def find_pairs(lib, texts, threshold):
    found, err, corpus = [], Error(), c.c_void_p()
    opts = options(lib)
    opts.threshold = threshold

    def on_pair(_, pair):
        p = pair.contents
        a, b = p.a.contents, p.b.contents
        found.append((a.id.decode(), b.id.decode(), p.jaccard))
        return 0

    status = lib.wcp_corpus_new(c.byref(opts), c.byref(corpus), c.byref(err))
    assert status == OK, err.text
    for name, text in texts.items():
        data = text.encode()
        doc = new(Text, text=data, text_len=len(data), id=name.encode())
        status = lib.wcp_corpus_add_text(corpus, c.byref(doc), c.byref(err))
        assert status == OK, err.text
    status = lib.wcp_corpus_pairs(corpus, OnPair(on_pair), None, c.byref(err))
    assert status == OK, err.text
    lib.wcp_corpus_free(corpus)
    return found


def main():
    lib = c.CDLL(sys.argv[1])
    lib.wcp_build_info.restype = c.c_char_p
    lib.wcp_status_name.restype = c.c_char_p
    lib.wcp_corpus_free.restype = None
    lib.wcp_options_init.restype = None

    first, second, other = sign(lib, FIRST), sign(lib, SECOND), sign(lib, OTHER)
    assert first.num_shingles > 15, first.num_shingles
    assert agree(first, first) == 1
    assert 0.4 < agree(first, second) < 1, agree(first, second)
    assert agree(first, other) < 0.1, agree(first, other)

    texts = {"first": FIRST, "second": SECOND, "other": OTHER}
    found = find_pairs(lib, texts, 0.5)
    assert [pair[:2] for pair in found] == [("first", "second")], found
    assert abs(found[0][2] - agree(first, second)) < 0.25, found

    # Failures come as a status and a text; nothing is printed.
    opts, sig, err = options(lib), new(Signature), Error()
    status = lib.wcp_sign(
        c.byref(opts), b"ab\xff", c.c_size_t(3), c.byref(sig), c.byref(err)
    )
    assert (status, err.status, err.offset) == (BAD_TEXT, BAD_TEXT, 2)
    opts.shingle = 65
    status = lib.wcp_sign(
        c.byref(opts), b"ab", c.c_size_t(2), c.byref(sig), c.byref(err)
    )
    assert status == BAD_OPTION and b"shingle" in err.text, err.text

    version = lib.wcp_build_info(0).decode()
    print(f"wirecopy {version}: {found[0][0]} {found[0][1]} {found[0][2]:.3f}")


if __name__ == "__main__":
    main()
