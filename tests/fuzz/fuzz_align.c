/*
 * fuzz_align.c - two texts in, spans out
 *
 * The first byte says how long a run must be, the texts are divided by the
 * first line feed.  What comes out must be what it says, and a run of units
 * that each stand once must be found, but for those that belong to another
 * run: in an alignment a unit of either text stands once, so of two runs that
 * overlap in one text, "flo|vens" and "the |ovens", one has what both end in.
 */
#include "fuzz.h"

#include "passage/passage.h"
#include "text/text.h"

/* Units of each text that are in some block. */
struct covering {
    uint8_t *units[2];
};

static void
check_blocks(const struct wcp_alignments *found, const struct wcp_folded *texts,
             const struct covering *covered)
{
    for (size_t i = 0; i < found->list.num; i++) {
        const struct wcp_alignment *at = &found->list.at[i];
        const struct wcp_block *block = found->blocks.at + at->first_block;
        uint32_t a = at->a_begin, b = at->b_begin, matched = 0;

        MUST(at->num_blocks > 0 && a == block->a && b == block->b);
        for (size_t k = 0; k < at->num_blocks; k++, block++) {
            MUST(block->num > 0 && block->a >= a && block->b >= b);
            a = block->a + block->num;
            b = block->b + block->num;
            MUST(a <= texts[0].num && b <= texts[1].num);
            MUST(memcmp(texts[0].units + block->a, texts[1].units + block->b,
                        block->num * sizeof *texts[0].units) == 0);
            memset(covered->units[0] + block->a, 1, block->num);
            memset(covered->units[1] + block->b, 1, block->num);
            matched += block->num;
        }
        MUST(a == at->a_end && b == at->b_end && matched == at->matched);
        /* Half of both spans is alike. */
        MUST(4.0 * matched >=
             at->a_end - at->a_begin + at->b_end - at->b_begin);
    }
}

/* Does any five units of the run stand in one of the texts again? */
static bool
is_plain(const struct wcp_folded *texts, size_t a, size_t num)
{
    for (size_t i = a; i + 5 <= a + num; i++)
        for (int side = 0; side < 2; side++) {
            size_t count = 0;

            for (size_t k = 0; k + 5 <= texts[side].num; k++)
                count += memcmp(texts[side].units + k, texts[0].units + i,
                                5 * sizeof *texts[0].units) == 0;
            if (count > 1)
                return false;
        }
    return true;
}

static void
check_runs(const struct wcp_folded *texts, uint32_t min_length,
           const struct covering *covered)
{
    size_t least = (size_t)min_length * 5 / 2;

    for (size_t i = 0; i < texts[0].num; i++)
        for (size_t k = 0; k < texts[1].num; k++) {
            size_t num = 0, num_covered = 0;

            if (i > 0 && k > 0 &&
                texts[0].units[i - 1] == texts[1].units[k - 1])
                continue;
            while (i + num < texts[0].num && k + num < texts[1].num &&
                   texts[0].units[i + num] == texts[1].units[k + num]) {
                num_covered +=
                    covered->units[0][i + num] | covered->units[1][k + num];
                num++;
            }
            if (num >= least && num <= 200 && is_plain(texts, i, num))
                MUST(num_covered == num);
        }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wcp_passage_limits limits = { 8, 2, .5, 1, 0 };
    struct wcp_folded texts[2];
    struct wcp_units units[2];
    struct wcp_alignments found;
    const uint8_t *line;
    struct covering covered;

    if (size < 1 || size > 4000)
        return 0;
    limits.min_length = 8 + data[0] % 64;
    data++;
    size--;
    if (!fuzz_is_utf8(data, size))
        return 0;
    line = size > 0 ? memchr(data, '\n', size) : NULL;
    for (int i = 0; i < 2; i++) {
        const uint8_t *from = i == 0 ? data : line != NULL ? line : data;
        const uint8_t *end = i == 0 && line != NULL ? line : data + size;

        wcp_folded_init(&texts[i], &wcp_memory_libc);
        MUST(wcp_fold(&texts[i], (const char *)from, (size_t)(end - from)));
        units[i] =
            (struct wcp_units){ texts[i].units, (uint32_t)texts[i].num, false };
        covered.units[i] = calloc(texts[i].num + 1, 1);
        MUST(covered.units[i] != NULL);
    }
    MUST(wcp_align(&found, &wcp_memory_libc, &units[0], &units[1], &limits,
                   NULL) == WCP_CODE_OK);
    check_blocks(&found, texts, &covered);
    if (texts[0].num < 700 && texts[1].num < 700)
        check_runs(texts, limits.min_length, &covered);
    wcp_alignments_release(&found);
    for (int i = 0; i < 2; i++) {
        free(covered.units[i]);
        wcp_folded_release(&texts[i]);
    }
    return 0;
}
