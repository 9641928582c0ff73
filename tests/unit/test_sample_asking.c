/*
 * test_sample_asking.c - samples that have left memory, against those in memory
 * and against what is asked of them by its definition
 */
#include "made_corpus.h"
#include "store/chunk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHARE .5

struct both {
    struct wcp_store *in, *out;
    struct wcp_quota memory, disk;
};

static void
open_both(struct both *both, const struct made_corpus *corpus,
          unsigned num_threads)
{
    const struct wcp_plan plan = made_plan(.8, .99);

    memset(both, 0, sizeof *both);
    both->memory.limit = UINT64_C(1) << 30;
    both->in = made_store(corpus, &plan);
    CU_ASSERT_FATAL(made_store_fill(&wcp_memory_libc, corpus, &plan,
                                    &both->out) == WCP_CODE_OK);
    both->out->opts.memory = &both->memory;
    both->out->opts.disk = &both->disk;
    both->out->opts.num_threads = num_threads;
    atomic_store(&both->out->spilling, true);
    CU_ASSERT_FATAL(wcp_store_close(both->out, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(both->out->sample_file != NULL);
    /* From here on hardly any is left, so that little is done at once. */
    both->memory.limit = 1;
}

static void
close_both(struct both *both)
{
    wcp_store_free(both->in);
    wcp_store_free(both->out);
    CU_ASSERT_EQUAL(both->disk.used, 0);
}

static const struct wcp_entry *
entry_of(const struct wcp_store *store, uint32_t c)
{
    return &store->entries[store->class_documents[store->class_begins[c]]];
}

static int
compare_inclusions(const void *a, const void *b)
{
    const struct wcp_inclusion *x = a, *y = b;

    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    return (x->whole > y->whole) - (x->whole < y->whole);
}

static bool
same_lists(struct wcp_inclusions *a, struct wcp_inclusions *b)
{
    if (a->list.num != b->list.num)
        return false;
    if (a->list.num == 0)
        return true;
    qsort(a->list.at, a->list.num, sizeof *a->list.at, compare_inclusions);
    qsort(b->list.at, b->list.num, sizeof *b->list.at, compare_inclusions);
    return memcmp(a->list.at, b->list.at, a->list.num * sizeof *a->list.at) ==
           0;
}

/* ---- by definition ---- */

static bool
has_sample(const struct wcp_entry *entry, uint32_t value)
{
    for (uint32_t i = 0; i < entry->num_sample; i++)
        if (entry->sample[i] == value)
            return true;
    return false;
}

/* The order in which samples are asked about. */
static uint32_t
order_of(uint32_t value)
{
    return (uint32_t)((uint64_t)(value ^ (value >> 15)) * 0x2C1B3C6DU);
}

static int
compare_values(const void *a, const void *b)
{
    const uint32_t x = order_of(*(const uint32_t *)a);
    const uint32_t y = order_of(*(const uint32_t *)b);

    return (x > y) - (x < y);
}

/* The samples of a text that are asked about, each once, in *asked_ret; the
 * number of all different ones in *all_ret. */
static uint32_t
list_asked(const struct wcp_entry *entry, uint32_t **asked_ret,
           uint32_t *all_ret)
{
    uint32_t *list = malloc((entry->num_sample + 1) * sizeof *list), num = 0;

    for (uint32_t i = 0; i < entry->num_sample; i++) {
        uint32_t k = 0;

        while (k < num && list[k] != entry->sample[i])
            k++;
        if (k == num)
            list[num++] = entry->sample[i];
    }
    qsort(list, num, sizeof *list, compare_values);
    *asked_ret = list;
    *all_ret = num;
    return num < 48 ? num : 48;
}

struct listed {
    uint64_t key;
    uint32_t c;
};

static int
compare_listed(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->c > y->c) - (x->c < y->c);
}

/* Count a sample for the first classes that have it; how many have it. */
static size_t
count_sample(const struct wcp_store *store, uint32_t value, uint32_t *counts)
{
    struct listed *list = malloc(store->num_classes * sizeof *list);
    size_t num = 0;

    for (uint32_t c = 0; c < store->num_classes; c++)
        if (has_sample(entry_of(store, c), value))
            list[num++] =
                (struct listed){ entry_of(store, c)->digest[0] >> 32, c };
    qsort(list, num, sizeof *list, compare_listed);
    for (size_t i = 0; i < num && i < WCP_SAMPLE_LISTED; i++)
        counts[list[i].c]++;
    free(list);
    return num;
}

/* What a class nearly stands in; returns how frequent its samples are. */
static size_t
list_nearly(const struct wcp_store *store, uint32_t part,
            struct wcp_inclusions *to)
{
    uint32_t *counts = calloc(store->num_classes, sizeof *counts);
    uint32_t *asked, all;
    const uint32_t num = list_asked(entry_of(store, part), &asked, &all);
    const double deviation =
        num < all ? sqrt(num * SHARE * (1 - SHARE) * (all - num) / (all - 1.))
                  : 0;
    size_t most = 0;

    for (uint32_t i = 0; i < num; i++) {
        const size_t frequency = count_sample(store, asked[i], counts);

        most = frequency > most ? frequency : most;
    }
    for (uint32_t c = 0; num > 0 && c < store->num_classes; c++)
        if (c != part && (c & 3) != 0 &&
            counts[c] >= SHARE * num - 3 * deviation) {
            CU_ASSERT_FATAL(wcp_array_grow(to->mem, &to->list));
            to->list.at[to->list.num++] =
                (struct wcp_inclusion){ c, part, counts[c] };
        }
    free(asked);
    free(counts);
    return most;
}

/* ---- cases ---- */

/* Families of longer texts, and one form that more than so many texts fill in
 * that not all are listed. */
static void
make_corpus(struct made_corpus *corpus, struct test_rng *rng, size_t num_form)
{
    struct made_text form = { 0 }, own = { 0 };

    made_corpus_random(corpus, rng, 120, 12);
    made_text_random(&form, rng, MADE_ENGLISH, 500);
    for (size_t i = 0; i < num_form; i++) {
        struct made_text text = { 0 };
        char *a, *b, *all;

        made_text_copy(&text, &form);
        made_text_edit(&text, rng, 8);
        made_text_random(&own, rng, MADE_ENGLISH, 20 + test_below(rng, 60));
        a = made_text_utf8(&text);
        b = made_text_utf8(&own);
        all = malloc(strlen(a) + strlen(b) + 2);
        strcpy(all, a);
        strcat(strcat(all, " "), b);
        made_corpus_add(corpus, all, "", WCP_NO_DATE);
        free(a);
        free(b);
        made_text_release(&text);
    }
    made_text_release(&form);
    made_text_release(&own);
}

static void
check_inclusions(struct both *both, const uint8_t *asked, uint64_t number)
{
    struct wcp_inclusions in, out;
    struct wcp_sample_index *index = NULL;

    CU_ASSERT_FATAL(wcp_inclusions_find(&in, both->in, &index, asked, .8, NULL,
                                        NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_inclusions_find(&out, both->out, &index, asked, .8,
                                        NULL, NULL, NULL) == WCP_CODE_OK);
    MADE_CHECK(in.list.num > 0, number);
    MADE_CHECK(same_lists(&in, &out), number);
    wcp_sample_index_free(index);
    wcp_inclusions_release(&in);
    wcp_inclusions_release(&out);
}

static bool
is_wanted(const void *ctx, uint32_t part, uint32_t whole)
{
    (void)ctx;
    (void)part;
    return (whole & 3) != 0;
}

/* How many classes have more samples than are asked about. */
static size_t
num_cut(const struct wcp_store *store)
{
    size_t num = 0;

    for (uint32_t c = 0; c < store->num_classes; c++)
        num += entry_of(store, c)->num_sample > 60;
    return num;
}

/* Returns how frequent a sample is. */
static size_t
check_nearly(struct both *both, const uint8_t *asked, uint64_t number)
{
    struct wcp_inclusions want = { .mem = &wcp_memory_libc }, in, out;
    struct wcp_sample_index *index = NULL;
    size_t most = 0;

    CU_ASSERT_FATAL(wcp_nearly_in_find(&in, both->in, &index, asked, SHARE,
                                       is_wanted, NULL, NULL) == WCP_CODE_OK);
    CU_ASSERT_FATAL(wcp_nearly_in_find(&out, both->out, &index, asked, SHARE,
                                       is_wanted, NULL, NULL) == WCP_CODE_OK);
    for (uint32_t c = 0; c < both->in->num_classes; c++)
        if (asked[c]) {
            const size_t num = list_nearly(both->in, c, &want);

            most = num > most ? num : most;
        }
    MADE_CHECK(want.list.num > 0, number);
    MADE_CHECK(same_lists(&want, &in), number);
    MADE_CHECK(same_lists(&want, &out), number);
    wcp_sample_index_free(index);
    wcp_inclusions_release(&want);
    wcp_inclusions_release(&in);
    wcp_inclusions_release(&out);
    return most;
}

/* The samples of a class that is asked for alone are its own. */
static bool
has_own_samples(const struct both *both)
{
    struct wcp_sample_range range = { 0 };
    bool same = true;

    for (uint32_t c = 0; same && c < both->in->num_classes; c++) {
        const struct wcp_entry *entry = entry_of(both->in, c);

        same = wcp_sample_range_load_one(both->out, c, &range) &&
               range.begins.at[1] == entry->num_sample &&
               (entry->num_sample == 0 ||
                memcmp(range.samples.at, entry->sample,
                       entry->num_sample * sizeof *entry->sample) == 0);
    }
    wcp_sample_range_release(both->out, &range);
    return same;
}

static void
test_asking(void)
{
    size_t cut = 0;

    for (uint64_t number = 8800; number < 8806; number++) {
        struct test_rng rng = made_rng(number);
        struct made_corpus corpus = { 0 };
        const bool listed = number % 2 != 0;
        struct both both;
        uint8_t *asked;

        make_corpus(&corpus, &rng, listed ? 20 : 420);
        made_corpus_shuffle(&corpus, &rng);
        open_both(&both, &corpus, 1 + (unsigned)number % 3);
        MADE_CHECK(both.out->sample_file->num_ranges > 0, number);
        MADE_CHECK(has_own_samples(&both), number);
        cut += num_cut(both.in);
        asked = calloc(both.in->num_classes, 1);
        check_inclusions(&both, NULL, number);
        for (uint32_t c = 0; c < both.in->num_classes; c++)
            asked[c] = test_below(&rng, 8) == 0;
        check_inclusions(&both, asked, number);
        MADE_CHECK(check_nearly(&both, asked, number) > WCP_SAMPLE_LISTED ||
                       listed,
                   number);
        free(asked);
        close_both(&both);
        made_corpus_release(&corpus);
    }
    CU_ASSERT(cut > 100);
}

/* Have notes of a value for classes begin .. end - 1. */
static void
note_all(const struct wcp_store *store, uint32_t begin, uint32_t end,
         uint16_t value)
{
    struct wcp_sample_range range = { 0 };

    CU_ASSERT_EQUAL_FATAL(
        wcp_sample_range_load(store, begin, end, false, &range, NULL),
        WCP_CODE_OK);
    for (size_t i = 0; i < range.begins.at[end - begin]; i++)
        range.notes.at[i] = value;
    CU_ASSERT_EQUAL(wcp_sample_range_note(store, &range, NULL), WCP_CODE_OK);
    wcp_sample_range_release(store, &range);
}

/* Texts are not numbered as their samples stand in the file: notes of two
 * leave those of a third one in between. */
static void
test_notes_in_between(void)
{
    struct test_rng rng = made_rng(8820);
    struct made_corpus corpus = { 0 };
    struct wcp_sample_range range = { 0 };
    struct wcp_store outer;
    struct both both;
    struct wcp_class_facts facts[2];
    struct wcp_outline outline;
    size_t num;

    made_corpus_random(&corpus, &rng, 60, 6);
    open_both(&both, &corpus, 1);
    CU_ASSERT_FATAL(both.out->num_classes > 2);
    outer = *both.out;
    outline = *both.out->outline;
    facts[0] = outline.facts[0];
    facts[1] = outline.facts[both.out->num_classes - 1];
    outline.facts = facts;
    outer.outline = &outline;
    outer.num_classes = 2;
    note_all(both.out, 1, both.out->num_classes - 1, 9);
    note_all(&outer, 0, 2, 5);
    CU_ASSERT_EQUAL_FATAL(wcp_sample_range_load(both.out, 1,
                                                both.out->num_classes - 1, true,
                                                &range, NULL),
                          WCP_CODE_OK);
    num = range.begins.at[both.out->num_classes - 2];
    CU_ASSERT(num > 0);
    for (size_t i = 0; i < num; i++)
        CU_ASSERT_EQUAL(range.notes.at[i], 9);
    wcp_sample_range_release(both.out, &range);
    close_both(&both);
    made_corpus_release(&corpus);
}

/* The samples of a copy are nobody's, and have no notes: a text without samples
 * behind it does not have them read. */
static void
test_none_at_the_end(void)
{
    struct test_rng rng = made_rng(8830);
    struct made_corpus corpus = { 0 };
    struct made_text text = { 0 };
    struct wcp_inclusions out = { 0 };
    struct both both;

    made_text_random(&text, &rng, MADE_ENGLISH, 400);
    made_corpus_add(&corpus, made_text_utf8(&text), "a", WCP_NO_DATE);
    made_corpus_add(&corpus, made_text_utf8(&text), "b", WCP_NO_DATE);
    made_text_random(&text, &rng, MADE_ENGLISH, 1);
    made_corpus_add(&corpus, made_text_utf8(&text), "c", WCP_NO_DATE);
    open_both(&both, &corpus, 1);
    CU_ASSERT_EQUAL_FATAL(both.out->num_classes, 2);
    CU_ASSERT_EQUAL(wcp_class_num_sample(both.out, 1), 0);
    CU_ASSERT_EQUAL(
        wcp_inclusions_find(&out, both.out, NULL, NULL, .8, NULL, NULL, NULL),
        WCP_CODE_OK);
    CU_ASSERT_EQUAL(out.list.num, 0);
    wcp_inclusions_release(&out);
    close_both(&both);
    made_text_release(&text);
    made_corpus_release(&corpus);
}

/* What is broken off is said, and nothing is found. */
static void
test_truncated(void)
{
    struct test_rng rng = made_rng(8810);
    struct made_corpus corpus = { 0 };
    struct wcp_inclusions out = { 0 };
    struct wcp_sample_range range = { 0 };
    struct wcp_fault fault = { 0 };
    struct both both;
    uint32_t c = 0;

    made_corpus_random(&corpus, &rng, 60, 6);
    open_both(&both, &corpus, 2);
    while (wcp_class_num_sample(both.out, c) == 0)
        c++;
    CU_ASSERT_EQUAL(wcp_samples_check(both.out, NULL), WCP_CODE_OK);
    CU_ASSERT_FATAL(ftruncate(both.out->sample_file->fd, 0) == 0);
    CU_ASSERT_EQUAL(
        wcp_inclusions_find(&out, both.out, NULL, NULL, .8, NULL, NULL, &fault),
        WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.code, WCP_CODE_IO);
    CU_ASSERT_FALSE(wcp_sample_range_load_one(both.out, c, &range));
    CU_ASSERT_EQUAL(wcp_samples_check(both.out, &fault), WCP_CODE_IO);
    wcp_sample_range_release(both.out, &range);
    close_both(&both);
    made_corpus_release(&corpus);
}

void
suite_sample_asking(void)
{
    CU_pSuite suite = CU_add_suite("sample_asking", NULL, NULL);

    CU_add_test(suite, "by definition, and as in memory", test_asking);
    CU_add_test(suite, "notes in between", test_notes_in_between);
    CU_add_test(suite, "none at the end", test_none_at_the_end);
    CU_add_test(suite, "a file that breaks off", test_truncated);
}
