/*
 * fuzz_compare.c - two texts side by side: the figures and the runs
 *
 * The first byte is the shingle length; a byte FF, which is in no UTF-8,
 * parts the texts.
 */
#include "fuzz.h"

#include "group/compare.h"
#include "sketch/sketch.h"
#include "text/text.h"

/* Lengths above 20 find nothing in inputs of this size. */
enum { MAX_SHINGLE = 20 };

struct side {
    struct wcp_folded folded;
    struct wcp_shingle_set set;
    uint32_t *runs; /* by unit: how many runs it lies in */
};

static void
side_init(struct side *side, struct wcp_string text,
          struct wcp_sketcher *sketcher)
{
    wcp_folded_init(&side->folded, &wcp_memory_libc);
    side->set = (struct wcp_shingle_set){ NULL, 0, 0 };
    MUST(wcp_fold_with_offsets(&side->folded, text.data, text.len));
    MUST(wcp_shingle_set_make(sketcher, side->folded.units, side->folded.num,
                              &side->set));
    side->runs = calloc(side->folded.num + 1, sizeof *side->runs);
    MUST(side->runs != NULL);
}

static void
side_release(struct side *side, struct wcp_sketcher *sketcher)
{
    wcp_folded_release(&side->folded);
    wcp_shingle_set_release(sketcher, &side->set);
    free(side->runs);
}

static bool
is_low(uint16_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

static size_t
num_characters(const struct side *side)
{
    size_t num = 0;

    for (size_t i = 0; i < side->folded.num; i++)
        num += !is_low(side->folded.units[i]);
    return num;
}

/* The first unit of those that lie wholly in the bytes, counted in *num_ret;
 * each is noted as seen. */
static size_t
units_between(struct side *side, uint32_t begin, uint32_t end, size_t *num_ret)
{
    size_t first = 0, num = 0;

    for (size_t i = 0; i < side->folded.num; i++) {
        if (side->folded.begins[i] < begin || side->folded.ends[i] > end)
            continue;
        if (num++ == 0)
            first = i;
        side->runs[i]++;
    }
    *num_ret = num;
    return first;
}

/* A run may end within what one character of the text became, such as a
 * ligature; its bytes then say more than the run. */
static bool
may_be_cut(const struct side *side, size_t first, size_t num)
{
    const uint32_t *begins = side->folded.begins;

    return num > 1 && (begins[first] == begins[first + 1] ||
                       begins[first + num - 1] == begins[first + num - 2]);
}

static void
check_run(struct side *a, struct side *b, const struct wcp_text_run *run)
{
    const bool in_a = run->in != WCP_RUN_B, in_b = run->in != WCP_RUN_A;
    size_t num_a = 0, num_b = 0, at_a = 0, at_b = 0;

    MUST(run->length > 0);
    if (in_a) {
        MUST(run->a_begin < run->a_end);
        at_a = units_between(a, run->a_begin, run->a_end, &num_a);
    }
    if (in_b) {
        MUST(run->b_begin < run->b_end);
        at_b = units_between(b, run->b_begin, run->b_end, &num_b);
    }
    if (in_a && in_b && !may_be_cut(a, at_a, num_a) &&
        !may_be_cut(b, at_b, num_b)) {
        MUST(num_a == num_b);
        MUST(memcmp(a->folded.units + at_a, b->folded.units + at_b,
                    num_a * 2) == 0);
    }
}

static void
check_all_covered(const struct side *side)
{
    for (size_t i = 0; i < side->folded.num; i++)
        MUST(side->runs[i] > 0);
}

static void
check(const struct wcp_side_by_side *result, struct side *a, struct side *b)
{
    const struct wcp_likeness *likeness = &result->likeness;
    const size_t common = wcp_shingle_set_common(&a->set, &b->set);
    const bool same =
        a->folded.num > 0 && a->folded.num == b->folded.num &&
        memcmp(a->folded.units, b->folded.units, a->folded.num * 2) == 0;
    uint32_t a_end = 0, b_end = 0;

    MUST(likeness->same_text == same);
    MUST(likeness->a_length == num_characters(a));
    MUST(likeness->b_length == num_characters(b));
    MUST(likeness->overlap.common == common);
    MUST(likeness->overlap.size_a == a->set.num);
    MUST(likeness->overlap.size_b == b->set.num);
    MUST(likeness->equal_values <= WCP_NUM_BINS);
    MUST(likeness->simhash_distance <= 64);
    if (same)
        MUST(likeness->equal_values == WCP_NUM_BINS &&
             likeness->simhash_distance == 0);
    for (size_t i = 0; i < result->runs.num; i++) {
        const struct wcp_text_run *run = &result->runs.at[i];

        check_run(a, b, run);
        if (run->in != WCP_RUN_B && run->in != WCP_RUN_B_AGAIN) {
            MUST(run->a_begin >= a_end);
            a_end = run->a_begin;
        }
        if (run->in == WCP_RUN_BOTH) {
            MUST(run->b_begin >= b_end);
            b_end = run->b_begin;
        }
        MUST((run->piece > 0) == (run->in >= WCP_RUN_A_AGAIN));
    }
    check_all_covered(a);
    check_all_covered(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wcp_string texts[2] = { { "", 0 }, { "", 0 } };
    struct wcp_side_by_side result = { .mem = NULL };
    struct wcp_sketcher *sketcher;
    struct side a, b;
    const uint8_t *middle;
    struct wcp_compare_settings settings;
    unsigned shingle;

    if (size < 1)
        return 0;
    shingle = data[0] % (MAX_SHINGLE + 1);
    settings = (struct wcp_compare_settings){ shingle, WCP_SIG_MINHASH,
                                              data[0] > 127, .8 };
    data++;
    size--;
    middle = size > 0 ? memchr(data, 0xFF, size) : NULL;
    texts[0].data = (const char *)data;
    texts[0].len = middle != NULL ? (size_t)(middle - data) : size;
    if (middle != NULL) {
        texts[1].data = (const char *)middle + 1;
        texts[1].len = (size_t)(data + size - middle) - 1;
    }
    for (size_t i = 0; i < 2; i++)
        texts[i].len = fuzz_valid_prefix(texts[i].data, texts[i].len);
    MUST(wcp_sketcher_new(&wcp_memory_libc, shingle, &sketcher, NULL) ==
         WCP_CODE_OK);
    side_init(&a, texts[0], sketcher);
    side_init(&b, texts[1], sketcher);
    MUST(wcp_compare_texts(&result, &wcp_memory_libc, texts, &settings, NULL) ==
         WCP_CODE_OK);
    check(&result, &a, &b);
    wcp_side_by_side_release(&result);
    side_release(&a, sketcher);
    side_release(&b, sketcher);
    wcp_sketcher_free(sketcher);
    return 0;
}
