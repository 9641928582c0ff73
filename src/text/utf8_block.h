/*
 * utf8_block.h - whether 64 bytes are UTF-8, from masks of what they are
 *
 * A bit for each byte, the first lowest.  Vector kernels compare the bytes,
 * the rest are a few operations on words, the same for all.
 */
#ifndef WCP_TEXT_UTF8_BLOCK_H
#define WCP_TEXT_UTF8_BLOCK_H

#include <stddef.h>
#include <stdint.h>

struct utf8_block {
    uint64_t lead;  /* C0..FF */
    uint64_t lead3; /* E0..FF */
    uint64_t lead4; /* F0..FF */
    uint64_t e0, ed, f0, f4;
};

/* What else is asked of the bytes to be judged. */
struct utf8_ranges {
    uint64_t more;    /* 80..BF */
    uint64_t from_a0; /* A0..FF */
    uint64_t from_90; /* 90..FF; matters with lead4 only, as the next */
    uint64_t never;   /* C0, C1; with lead4 also F5..FF */
};

/* The bits that follow those of a mask, by 'n' places. */
static inline uint64_t
utf8_after(uint64_t now, uint64_t before, unsigned n)
{
    return now << n | before >> (64 - n);
}

/*
 * 0 when table 3-7 of the Unicode standard allows the block, all of it but a
 * sequence that its end cuts: that is judged with the next.
 */
static inline uint64_t
utf8_errors(const struct utf8_block *now, const struct utf8_block *before,
            const struct utf8_ranges *ranges)
{
    uint64_t second = utf8_after(now->lead, before->lead, 1);
    uint64_t expected = second | utf8_after(now->lead3, before->lead3, 2);
    uint64_t bad = ranges->never;

    bad |= utf8_after(now->e0, before->e0, 1) & ~ranges->from_a0;
    bad |= utf8_after(now->ed, before->ed, 1) & ranges->from_a0;
    if ((now->lead4 | before->lead4) != 0) {
        expected |= utf8_after(now->lead4, before->lead4, 3);
        bad |= utf8_after(now->f0, before->f0, 1) & ~ranges->from_90;
        bad |= utf8_after(now->f4, before->f4, 1) & ranges->from_90;
    }
    return bad | (expected ^ ranges->more);
}

/* Whether a sequence that the end of the block cuts remains. */
static inline uint64_t
utf8_cut(const struct utf8_block *last)
{
    return last->lead >> 63 | last->lead3 >> 62 | last->lead4 >> 61;
}

/*
 * Where to begin to look for the exact place when all before 'at' is well but
 * for a sequence that may be cut there: it has up to three bytes.
 */
static inline size_t
utf8_step_back(const uint8_t *text, size_t at)
{
    for (size_t back = 1; back <= 3 && back <= at; back++)
        if ((text[at - back] & 0xC0) != 0x80)
            return at - back;
    return at;
}

#endif /* WCP_TEXT_UTF8_BLOCK_H */
