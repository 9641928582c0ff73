/*
 * turns.c - in which round is a seed gathered?
 *
 * Seeds that may not be gathered all at once have their turns by their first
 * four units, which are the same in every copy.  Each round asks that of every
 * seed, so it is seen for all places together, seeds or not, by products of 16
 * bits: those of many places fit into a vector.
 */
#include "passage/gather.h"
#include "sketch/kernels.h"

#include <string.h>

/* Once for each kind of vectors. */
#if defined(__GNUC__)
#define INLINE __attribute__((always_inline)) static inline
#else
#define INLINE static inline
#endif

INLINE void
see_turns(const uint16_t *units, size_t num, uint16_t num_rounds,
          uint16_t round, uint8_t *is_turn)
{
    for (size_t i = 0; i < num; i++)
        is_turn[i] = wcp_turn_of(units[i], units[i + 1], units[i + 2],
                                 units[i + 3], num_rounds) == round;
}

static void
see_portable(const uint16_t *units, size_t num, uint16_t num_rounds,
             uint16_t round, uint8_t *is_turn)
{
    see_turns(units, num, num_rounds, round, is_turn);
}

#if defined(__x86_64__) && defined(__GNUC__)
__attribute__((target("avx2"))) static void
see_avx2(const uint16_t *units, size_t num, uint16_t num_rounds, uint16_t round,
         uint8_t *is_turn)
{
    see_turns(units, num, num_rounds, round, is_turn);
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2"))) static void
see_avx512(const uint16_t *units, size_t num, uint16_t num_rounds,
           uint16_t round, uint8_t *is_turn)
{
    see_turns(units, num, num_rounds, round, is_turn);
}
#endif

void
wcp_choose_turns(struct wcp_building *b)
{
    b->see_turns = see_portable;
#if defined(__x86_64__) && defined(__GNUC__)
    if (wcp_cpu_has(WCP_CPU_AVX512))
        b->see_turns = see_avx512;
    else if (wcp_cpu_has(WCP_CPU_AVX2))
        b->see_turns = see_avx2;
#endif
}

void
wcp_find_turns(const struct wcp_building *b, const struct wcp_units *text,
               uint32_t begin, uint32_t num,
               uint64_t words[WCP_SEED_GROUP / 64])
{
    uint16_t units[WCP_SEED_GROUP + 3];
    uint8_t is_turn[WCP_SEED_GROUP];
    const size_t num_words = (num + 63) / 64;
    const uint32_t rest = text->num - begin;
    const uint32_t num_units = rest < num + 3 ? rest : num + 3;

    wcp_widen(text, begin, begin + num_units, units);
    memset(units + num_units, 0,
           (num_words * 64 + 3 - num_units) * sizeof *units);
    b->see_turns(units, num_words * 64, (uint16_t)b->num_rounds,
                 (uint16_t)b->round, is_turn);
    for (size_t i = 0; i < num_words; i++)
        words[i] = wcp_pack_bits(is_turn + 64 * i);
}
