/*
 * slots.c - what differs between two texts, for the verdict on them
 *
 * The blocks that both texts have in the same order are the frame; between two
 * of them, before the first and behind the last lies a gap.  Where both texts
 * have something in it, one was put for the other: figures, if most of it is
 * digits in both, or Chinese numerals in both (二百 for 200 is a way of
 * writing, no other figure), or if both are English numbers or days of a
 * month; else words, or a passage if it is long.  Where one text has nothing,
 * the other has an insertion.
 *
 * Where two words are exchanged, the gap holds only what differs: hree and wo,
 * of three and two.  So letters that both have before and behind are tried.
 *
 * What was moved counts where it stands: it is rare, and never short.
 */
#include "group/slots.h"

#include "group/pieces.h"

#include <string.h>

/* The longest that is still words: 20 Han characters, 50 letters. */
enum { MAX_WORDS = 20 * WCP_WEIGHT_HAN };

enum numeral { NO_NUMERAL, ARABIC, CHINESE };

static enum numeral
numeral_of(uint16_t u)
{
    if (wcp_is_digit(u))
        return ARABIC;
    return wcp_is_chinese_numeral(u) ? CHINESE : NO_NUMERAL;
}

/* What a stretch mostly is. */
static enum numeral
numerals_of(const struct wcp_folded *text, uint32_t begin, uint32_t end)
{
    uint32_t nums[3] = { 0, 0, 0 };

    for (uint32_t i = begin; i < end; i++)
        nums[numeral_of(text->units[i])]++;
    if (2 * nums[ARABIC] >= end - begin)
        return ARABIC;
    return 2 * nums[CHINESE] >= end - begin ? CHINESE : NO_NUMERAL;
}

/* ---- figures in English ---- */

enum { MAX_LETTERS = 12, MAX_AROUND = 5 };

/* What stands in a gap: a number or a month, and digits. */
struct figure {
    uint32_t word;   /* 0: none */
    uint32_t digits; /* as a number; of more than nine the last */
    bool has_digits;
};

/* Whether a stretch is a figure and nothing else. */
static bool
read_figure(const struct wcp_folded *text, uint32_t begin, uint32_t end,
            struct figure *figure)
{
    char letters[MAX_LETTERS + 1];
    size_t num = 0;

    *figure = (struct figure){ 0 };
    for (uint32_t i = begin; i < end; i++) {
        const uint16_t u = text->units[i];

        if (wcp_is_digit(u)) {
            figure->has_digits = true;
            figure->digits = figure->digits % 100000000 * 10 + (u - '0');
        } else if (u >= 'a' && u <= 'z' && num < MAX_LETTERS) {
            letters[num++] = (char)u;
        } else {
            return false;
        }
    }
    letters[num] = '\0';
    figure->word = num > 0 ? wcp_number_word(letters) : 0;
    return num > 0 ? figure->word > 0 : figure->has_digits;
}

/* One figure, written in two ways. */
static bool
is_same_figure(const struct figure *x, const struct figure *y)
{
    return (!x->has_digits && y->word == 0 && x->word == y->digits) ||
           (!y->has_digits && x->word == 0 && y->word == x->digits);
}

/* Whether both stretches are figures, with some of the letters around them. */
static bool
are_figures(const struct wcp_folded *const sides[2], const uint32_t begins[2],
            const uint32_t ends[2])
{
    const uint32_t rest[2] = { (uint32_t)sides[0]->num - ends[0],
                               (uint32_t)sides[1]->num - ends[1] };

    if (ends[0] - begins[0] > MAX_LETTERS || ends[1] - begins[1] > MAX_LETTERS)
        return false;
    for (uint32_t l = 0; l <= MAX_AROUND; l++)
        for (uint32_t r = 0; r <= MAX_AROUND; r++) {
            struct figure x, y;

            if (l <= begins[0] && l <= begins[1] && r <= rest[0] &&
                r <= rest[1] &&
                read_figure(sides[0], begins[0] - l, ends[0] + r, &x) &&
                read_figure(sides[1], begins[1] - l, ends[1] + r, &y))
                return !is_same_figure(&x, &y);
        }
    return false;
}

/* ---- gaps ---- */

static uint64_t
weigh(const struct wcp_folded *text, uint32_t begin, uint32_t end)
{
    const struct wcp_units units = { text->units, (uint32_t)text->num, false };

    return wcp_units_weight(&units, begin, end);
}

static void
add_gap(struct wcp_slots *slots, const struct wcp_folded *const sides[2],
        const uint32_t begins[2], const uint32_t ends[2])
{
    uint64_t weights[2];
    enum numeral numerals;

    for (int i = 0; i < 2; i++)
        weights[i] = weigh(sides[i], begins[i], ends[i]);
    if (weights[0] == 0 && weights[1] == 0)
        return;
    if (weights[0] == 0 || weights[1] == 0) {
        slots->num_inserted++;
        slots->inserted += weights[0] + weights[1];
        return;
    }
    slots->replaced += weights[0] + weights[1];
    numerals = numerals_of(sides[0], begins[0], ends[0]);
    if ((numerals != NO_NUMERAL &&
         numerals == numerals_of(sides[1], begins[1], ends[1])) ||
        are_figures(sides, begins, ends))
        slots->num_figures++;
    else if (weights[0] <= MAX_WORDS && weights[1] <= MAX_WORDS)
        slots->num_words++;
    else
        slots->num_passages++;
}

/* The shorter text first; of equally long ones the lesser. */
static bool
is_first(const struct wcp_folded *a, const struct wcp_folded *b)
{
    if (a->num != b->num)
        return a->num < b->num;
    return a->num == 0 ||
           memcmp(a->units, b->units, a->num * sizeof *a->units) <= 0;
}

static enum wcp_code
find(struct wcp_slots *slots, const struct wcp_memory *mem,
     const struct wcp_folded *a, const struct wcp_folded *b,
     enum wcp_pieces_want want, struct wcp_fault *fault)
{
    const struct wcp_folded *const sides[2] = { is_first(a, b) ? a : b,
                                                is_first(a, b) ? b : a };
    uint32_t at[2] = { 0, 0 };
    struct wcp_pieces pieces;
    enum wcp_code code =
        wcp_pieces_find(&pieces, mem, sides[0], sides[1], want, fault);

    if (code != WCP_CODE_OK)
        return code;
    *slots = (struct wcp_slots){ .known = true };
    for (size_t i = 0; i < pieces.blocks.num; i++) {
        const struct wcp_piece_block *block = &pieces.blocks.at[i];
        const uint32_t ends[2] = { block->a, block->b };

        if (block->kind != WCP_BLOCK_MAIN)
            continue;
        add_gap(slots, sides, at, ends);
        slots->frame += weigh(sides[0], block->a, block->a + block->num);
        at[0] = block->a + block->num;
        at[1] = block->b + block->num;
    }
    add_gap(
        slots, sides, at,
        (const uint32_t[]){ (uint32_t)sides[0]->num, (uint32_t)sides[1]->num });
    wcp_pieces_release(&pieces);
    return WCP_CODE_OK;
}

enum wcp_code
wcp_slots_find(struct wcp_slots *slots, const struct wcp_memory *mem,
               const struct wcp_folded *a, const struct wcp_folded *b,
               struct wcp_fault *fault)
{
    return find(slots, mem, a, b, WCP_PIECES_MAIN, fault);
}

enum wcp_code
wcp_slots_weigh(struct wcp_slots *slots, const struct wcp_memory *mem,
                const struct wcp_folded *a, const struct wcp_folded *b,
                struct wcp_fault *fault)
{
    return find(slots, mem, a, b, WCP_PIECES_MAIN_ROUGHLY, fault);
}
