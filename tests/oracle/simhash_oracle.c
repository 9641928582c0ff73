/*
 * simhash_oracle.c - all pairs of SimHash signatures within a distance
 *
 *   simhash-oracle FOLDED.tsv DISTANCE
 *       id_a, id_b, distance; a stands before b in the file
 *   simhash-oracle FOLDED.tsv --signatures
 *       id, signature in hexadecimal
 *
 * Bit i of a signature is set when more than half of a text's windows have bit
 * i of their hash set: the 64-bit XXH3 of the window's units as little-endian
 * bytes, by the xxHash library.  Every pair is looked at.  A text without
 * windows has no signature.
 */
#include "folded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { MAX_UNITS = 64 };

struct counts {
    uint64_t windows, bits[64];
};

static void
count_window(void *ctx, const uint16_t *units, size_t num)
{
    struct counts *counts = ctx;
    unsigned char bytes[2 * MAX_UNITS];
    uint64_t hash;

    if (num > MAX_UNITS)
        give_up("a window is too long for", "the oracle");
    for (size_t i = 0; i < num; i++) {
        bytes[2 * i] = (unsigned char)(units[i] & 0xFF);
        bytes[2 * i + 1] = (unsigned char)(units[i] >> 8);
    }
    hash = XXH3_64bits(bytes, 2 * num);
    counts->windows++;
    for (int bit = 0; bit < 64; bit++)
        counts->bits[bit] += hash >> bit & 1;
}

static uint64_t
signature_of(const struct text *text)
{
    struct counts counts = { 0 };
    uint64_t signature = 0;

    for_each_window(text, count_window, &counts);
    for (int bit = 0; bit < 64; bit++)
        if (2 * counts.bits[bit] > counts.windows)
            signature |= (uint64_t)1 << bit;
    return signature;
}

static int
distance(uint64_t a, uint64_t b)
{
    int num = 0;

    for (uint64_t rest = a ^ b; rest; rest &= rest - 1)
        num++;
    return num;
}

int
main(int argc, char **argv)
{
    struct texts texts;
    uint64_t *signatures;
    int max = -1;

    if (argc != 3) {
        fprintf(stderr, "usage: simhash-oracle FOLDED.tsv "
                        "DISTANCE | --signatures\n");
        return 2;
    }
    if (strcmp(argv[2], "--signatures") != 0)
        max = atoi(argv[2]);
    texts = read_texts(argv[1]);
    signatures = must_alloc(texts.num, sizeof *signatures);
    for (size_t i = 0; i < texts.num; i++) {
        signatures[i] = signature_of(&texts.at[i]);
        if (max < 0)
            printf("%s\t%016llx\n", texts.at[i].id,
                   (unsigned long long)signatures[i]);
    }
    for (size_t b = 0; b < texts.num; b++)
        for (size_t a = 0; a < b; a++)
            if (texts.at[a].num && texts.at[b].num &&
                distance(signatures[a], signatures[b]) <= max)
                printf("%s\t%s\t%d\n", texts.at[a].id, texts.at[b].id,
                       distance(signatures[a], signatures[b]));
    if (fflush(stdout) != 0 || ferror(stdout))
        give_up("cannot write", "stdout");
    return 0;
}
