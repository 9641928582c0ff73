/*
 * test_passages.c - passages of many texts: what was planted, nothing else,
 * the same for any number of threads
 */
#include "oracle_passage.h"
#include "support.h"

#include "passage/passage.h"

#include <CUnit/CUnit.h>
#include <string.h>

enum { NUM_TEXTS = 40, MOST = 4000 };

/* Texts in the making. */
struct corpus {
    uint16_t units[NUM_TEXTS][MOST];
    struct wcp_units texts[NUM_TEXTS];
};

static const struct wcp_passage_limits usual = { 40, 2, .5, 2, 0 };

static void
begin_corpus(struct corpus *corpus)
{
    for (int i = 0; i < NUM_TEXTS; i++)
        corpus->texts[i] = (struct wcp_units){ corpus->units[i], 0, false };
}

static void
append_random(struct test_rng *rng, struct corpus *corpus, int text,
              uint32_t num)
{
    for (uint32_t i = 0; i < num; i++)
        corpus->units[text][corpus->texts[text].num++] =
            (uint16_t)(0x4E00 + test_below(rng, 3000));
}

static void
append(struct corpus *corpus, int text, const uint16_t *units, uint32_t num)
{
    memcpy(corpus->units[text] + corpus->texts[text].num, units,
           num * sizeof *units);
    corpus->texts[text].num += num;
}

static void
find(struct wcp_passages *found, const struct corpus *corpus,
     const uint32_t *counts, uint32_t num,
     const struct wcp_passage_limits *limits)
{
    CU_ASSERT_EQUAL_FATAL(wcp_passages_find(found, &wcp_memory_libc,
                                            corpus->texts, counts, num, limits,
                                            NULL),
                          WCP_CODE_OK);
}

/* What holds of any result. */
static void
check_form(const struct wcp_passages *found, const struct corpus *corpus)
{
    for (size_t i = 0; i < found->list.num; i++) {
        const struct wcp_text_passage *passage = &found->list.at[i];
        const struct wcp_text_copy *copies = found->copies.at + passage->first;

        CU_ASSERT_FATAL(passage->num > 0);
        CU_ASSERT(passage->num_copies >= passage->num);
        CU_ASSERT(i == 0 || passage[-1].num_copies * passage[-1].length >=
                                passage->num_copies * passage->length);
        for (size_t k = 0; k < passage->num; k++) {
            CU_ASSERT(copies[k].begin < copies[k].end);
            CU_ASSERT(copies[k].end <= corpus->texts[copies[k].text].num);
            CU_ASSERT(k == 0 || copies[k].text > copies[k - 1].text ||
                      (copies[k].text == copies[k - 1].text &&
                       copies[k].begin >= copies[k - 1].end));
        }
    }
}

/* One passage in several texts, and a part of it in more. */
static void
test_nested(void)
{
    struct test_rng rng = { test_seed() };
    static struct corpus corpus;
    uint16_t guards[NUM_TEXTS]; /* beside copies; no two are alike */

    for (int i = 0; i < NUM_TEXTS; i++)
        guards[i] = (uint16_t)(0x8000 + i);
    for (int round = 0; round < 20; round++) {
        struct wcp_passages found;
        const struct wcp_text_copy *copies;
        uint16_t passage[300];

        begin_corpus(&corpus);
        append_random(&rng, &corpus, 0, 300);
        memcpy(passage, corpus.units[0], sizeof passage);
        begin_corpus(&corpus);
        for (int i = 0; i < NUM_TEXTS; i++) {
            append_random(&rng, &corpus, i, 199);
            append(&corpus, i, &guards[i], 1);
            if (i % 4 == 0)
                append(&corpus, i, passage, 300);
            else if (i % 4 == 1)
                append(&corpus, i, passage + 100, 90);
            append(&corpus, i, &guards[i], 1);
            append_random(&rng, &corpus, i, 100);
        }
        find(&found, &corpus, NULL, NUM_TEXTS, &usual);
        check_form(&found, &corpus);
        CU_ASSERT_EQUAL_FATAL(found.list.num, 2);
        CU_ASSERT_EQUAL(found.list.at[0].num, NUM_TEXTS / 4);
        CU_ASSERT_EQUAL(found.list.at[0].length, 300);
        CU_ASSERT_EQUAL(found.list.at[1].num, NUM_TEXTS / 2);
        CU_ASSERT_EQUAL(found.list.at[1].length, 90);
        copies = found.copies.at + found.list.at[0].first;
        for (size_t k = 0; k < found.list.at[0].num; k++)
            CU_ASSERT(copies[k].text == 4 * k && copies[k].begin == 200 &&
                      copies[k].end == 500 && copies[k].similarity == 1);
        copies = found.copies.at + found.list.at[1].first;
        for (size_t k = 0; k < found.list.at[1].num; k++)
            CU_ASSERT(copies[k].text == k / 2 * 4 + k % 2 &&
                      copies[k].begin == (k % 2 == 0 ? 300u : 200u) &&
                      copies[k].end == (k % 2 == 0 ? 390u : 290u));
        wcp_passages_release(&found);
    }
}

/* Twice in one text; and texts that stand in the corpus more than once. */
static void
test_one_text(void)
{
    struct test_rng rng = { test_seed() + 1 };
    static struct corpus corpus;
    const uint32_t counts[2] = { 1, 3 };
    struct wcp_passages found;

    begin_corpus(&corpus);
    append_random(&rng, &corpus, 0, 300);
    append(&corpus, 0, corpus.units[0] + 50, 120);
    append_random(&rng, &corpus, 1, 90);
    find(&found, &corpus, counts, 2, &usual);
    check_form(&found, &corpus);
    CU_ASSERT_EQUAL_FATAL(found.list.num, 2);
    CU_ASSERT_EQUAL(found.list.at[0].num_copies, 3);
    CU_ASSERT_EQUAL(found.list.at[0].num, 1);
    CU_ASSERT_EQUAL(found.list.at[0].length, 90);
    CU_ASSERT_EQUAL(found.list.at[1].num_copies, 2);
    CU_ASSERT_EQUAL(found.list.at[1].length, 120);
    CU_ASSERT_EQUAL(found.copies.at[found.list.at[1].first].begin, 50);
    CU_ASSERT_EQUAL(found.copies.at[found.list.at[1].first + 1].begin, 300);
    wcp_passages_release(&found);
}

/* A text that repeats itself is no copy of itself where it overlaps. */
static void
test_periods(void)
{
    struct test_rng rng = { test_seed() + 2 };
    static struct corpus corpus;

    for (uint32_t period = 1; period < 120; period += 1 + period / 8) {
        struct wcp_passages found;

        begin_corpus(&corpus);
        append_random(&rng, &corpus, 0, period);
        while (corpus.texts[0].num + period <= 1500)
            append(&corpus, 0, corpus.units[0], period);
        find(&found, &corpus, NULL, 1, &usual);
        check_form(&found, &corpus);
        if (period >= 40)
            CU_ASSERT(found.list.num > 0);
        wcp_passages_release(&found);
    }
}

/*
 * Runs of 40 that stand in two texts lie in copies of passages.  Pieces of
 * pieces that overlap at random make sets of copies that are unlike the first
 * of them, so some of that is lost.
 */
struct covering {
    uint8_t covered[NUM_TEXTS][MOST];
    int text, other;
    size_t num, num_covered; /* units of runs */
};

static void
check_run(void *ctx, const struct oracle_run *run)
{
    struct covering *c = ctx;

    for (size_t i = 0; i < run->num; i++) {
        c->num_covered += c->covered[c->text][run->a + i];
        c->num_covered += c->covered[c->other][run->b + i];
    }
    c->num += 2 * run->num;
}

static void
test_all_runs(void)
{
    struct test_rng rng = { test_seed() + 3 };
    static struct corpus corpus;
    static struct covering covering;
    enum { NUM = 12 };

    for (int round = 0; round < 10; round++) {
        struct wcp_passages found, alone;
        struct wcp_passage_limits limits = usual;

        begin_corpus(&corpus);
        append_random(&rng, &corpus, 0, 1200);
        for (int i = 1; i < NUM; i++)
            for (int piece = 0; piece < 5; piece++) {
                uint32_t num = 40 + (uint32_t)test_below(&rng, 80);
                int from = (int)test_below(&rng, (uint64_t)i);
                uint32_t at =
                    (uint32_t)test_below(&rng, corpus.texts[from].num - num);

                append_random(&rng, &corpus, i, 30);
                append(&corpus, i, corpus.units[from] + at, num);
            }
        find(&found, &corpus, NULL, NUM, &limits);
        check_form(&found, &corpus);
        memset(&covering, 0, sizeof covering);
        for (size_t i = 0; i < found.copies.num; i++) {
            const struct wcp_text_copy *copy = &found.copies.at[i];

            memset(covering.covered[copy->text] + copy->begin, 1,
                   copy->end - copy->begin);
        }
        for (covering.text = 1; covering.text < NUM; covering.text++)
            for (covering.other = 0; covering.other < covering.text;
                 covering.other++)
                oracle_runs(corpus.units[covering.text],
                            corpus.texts[covering.text].num,
                            corpus.units[covering.other],
                            corpus.texts[covering.other].num, 40, check_run,
                            &covering);
        CU_ASSERT(covering.num_covered * 4 >= covering.num * 3);
        limits.num_threads = 1;
        find(&alone, &corpus, NULL, NUM, &limits);
        CU_ASSERT_EQUAL_FATAL(alone.copies.num, found.copies.num);
        for (size_t i = 0; i < found.copies.num; i++)
            CU_ASSERT(alone.copies.at[i].text == found.copies.at[i].text &&
                      alone.copies.at[i].begin == found.copies.at[i].begin &&
                      alone.copies.at[i].end == found.copies.at[i].end);
        wcp_passages_release(&found);
        wcp_passages_release(&alone);
    }
}

/* ---- either order ---- */

/* A passage to plant, what is put between its pieces, and where it is. */
struct planting {
    uint16_t passage[700], label[24];
    uint32_t num, num_label;
    int labelled; /* the copy with labels: in two copies they might be taken
                     for text that was moved */
    uint32_t begins[4], ends[4]; /* of the copies in both texts */
    int texts[4], num_copies;
};

/* A sentence that stands in one copy only: anything, a label that the page has
 * elsewhere too, or some of the passage itself. */
static void
append_sentence(struct test_rng *rng, struct corpus *corpus, int text,
                const struct planting *p)
{
    uint32_t num = 8 + (uint32_t)test_below(rng, 22);

    switch (test_below(rng, p->labelled == p->num_copies ? 3 : 2)) {
    case 0:
        append_random(rng, corpus, text, num);
        break;
    case 1:
        append(corpus, text, p->passage + test_below(rng, p->num - num), num);
        break;
    default:
        append(corpus, text, p->label, p->num_label);
    }
}

/* Append a copy, with a sentence every now and then. */
static void
plant(struct test_rng *rng, struct corpus *corpus, int text, bool inserts,
      struct planting *p)
{
    uint32_t at = 0;

    p->texts[p->num_copies] = text;
    p->begins[p->num_copies] = corpus->texts[text].num;
    while (inserts && p->num - at > 200) {
        uint32_t num = 60 + (uint32_t)test_below(rng, 80);

        append(corpus, text, p->passage + at, num);
        append_sentence(rng, corpus, text, p);
        at += num;
    }
    append(corpus, text, p->passage + at, p->num - at);
    p->ends[p->num_copies++] = corpus->texts[text].num;
}

/* The page around copies: a label, else different everywhere. */
static void
append_page(struct test_rng *rng, struct corpus *corpus, int text,
            const struct planting *p)
{
    append_random(rng, corpus, text, 150);
    append(corpus, text, p->label, p->num_label);
    append_random(rng, corpus, text, 150);
}

static bool
is_near(uint32_t x, uint32_t y)
{
    return x <= y + 5 && y <= x + 5;
}

static bool
has_planted(const struct wcp_passages *found, size_t number,
            const struct planting *p, int copy)
{
    const struct wcp_text_passage *passage = &found->list.at[number];

    for (size_t i = passage->first; i < passage->first + passage->num; i++) {
        const struct wcp_text_copy *at = &found->copies.at[i];

        if (at->text == (uint32_t)p->texts[copy] &&
            is_near(at->begin, p->begins[copy]) &&
            is_near(at->end, p->ends[copy]))
            return true;
    }
    return false;
}

/* Do all copies belong to one passage, in this order of the two texts? */
static bool
are_found(const struct corpus *corpus, const struct planting *p)
{
    struct wcp_passages found;
    bool any = false;

    find(&found, corpus, NULL, 2, &usual);
    check_form(&found, corpus);
    for (size_t i = 0; i < found.list.num && !any; i++) {
        int num = 0;

        while (num < p->num_copies && has_planted(&found, i, p, num))
            num++;
        any = num == p->num_copies;
    }
    wcp_passages_release(&found);
    return any;
}

/* What two texts share does not depend on which of them comes first, whatever
 * was inserted in the one, in the other or in both. */
static void
test_either_order(void)
{
    struct test_rng rng = { test_seed() + 4 };
    static struct corpus corpus;
    struct planting p;
    int num_found = 0;

    for (unsigned round = 0; round < 128; round++) {
        struct wcp_units text;

        begin_corpus(&corpus);
        append_random(&rng, &corpus, 0, 700 + sizeof p.label / 2);
        memcpy(p.passage, corpus.units[0], sizeof p.passage);
        memcpy(p.label, corpus.units[0] + 700, sizeof p.label);
        p.num = 240 + (uint32_t)test_below(&rng, 460);
        p.num_label = 8 + (uint32_t)test_below(&rng, 16);
        p.num_copies = 0;
        p.labelled = (int)test_below(&rng, 4);
        begin_corpus(&corpus);
        for (int i = 0; i < 2; i++) {
            append_page(&rng, &corpus, i, &p);
            plant(&rng, &corpus, i, round >> i & 1, &p);
            append_page(&rng, &corpus, i, &p);
            if (round >> (i + 2) & 1) {
                plant(&rng, &corpus, i, round >> (i + 4) & 1, &p);
                append_page(&rng, &corpus, i, &p);
            }
        }
        num_found += are_found(&corpus, &p);
        text = corpus.texts[0];
        corpus.texts[0] = corpus.texts[1];
        corpus.texts[1] = text;
        for (int i = 0; i < p.num_copies; i++)
            p.texts[i] = 1 - p.texts[i];
        num_found += are_found(&corpus, &p);
    }
    /* Two sentences that were taken from the same part of the passage may be
     * taken for text that was moved, one time in some thousands. */
    CU_ASSERT(num_found >= 254);
}

/* ---- every copy ---- */

/* Is there a copy at just this place? */
static bool
has_copy(const struct wcp_passages *found, uint32_t text, uint32_t begin,
         uint32_t end)
{
    for (size_t i = 0; i < found->copies.num; i++)
        if (found->copies.at[i].text == text &&
            found->copies.at[i].begin == begin &&
            found->copies.at[i].end == end)
            return true;
    return false;
}

/*
 * One piece, unchanged, some times in each of a few texts, with little or much
 * between.  Two copies and what is between them may be alike in two texts and
 * make longer passages, which overlap one another; the piece is a passage of
 * all its copies all the same.
 */
static void
test_every_copy(void)
{
    struct test_rng rng = { test_seed() + 5 };
    static struct corpus corpus;
    const uint32_t gaps[] = { 0, 1, 3, 10, 30, 60, 200 };
    enum { NUM_GAPS = sizeof gaps / sizeof *gaps, MOST_COPIES = 12 };

    for (int round = 0; round < 60; round++) {
        struct wcp_passages found;
        uint16_t piece[200];
        uint32_t begins[MOST_COPIES];
        int texts[MOST_COPIES];
        uint32_t len = 40 + (uint32_t)test_below(&rng, 161);
        int num = 2 + (int)test_below(&rng, MOST_COPIES - 1), num_missing = 0;
        uint64_t num_texts = 1 + test_below(&rng, (uint64_t)num);

        begin_corpus(&corpus);
        append_random(&rng, &corpus, 0, len);
        memcpy(piece, corpus.units[0], len * sizeof *piece);
        begin_corpus(&corpus);
        for (int i = 0; i < num; i++) {
            uint16_t guard = (uint16_t)(0x8000 + i);

            texts[i] = (int)test_below(&rng, num_texts);
            append_random(&rng, &corpus, texts[i],
                          gaps[test_below(&rng, NUM_GAPS)]);
            append(&corpus, texts[i], &guard, 1);
            begins[i] = corpus.texts[texts[i]].num;
            append(&corpus, texts[i], piece, len);
            append(&corpus, texts[i], &guard, 1);
        }
        find(&found, &corpus, NULL, (uint32_t)num_texts, &usual);
        check_form(&found, &corpus);
        for (int i = 0; i < num; i++)
            num_missing += !has_copy(&found, (uint32_t)texts[i], begins[i],
                                     begins[i] + len);
        CU_ASSERT_EQUAL(num_missing, 0);
        wcp_passages_release(&found);
    }
}

/* ---- as much memory as there may be ---- */

/* A piece that was copied, where it stands the second time. */
struct piece {
    int text;
    uint32_t at, num;
};

/* Texts of so many pieces of former ones, 100 to 299 units each, between
 * others; returns how many. */
static int
append_pieces(struct test_rng *rng, struct corpus *corpus, int pieces_each,
              struct piece *pieces)
{
    int num = 0;

    for (int i = 0; i < NUM_TEXTS; i++) {
        append_random(rng, corpus, i, 200);
        for (int k = 0; i > 0 && k < pieces_each; k++) {
            const int from = (int)test_below(rng, (uint64_t)i);
            const uint32_t len = 100 + (uint32_t)test_below(rng, 200);
            const uint32_t most = corpus->texts[from].num - len;
            const uint32_t at = most < 1 ? 0 : (uint32_t)test_below(rng, most);

            if (corpus->texts[from].num < len)
                continue;
            pieces[num++] = (struct piece){ i, corpus->texts[i].num, len };
            append(corpus, i, corpus->units[from] + at, len);
            append_random(rng, corpus, i, 20);
        }
        append_random(rng, corpus, i, MOST - corpus->texts[i].num);
    }
    return num;
}

static bool
is_covered(const struct wcp_passages *found, const struct piece *piece)
{
    for (size_t i = 0; i < found->copies.num; i++) {
        const struct wcp_text_copy *copy = &found->copies.at[i];

        if (copy->text == (uint32_t)piece->text && copy->begin <= piece->at &&
            copy->end >= piece->at + piece->num)
            return true;
    }
    return false;
}

static void
check_same(const struct wcp_passages *x, const struct wcp_passages *y)
{
    CU_ASSERT_EQUAL_FATAL(x->list.num, y->list.num);
    CU_ASSERT_EQUAL_FATAL(x->copies.num, y->copies.num);
    CU_ASSERT_EQUAL(x->num_hits, y->num_hits);
    CU_ASSERT_EQUAL(memcmp(x->copies.at, y->copies.at,
                           x->copies.num * sizeof *x->copies.at),
                    0);
}

/*
 * How much memory there is decides in how many rounds seeds are gathered, and
 * whether they are tallied before: from the least to so much that one round is
 * enough.  Few seeds stand more than once, or most; texts are wide or narrow.
 */
static void
test_memory(void)
{
    struct test_rng rng = { test_seed() + 6 };
    static struct corpus corpus;
    static uint8_t bytes[NUM_TEXTS][MOST];
    static struct piece pieces[NUM_TEXTS * 16];
    const uint64_t bytes_each[] = { 0, 3, 4, 16 };

    for (int round = 0; round < 4; round++) {
        struct wcp_passages first, found;
        int num, num_covered = 0;

        begin_corpus(&corpus);
        num = append_pieces(&rng, &corpus, round < 2 ? 1 : 11, pieces);
        for (int i = 0; round % 2 == 1 && i < NUM_TEXTS; i++) {
            for (uint32_t k = 0; k < MOST; k++)
                bytes[i][k] = (uint8_t)('a' + corpus.units[i][k] % 26);
            corpus.texts[i] = (struct wcp_units){ bytes[i], MOST, true };
        }
        find(&first, &corpus, NULL, NUM_TEXTS, &usual);
        check_form(&first, &corpus);
        for (int i = 0; i < num; i++)
            num_covered += is_covered(&first, &pieces[i]);
        /* Of two that overlap where they come from, one may give way. */
        CU_ASSERT(round > 0 || num_covered + 3 >= num);
        for (size_t i = 0; i < sizeof bytes_each / sizeof *bytes_each; i++) {
            struct wcp_passage_limits limits = usual;

            limits.input_bytes = bytes_each[i] * NUM_TEXTS * MOST;
            limits.num_threads = 1 + (unsigned)i;
            find(&found, &corpus, NULL, NUM_TEXTS, &limits);
            check_same(&first, &found);
            wcp_passages_release(&found);
        }
        wcp_passages_release(&first);
    }
}

static void
test_limits(void)
{
    static struct corpus corpus;
    const struct wcp_passage_limits wrong[] = {
        { 7, 2, .5, 1, 0 },
        { 40, 1, .5, 1, 0 },
        { 40, 2, 1.5, 1, 0 },
        { 40, 2, -1, 1, 0 },
    };
    struct wcp_passages found;

    begin_corpus(&corpus);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CU_ASSERT_EQUAL(wcp_passages_find(&found, &wcp_memory_libc,
                                          corpus.texts, NULL, 1, &wrong[i],
                                          NULL),
                        WCP_CODE_BAD_OPTION);
    find(&found, &corpus, NULL, 0, &usual);
    CU_ASSERT_EQUAL(found.list.num, 0);
    wcp_passages_release(&found);
    find(&found, &corpus, NULL, 3, &usual); /* empty texts */
    CU_ASSERT_EQUAL(found.list.num, 0);
    wcp_passages_release(&found);
}

void
suite_passages(void)
{
    CU_pSuite suite = CU_add_suite("passages", NULL, NULL);

    CU_ADD_TEST(suite, test_nested);
    CU_ADD_TEST(suite, test_one_text);
    CU_ADD_TEST(suite, test_periods);
    CU_ADD_TEST(suite, test_all_runs);
    CU_ADD_TEST(suite, test_either_order);
    CU_ADD_TEST(suite, test_every_copy);
    CU_ADD_TEST(suite, test_memory);
    CU_ADD_TEST(suite, test_limits);
}
