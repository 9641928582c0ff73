/*
 * test_cuts.c - what can be cut so that of every passage one copy stays
 *
 * Texts are made of pieces that are known, so that the oracle only counts how
 * often a piece stands in what is left.
 */
#include "oracle_passage.h"
#include "support.h"

#include "passage/passage.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 5000, TEXTS = 12, PIECES = 6, MOST_COPIES = 100 };

struct text {
    uint16_t units[MOST];
    uint32_t num;
};

static const struct wcp_passage_limits usual = { 40, 2, .5, 1, 0 };

static void
append(struct text *to, const uint16_t *units, uint32_t num)
{
    CU_ASSERT_FATAL(to->num + num <= MOST);
    memcpy(to->units + to->num, units, num * sizeof *units);
    to->num += num;
}

/* 'from': where the alphabet begins.  What no unit may match by chance has one
 * of its own. */
static void
append_letters(struct test_rng *rng, struct text *to, uint32_t num,
               uint32_t from)
{
    for (uint32_t i = 0; i < num; i++) {
        uint16_t unit = (uint16_t)(from + test_below(rng, 8000));

        append(to, &unit, 1);
    }
}

static void
append_random(struct test_rng *rng, struct text *to, uint32_t num)
{
    append_letters(rng, to, num, 0x4E00);
}

/* Copies of passages in texts, each of which is a document. */
static struct wcp_repetition repeats[MOST_COPIES];
static uint32_t num_repeats;

static void
begin_passages(void)
{
    num_repeats = 0;
}

/* The last 'num' units of the text are a copy of passage 'number'. */
static void
note_copy(const struct text *texts, uint32_t i, uint32_t num, uint32_t number)
{
    CU_ASSERT_FATAL(num_repeats < MOST_COPIES);
    repeats[num_repeats++] = (struct wcp_repetition){ i, i, texts[i].num - num,
                                                      texts[i].num, number };
}

static int
compare_copies(const void *x, const void *y)
{
    const struct wcp_repetition *a = x, *b = y;

    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    if (a->document != b->document)
        return a->document < b->document ? -1 : 1;
    return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* Numbers of passages become those of their first copies. */
static void
end_passages(void)
{
    uint32_t number, first = 0;

    qsort(repeats, num_repeats, sizeof *repeats, compare_copies);
    for (uint32_t i = 0; i < num_repeats; i++) {
        if (i == 0 || repeats[i].first != number)
            first = i;
        number = repeats[i].first;
        repeats[i].first = first;
    }
}

/* Cut the texts; 'left' gets what is left of each, with a 0 for each cut. */
static void
cut_texts(const struct text *texts, uint32_t num, struct text *left)
{
    struct wcp_units units[TEXTS];
    struct wcp_unit_cuts cuts = { 0 };
    size_t at = 0;

    end_passages();
    for (uint32_t i = 0; i < num; i++)
        units[i] = (struct wcp_units){ texts[i].units, texts[i].num, false };
    CU_ASSERT_EQUAL_FATAL(wcp_cuts_find(&cuts, &wcp_memory_libc, units, repeats,
                                        num_repeats, &usual, NULL),
                          WCP_CODE_OK);
    for (uint32_t i = 0; i < num; i++) {
        static const uint16_t gap[1];
        uint32_t begin = 0;

        left[i].num = 0;
        for (; at < cuts.list.num; at++) {
            const struct wcp_unit_cut *cut = &cuts.list.at[at];
            const struct wcp_repetition *repeat = &repeats[cut->repeat];

            if (repeat->document != i)
                break;
            CU_ASSERT(cut->begin >= begin && cut->begin < cut->end);
            CU_ASSERT(cut->begin >= repeat->begin && cut->end <= repeat->end);
            CU_ASSERT(repeat->first != cut->repeat);
            append(&left[i], texts[i].units + begin, cut->begin - begin);
            append(&left[i], gap, 1);
            begin = cut->end;
        }
        append(&left[i], texts[i].units + begin, texts[i].num - begin);
    }
    CU_ASSERT_EQUAL(at, cuts.list.num);
    wcp_unit_cuts_release(&cuts);
}

static size_t
count_in(const struct text *texts, uint32_t num, const uint16_t *units,
         uint32_t num_units)
{
    size_t count = 0;

    for (uint32_t i = 0; i < num; i++)
        count += oracle_count(texts[i].units, texts[i].num, units, num_units);
    return count;
}

static size_t
total(const struct text *texts, uint32_t num)
{
    size_t sum = 0;

    for (uint32_t i = 0; i < num; i++)
        sum += texts[i].num;
    return sum;
}

/* Pieces in random order between text that stands nowhere else: of each piece
 * one copy stays, and nothing else goes. */
static void
test_exact(void)
{
    static struct text pieces[PIECES], texts[TEXTS], left[TEXTS];
    struct test_rng rng = { test_seed() };

    for (int round = 0; round < 30; round++) {
        unsigned used[PIECES] = { 0 };
        size_t want = 0;

        begin_passages();
        for (int p = 0; p < PIECES; p++) {
            pieces[p].num = 0;
            append_random(&rng, &pieces[p],
                          60 + (uint32_t)test_below(&rng, 200));
        }
        for (uint32_t i = 0; i < TEXTS; i++) {
            texts[i].num = 0;
            append_random(&rng, &texts[i], 50 + (uint32_t)test_below(&rng, 60));
            for (uint64_t k = test_below(&rng, 6); k > 0; k--) {
                uint32_t p = (uint32_t)test_below(&rng, PIECES);

                used[p]++;
                append(&texts[i], pieces[p].units, pieces[p].num);
                note_copy(texts, i, pieces[p].num, p);
                append_random(&rng, &texts[i],
                              50 + (uint32_t)test_below(&rng, 60));
            }
        }
        cut_texts(texts, TEXTS, left);
        want = total(texts, TEXTS);
        for (int p = 0; p < PIECES; p++) {
            size_t count =
                count_in(left, TEXTS, pieces[p].units, pieces[p].num);

            if (count != (used[p] > 0))
                fprintf(stderr,
                        "round %d: piece %d of %u units stood %u times, "
                        "%zu are left\n",
                        round, p, pieces[p].num, used[p], count);
            CU_ASSERT_EQUAL(count, used[p] > 0);
            if (used[p] > 0)
                want -= (used[p] - 1) * (size_t)(pieces[p].num - 1);
        }
        CU_ASSERT_EQUAL(total(left, TEXTS), want);
    }
}

/* A piece that is new in a copy, and stands in other texts too. */
static void
test_insertion(void)
{
    static struct text piece, new, texts[4], left[4];
    struct test_rng rng = { test_seed() };

    for (int round = 0; round < 60; round++) {
        uint32_t order[4] = { 0, 1, 2, 3 };
        size_t half;

        piece.num = new.num = 0;
        append_random(&rng, &piece, 200 + (uint32_t)test_below(&rng, 100));
        append_letters(&rng, &new, 50 + (uint32_t)test_below(&rng, 60), 0xAC00);
        half = piece.num / 2;
        for (size_t i = 3; i > 0; i--) {
            size_t k = test_below(&rng, i + 1);
            uint32_t swap = order[i];

            order[i] = order[k];
            order[k] = swap;
        }
        for (int i = 0; i < 4; i++) {
            texts[i].num = 0;
            append_random(&rng, &texts[i], 30);
        }
        begin_passages();
        append(&texts[order[0]], piece.units, piece.num);
        note_copy(texts, order[0], piece.num, 0);
        append(&texts[order[1]], piece.units, (uint32_t)half);
        append(&texts[order[1]], new.units, new.num);
        note_copy(texts, order[1], new.num, 1);
        append(&texts[order[1]], piece.units + half,
               piece.num - (uint32_t)half);
        note_copy(texts, order[1], piece.num + new.num, 0);
        append(&texts[order[2]], new.units, new.num);
        note_copy(texts, order[2], new.num, 1);
        append(&texts[order[3]], piece.units, piece.num);
        note_copy(texts, order[3], piece.num, 0);
        for (int i = 0; i < 4; i++)
            append_random(&rng, &texts[i], 30);
        cut_texts(texts, 4, left);
        CU_ASSERT_EQUAL(count_in(left, 4, new.units, new.num), 1);
        CU_ASSERT_EQUAL(count_in(left, 4, piece.units, (uint32_t)half), 1);
        CU_ASSERT_EQUAL(
            count_in(left, 4, piece.units + half, piece.num - (uint32_t)half),
            1);
    }
}

/* Copies with a unit in thirty changed go as a whole; a form of which every
 * fourth one is filled in anew stays. */
static void
test_changes(void)
{
    static struct text texts[2], left[2];
    static const uint32_t every[] = { 30, 4 };
    struct test_rng rng = { test_seed() };

    for (int round = 0; round < 40; round++) {
        uint32_t step = every[round % 2];

        texts[0].num = texts[1].num = 0;
        append_random(&rng, &texts[0], 600);
        append_random(&rng, &texts[1], 30);
        append(&texts[1], texts[0].units, 600);
        begin_passages();
        note_copy(texts, 0, 600, 0);
        note_copy(texts, 1, 600, 0);
        for (uint32_t i = 30 + step / 2; i + step < 630; i += step)
            texts[1].units[i] = (uint16_t)(0x9000 + test_below(&rng, 99));
        append_random(&rng, &texts[1], 30);
        cut_texts(texts, 2, left);
        CU_ASSERT_EQUAL(left[0].num, 600);
        CU_ASSERT_EQUAL(left[1].num, step == 30 ? 61 : 660);
    }
}

void
suite_cuts(void)
{
    CU_pSuite suite = CU_add_suite("cuts", NULL, NULL);

    CU_ADD_TEST(suite, test_exact);
    CU_ADD_TEST(suite, test_insertion);
    CU_ADD_TEST(suite, test_changes);
}
