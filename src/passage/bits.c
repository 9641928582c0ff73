/*
 * bits.c - a set of numbers, and how many of them come before one
 *
 * A bit for each number, and for each word of bits how many are set before it:
 * what belongs to the members of a set then stands in an array without gaps.
 */
#include "passage/engine.h"

bool
wcp_bits_init(struct wcp_bits *bits, const struct wcp_memory *mem, uint32_t num)
{
    *bits = (struct wcp_bits){ .mem = mem, .num_words = (size_t)num / 64 + 1 };
    bits->words = wcp_new_zeroed(mem, bits->num_words, sizeof *bits->words);
    return bits->words != NULL;
}

void
wcp_bits_release(struct wcp_bits *bits)
{
    if (bits->mem == NULL)
        return;
    wcp_free_array(bits->mem, bits->words, bits->num_words,
                   sizeof *bits->words);
    wcp_free_array(bits->mem, bits->ranks, bits->num_words,
                   sizeof *bits->ranks);
    *bits = (struct wcp_bits){ 0 };
}

bool
wcp_bits_count(struct wcp_bits *bits)
{
    uint32_t num = 0;

    bits->ranks =
        wcp_new_array(bits->mem, bits->num_words, sizeof *bits->ranks);
    if (bits->ranks == NULL)
        return false;
    for (size_t i = 0; i < bits->num_words; i++) {
        bits->ranks[i] = num;
        num += wcp_count_bits(wcp_bits_word(bits, i));
    }
    bits->num_set = num;
    return true;
}
