/*
 * compare.c - two texts side by side: how alike, and where
 *
 * What they share comes from pieces.c; the rest of either is what only that
 * one has.
 */
#include "group/compare.h"

#include "group/pieces.h"
#include "group/rest.h"
#include "group/slots.h"

#include <stdlib.h>
#include <string.h>

static bool
is_low_surrogate(uint16_t u)
{
    return (u & 0xFC00) == 0xDC00;
}

static uint32_t
count_characters(const struct wcp_folded *folded, size_t at, size_t num)
{
    uint32_t count = 0;

    for (size_t i = at; i < at + num; i++)
        count += !is_low_surrogate(folded->units[i]);
    return count;
}

/* ---- how alike ---- */

static unsigned
count_bits(uint64_t bits)
{
    unsigned num = 0;

    for (; bits != 0; bits &= bits - 1)
        num++;
    return num;
}

static void
compare_signatures(const struct wcp_folded *const sides[2],
                   struct wcp_sketcher *sketcher, enum wcp_signature_kind kind,
                   struct wcp_likeness *likeness)
{
    unsigned wanted = (kind == WCP_SIG_MINHASH_CLASSIC ? WCP_WANT_CLASSIC
                                                       : WCP_WANT_MINHASH) |
                      WCP_WANT_SIMHASH;
    struct wcp_signature sigs[2];

    for (int i = 0; i < 2; i++)
        wcp_sketch(sketcher, sides[i]->units, sides[i]->num, wanted, &sigs[i]);
    for (int i = 0; i < WCP_NUM_BINS; i++)
        likeness->equal_values += sigs[0].minhash[i] == sigs[1].minhash[i];
    likeness->simhash_distance = count_bits(sigs[0].simhash ^ sigs[1].simhash);
}

static enum wcp_code
measure(const struct wcp_memory *mem, const struct wcp_folded *const sides[2],
        const struct wcp_compare_settings *settings,
        struct wcp_likeness *likeness, struct wcp_fault *fault)
{
    const struct wcp_folded *a = sides[0];
    const struct wcp_folded *b = sides[1];
    struct wcp_shingle_set sets[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
    struct wcp_sketcher *sketcher = NULL;
    enum wcp_code code =
        wcp_sketcher_new(mem, settings->shingle, &sketcher, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (wcp_shingle_set_make(sketcher, a->units, a->num, &sets[0]) &&
        wcp_shingle_set_make(sketcher, b->units, b->num, &sets[1])) {
        likeness->overlap = (struct wcp_overlap){
            (uint32_t)wcp_shingle_set_common(&sets[0], &sets[1]),
            (uint32_t)sets[0].num, (uint32_t)sets[1].num
        };
        compare_signatures(sides, sketcher, settings->kind, likeness);
    } else {
        code = wcp_no_memory(fault);
    }
    wcp_shingle_set_release(sketcher, &sets[0]);
    wcp_shingle_set_release(sketcher, &sets[1]);
    wcp_sketcher_free(sketcher);
    likeness->a_length = count_characters(a, 0, a->num);
    likeness->b_length = count_characters(b, 0, b->num);
    likeness->same_text =
        a->num > 0 && a->num == b->num &&
        memcmp(a->units, b->units, a->num * sizeof *a->units) == 0;
    return code;
}

/* The same texts are aligned as in judge.c, so that the verdict is the same. */
static enum wcp_code
find_slots(const struct wcp_memory *mem,
           const struct wcp_folded *const sides[2], double threshold,
           struct wcp_likeness *likeness, struct wcp_fault *fault)
{
    const struct wcp_overlap *overlap = &likeness->overlap;
    const uint32_t least =
        overlap->size_a < overlap->size_b ? overlap->size_a : overlap->size_b;
    const size_t a = sides[0]->num, b = sides[1]->num;

    if (threshold <= 0 || least == 0 || overlap->common == least ||
        wcp_overlap_share(overlap->common, least) < threshold ||
        a > WCP_SLOTS_MAX_UNITS || b > WCP_SLOTS_MAX_UNITS ||
        a / WCP_SLOTS_MAX_RATIO > b || b / WCP_SLOTS_MAX_RATIO > a)
        return WCP_CODE_OK;
    return wcp_slots_find(&likeness->slots, mem, sides[0], sides[1], fault);
}

/* The texts have their offsets. */
static enum wcp_code
find_rest(const struct wcp_memory *mem, const struct wcp_string texts[2],
          const struct wcp_folded folded[2], struct wcp_likeness *likeness,
          struct wcp_fault *fault)
{
    const int page =
        likeness->overlap.size_a > likeness->overlap.size_b ? 0 : 1;

    return wcp_rest_find(&likeness->rest, mem, &folded[1 - page], texts[page],
                         &folded[page], fault);
}

/* ---- runs ---- */

static void
locate(const struct wcp_folded *folded, size_t at, size_t num,
       uint32_t *begin_ret, uint32_t *end_ret)
{
    *begin_ret = folded->begins[at];
    *end_ret = folded->ends[at + num - 1];
}

/* Units of a sentence behind which it is cut at a word, and anywhere. */
enum { LONG_SENTENCE = 150, TOO_LONG_SENTENCE = 300 };

/* Walks both texts, the main blocks being where they meet. */
struct laying {
    struct wcp_side_by_side *result;
    const struct wcp_folded *sides[2];
    const struct wcp_string *texts;
    bool sentences;                            /* runs are to be cut */
    const struct wcp_piece_block **by_side[2]; /* blocks that are its own */
    size_t num[2], next[2];                    /* of by_side */
    uint32_t at[2];                            /* units that are laid out */
    uint32_t sentence;                         /* units of the one at hand */
    bool no_memory;
};

/* Units that stand in one text or both. */
struct stretch {
    enum wcp_run_kind in;
    uint32_t piece;
    bool has[2];
    uint32_t at[2], num;
};

static enum wcp_break
break_behind(const struct laying *laying, const struct stretch *stretch,
             uint32_t num)
{
    enum wcp_break best = WCP_BREAK_NONE;
    bool all_end = true;

    for (int side = 0; side < 2; side++) {
        const struct wcp_folded *folded = laying->sides[side];
        size_t last = (size_t)stretch->at[side] + num - 1;
        enum wcp_break found;

        /* Where one of two texts was cut off, the other goes on. */
        if (!stretch->has[side] || last + 1 == folded->num)
            continue;
        all_end = false;
        if (is_low_surrogate(folded->units[last + 1]))
            return WCP_BREAK_NONE;
        found = wcp_break_between(laying->texts[side], folded->ends[last],
                                  folded->begins[last + 1]);
        best = found > best ? found : best;
    }
    return all_end ? WCP_BREAK_SENTENCE : best;
}

static void
lay_run(struct laying *laying, const struct stretch *stretch, bool ends)
{
    struct wcp_side_by_side *result = laying->result;
    int side = stretch->has[0] ? 0 : 1;
    struct wcp_text_run *run;

    if (!wcp_array_grow(result->mem, &result->runs)) {
        laying->no_memory = true;
        return;
    }
    run = &result->runs.at[result->runs.num++];
    *run = (struct wcp_text_run){
        .in = stretch->in,
        .piece = stretch->piece,
        .length = count_characters(laying->sides[side], stretch->at[side],
                                   stretch->num),
        .ends_sentence = ends,
    };
    if (stretch->has[0])
        locate(laying->sides[0], stretch->at[0], stretch->num, &run->a_begin,
               &run->a_end);
    if (stretch->has[1])
        locate(laying->sides[1], stretch->at[1], stretch->num, &run->b_begin,
               &run->b_end);
}

/* Units of the stretch up to the next end of a sentence. */
static uint32_t
find_cut(struct laying *laying, const struct stretch *stretch, bool *ends_ret)
{
    for (uint32_t num = 1; num <= stretch->num; num++) {
        enum wcp_break found = break_behind(laying, stretch, num);
        uint32_t len = ++laying->sentence;

        if (found == WCP_BREAK_SENTENCE ||
            (len >= LONG_SENTENCE && found == WCP_BREAK_WORD) ||
            (len >= TOO_LONG_SENTENCE && num < stretch->num &&
             !is_low_surrogate(
                 laying->sides[stretch->has[0] ? 0 : 1]
                     ->units[stretch->at[stretch->has[0] ? 0 : 1] + num]))) {
            laying->sentence = 0;
            *ends_ret = true;
            return num;
        }
    }
    return stretch->num;
}

static void
lay_stretch(struct laying *laying, struct stretch stretch)
{
    uint32_t left = stretch.num;

    while (left > 0) {
        bool ends = false;

        stretch.num = left;
        if (laying->sentences)
            stretch.num = find_cut(laying, &stretch, &ends);
        else
            ends = break_behind(laying, &stretch, left) == WCP_BREAK_SENTENCE;
        lay_run(laying, &stretch, ends);
        left -= stretch.num;
        stretch.at[0] += stretch.num;
        stretch.at[1] += stretch.num;
    }
}

/* What only one text has up to 'end'. */
static void
lay_alone(struct laying *laying, int side, uint32_t end)
{
    uint32_t at = laying->at[side];
    struct stretch stretch = { .in = side == 0 ? WCP_RUN_A : WCP_RUN_B,
                               .num = end > at ? end - at : 0 };

    stretch.has[side] = true;
    stretch.at[side] = at;
    laying->at[side] = end;
    lay_stretch(laying, stretch);
}

static void
lay_block(struct laying *laying, const struct wcp_piece_block *block)
{
    static const enum wcp_run_kind kinds[] = {
        [WCP_BLOCK_MAIN] = WCP_RUN_BOTH,
        [WCP_BLOCK_MOVED] = WCP_RUN_MOVED,
        [WCP_BLOCK_A_AGAIN] = WCP_RUN_A_AGAIN,
        [WCP_BLOCK_B_AGAIN] = WCP_RUN_B_AGAIN,
    };

    lay_stretch(laying, (struct stretch){ .in = kinds[block->kind],
                                          .piece = block->piece,
                                          .has = { true, true },
                                          .at = { block->a, block->b },
                                          .num = block->num });
}

/* All of one side up to its next main block, or to its end.  What was moved is
 * a run where a has it. */
static void
lay_side(struct laying *laying, int side)
{
    while (laying->next[side] < laying->num[side]) {
        const struct wcp_piece_block *block =
            laying->by_side[side][laying->next[side]];

        lay_alone(laying, side, side == 0 ? block->a : block->b);
        if (block->kind == WCP_BLOCK_MAIN)
            return;
        if (side == 0 || block->kind == WCP_BLOCK_B_AGAIN)
            lay_block(laying, block);
        laying->at[side] = (side == 0 ? block->a : block->b) + block->num;
        laying->next[side]++;
    }
    lay_alone(laying, side, (uint32_t)laying->sides[side]->num);
}

static void
lay_out(struct laying *laying)
{
    for (;;) {
        const struct wcp_piece_block *block;

        lay_side(laying, 0);
        lay_side(laying, 1);
        if (laying->next[0] == laying->num[0])
            return;
        block = laying->by_side[0][laying->next[0]++];
        laying->next[1]++;
        lay_block(laying, block);
        laying->at[0] = block->a + block->num;
        laying->at[1] = block->b + block->num;
    }
}

static int
compare_by_b(const void *x, const void *y)
{
    const struct wcp_piece_block *p = *(const struct wcp_piece_block *const *)x;
    const struct wcp_piece_block *q = *(const struct wcp_piece_block *const *)y;

    return p->b < q->b ? -1 : p->b > q->b;
}

/* The blocks that each side has for its own: a's again are none of b. */
static void
deal_out(struct laying *laying, const struct wcp_pieces *pieces)
{
    for (size_t i = 0; i < pieces->blocks.num; i++) {
        const struct wcp_piece_block *block = &pieces->blocks.at[i];

        if (block->kind != WCP_BLOCK_B_AGAIN)
            laying->by_side[0][laying->num[0]++] = block;
        if (block->kind != WCP_BLOCK_A_AGAIN)
            laying->by_side[1][laying->num[1]++] = block;
    }
    if (laying->num[1] > 0)
        qsort(laying->by_side[1], laying->num[1],
              sizeof(struct wcp_piece_block *), compare_by_b);
}

/* Pieces are numbered as their runs come. */
static bool
number_pieces(struct wcp_side_by_side *result)
{
    uint32_t most = 0, num = 0;
    uint32_t *numbers;

    for (size_t i = 0; i < result->runs.num; i++)
        if (result->runs.at[i].piece > most)
            most = result->runs.at[i].piece;
    numbers = wcp_new_zeroed(result->mem, (size_t)most + 1, sizeof *numbers);
    for (size_t i = 0; numbers != NULL && i < result->runs.num; i++) {
        uint32_t *piece = &result->runs.at[i].piece;

        if (*piece == 0)
            continue;
        if (numbers[*piece] == 0)
            numbers[*piece] = ++num;
        *piece = numbers[*piece];
    }
    wcp_free_array(result->mem, numbers, (size_t)most + 1, sizeof *numbers);
    return numbers != NULL;
}

/* The runs that these blocks make. */
static enum wcp_code
make_runs(struct laying *laying, const struct wcp_pieces *pieces,
          struct wcp_fault *fault)
{
    struct wcp_side_by_side *result = laying->result;
    size_t most = pieces->blocks.num;
    bool made = true;

    for (int i = 0; i < 2; i++) {
        laying->by_side[i] =
            wcp_new_array(result->mem, most, sizeof(struct wcp_piece_block *));
        made = made && laying->by_side[i] != NULL;
    }
    if (made) {
        deal_out(laying, pieces);
        lay_out(laying);
        made = !laying->no_memory && number_pieces(result);
    }
    for (int i = 0; i < 2; i++)
        wcp_free_array(result->mem, laying->by_side[i], most,
                       sizeof(struct wcp_piece_block *));
    return made ? WCP_CODE_OK : wcp_no_memory(fault);
}

/* The texts are folded again for their offsets, which take four times as much
 * as the letters, once all else that is large has been released. */
static enum wcp_code
find_runs(struct wcp_side_by_side *result, const struct wcp_string texts[2],
          struct wcp_folded folded[2], bool sentences, struct wcp_fault *fault)
{
    struct laying laying = { .result = result,
                             .sides = { &folded[0], &folded[1] },
                             .texts = texts,
                             .sentences = sentences };
    struct wcp_pieces pieces;
    enum wcp_code code = wcp_pieces_find(&pieces, result->mem, &folded[0],
                                         &folded[1], WCP_PIECES_ALL, fault);

    if (code != WCP_CODE_OK)
        return code;
    for (int i = 0; i < 2; i++)
        if (code == WCP_CODE_OK &&
            !wcp_fold_with_offsets(&folded[i], texts[i].data, texts[i].len))
            code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = make_runs(&laying, &pieces, fault);
    wcp_pieces_release(&pieces);
    return code;
}

enum wcp_code
wcp_compare_texts(struct wcp_side_by_side *result, const struct wcp_memory *mem,
                  const struct wcp_string texts[2],
                  const struct wcp_compare_settings *settings,
                  struct wcp_fault *fault)
{
    struct wcp_folded folded[2];
    const struct wcp_folded *const sides[2] = { &folded[0], &folded[1] };
    enum wcp_code code = WCP_CODE_OK;

    *result = (struct wcp_side_by_side){ .mem = mem };
    for (int i = 0; i < 2; i++) {
        wcp_folded_init(&folded[i], mem);
        if (code == WCP_CODE_OK && texts[i].len >= UINT32_MAX)
            code = wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                            "a text of 4 GiB or more");
        if (code == WCP_CODE_OK &&
            !wcp_fold(&folded[i], texts[i].data, texts[i].len))
            code = wcp_no_memory(fault);
    }
    if (code == WCP_CODE_OK)
        code = measure(mem, sides, settings, &result->likeness, fault);
    if (code == WCP_CODE_OK)
        code = find_slots(mem, sides, settings->threshold, &result->likeness,
                          fault);
    if (code == WCP_CODE_OK)
        code = find_runs(result, texts, folded, settings->sentences, fault);
    if (code == WCP_CODE_OK && settings->threshold > 0)
        code = find_rest(mem, texts, folded, &result->likeness, fault);
    for (int i = 0; i < 2; i++)
        wcp_folded_release(&folded[i]);
    if (code != WCP_CODE_OK)
        wcp_side_by_side_release(result);
    return code;
}

void
wcp_side_by_side_release(struct wcp_side_by_side *result)
{
    if (result->mem == NULL)
        return;
    wcp_array_release(result->mem, &result->runs);
}
