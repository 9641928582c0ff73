/*
 * passages.c - from texts to passages
 *
 * The seeds of all texts are looked up first; then every text is asked about,
 * by any thread, since what is found depends on the lookup alone.
 */
#include "passage/engine.h"

#include <stdatomic.h>
#include <stdlib.h>

struct thread_part {
    struct wcp_query *query;
    struct wcp_query_result result;
    WCP_ARRAY(struct wcp_linked) pairs;
};

struct finding {
    const struct wcp_memory *mem;
    const struct wcp_places *places;
    const uint32_t *counts;
    struct thread_part *parts;
    WCP_ARRAY(struct wcp_linked) all; /* pairs */
    atomic_bool no_memory;
};

static int
compare_linked(const void *x, const void *y)
{
    const struct wcp_linked *p = x, *q = y;
    const uint32_t keys[][2] = { { p->span.begin, q->span.begin },
                                 { p->span.end, q->span.end },
                                 { p->other.begin, q->other.begin },
                                 { p->other.end, q->other.end } };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    return 0;
}

static void
ask_text(void *ctx, unsigned thread, size_t i)
{
    struct finding *f = ctx;
    struct thread_part *part = &f->parts[thread];
    uint32_t begin = f->places->begins[i];
    size_t first = part->pairs.num;

    if (atomic_load(&f->no_memory))
        return;
    part->result.list.num = 0;
    if (!wcp_query_text(part->query, (uint32_t)i, false, &part->result) ||
        !wcp_array_reserve(f->mem, &part->pairs,
                           part->pairs.num + part->result.list.num)) {
        atomic_store(&f->no_memory, true);
        return;
    }
    for (size_t k = 0; k < part->result.list.num; k++) {
        const struct wcp_span_pair *span = &part->result.list.at[k];

        part->pairs.at[part->pairs.num++] = (struct wcp_linked){
            { begin + span->begin, begin + span->end },
            { span->other_begin, span->other_end },
            span->matched,
        };
    }
    /* Texts come in their order, so all of a thread is in order then. */
    if (part->pairs.num - first > 1)
        qsort(part->pairs.at + first, part->pairs.num - first,
              sizeof *part->pairs.at, compare_linked);
}

/* The thread whose next pair comes first; num_threads: none has any. */
static unsigned
first_of(const struct finding *f, const size_t *taken, unsigned num_threads)
{
    unsigned best = num_threads;

    for (unsigned t = 0; t < num_threads; t++) {
        const struct thread_part *part = &f->parts[t];

        if (taken[t] < part->pairs.num &&
            (best == num_threads ||
             compare_linked(&part->pairs.at[taken[t]],
                            &f->parts[best].pairs.at[taken[best]]) < 0))
            best = t;
    }
    return best;
}

/* What all threads have found, in the order of the texts, in 'all'.  False when
 * out of memory. */
static bool
gather_pairs(struct finding *f, unsigned num_threads,
             struct wcp_passages *result)
{
    size_t *taken = wcp_new_zeroed(f->mem, num_threads, sizeof *taken);
    size_t num = 0;
    bool done;

    for (unsigned t = 0; t < num_threads; t++) {
        result->num_hits += f->parts[t].result.num_hits;
        result->num_extended += f->parts[t].result.num_extended;
        num += f->parts[t].pairs.num;
    }
    result->num_pairs = num;
    done = taken != NULL && wcp_array_reserve(f->mem, &f->all, num);
    while (done && f->all.num < num) {
        const unsigned t = first_of(f, taken, num_threads);

        f->all.at[f->all.num++] = f->parts[t].pairs.at[taken[t]++];
    }
    wcp_free_array(f->mem, taken, num_threads, sizeof *taken);
    for (unsigned t = 0; t < num_threads; t++)
        wcp_array_release(f->mem, &f->parts[t].pairs);
    return done;
}

static void
release_parts(struct finding *f, unsigned num_threads)
{
    for (unsigned t = 0; f->parts != NULL && t < num_threads; t++) {
        wcp_query_free(f->parts[t].query);
        wcp_array_release(f->mem, &f->parts[t].result.list);
        wcp_array_release(f->mem, &f->parts[t].pairs);
    }
    wcp_free_array(f->mem, f->parts, num_threads, sizeof *f->parts);
}

static enum wcp_code
find_pairs(struct finding *f, const struct wcp_lookup *lookup,
           const struct wcp_seed_plan *plan,
           const struct wcp_passage_limits *opts, struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    f->parts = wcp_new_zeroed(f->mem, opts->num_threads, sizeof *f->parts);
    if (f->parts == NULL)
        return wcp_no_memory(fault);
    for (unsigned t = 0; code == WCP_CODE_OK && t < opts->num_threads; t++)
        code = wcp_query_new(f->places, lookup, plan, opts, false,
                             &f->parts[t].query, fault);
    if (code != WCP_CODE_OK)
        return code;
    wcp_parallel_for(opts->num_threads, f->places->num_texts, 16, ask_text, f);
    return atomic_load(&f->no_memory) ? wcp_no_memory(fault) : WCP_CODE_OK;
}

enum wcp_code
wcp_passage_limits_check(const struct wcp_passage_limits *limits,
                         struct wcp_fault *fault)
{
    if (limits->min_length < WCP_PASSAGE_MIN_LENGTH)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "min-length must be at least %d",
                        WCP_PASSAGE_MIN_LENGTH);
    if (limits->min_copies < 2)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "min-copies must be at least 2");
    if (!(limits->min_similarity >= 0 && limits->min_similarity <= 1))
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "min-similarity must be from 0 to 1");
    return WCP_CODE_OK;
}

enum wcp_code
wcp_passages_find(struct wcp_passages *result, const struct wcp_memory *mem,
                  const struct wcp_units *texts, const uint32_t *counts,
                  uint32_t num_texts, const struct wcp_passage_limits *opts,
                  struct wcp_fault *fault)
{
    struct wcp_places places = { 0 };
    struct wcp_seed_plan plan;
    struct wcp_lookup *lookup = NULL;
    struct finding f = { .mem = mem, .places = &places, .counts = counts };
    enum wcp_code code = wcp_passage_limits_check(opts, fault);

    *result = (struct wcp_passages){ .mem = mem };
    if (code != WCP_CODE_OK || num_texts == 0)
        return code;
    wcp_seed_plan(&plan, opts->min_length);
    code = wcp_places_init(&places, mem, texts, num_texts, fault);
    places.input_bytes = opts->input_bytes;
    if (code == WCP_CODE_OK)
        code =
            wcp_lookup_new(&places, &plan, opts->num_threads, &lookup, fault);
    if (code == WCP_CODE_OK) {
        result->num_seeds = wcp_lookup_num_seeds(lookup);
        code = find_pairs(&f, lookup, &plan, opts, fault);
    }
    wcp_lookup_free(lookup);
    if (code == WCP_CODE_OK && !gather_pairs(&f, opts->num_threads, result))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = wcp_merge(result, &places, counts, f.all.at, f.all.num, opts,
                         fault);
    wcp_array_release(mem, &f.all);
    release_parts(&f, opts->num_threads);
    wcp_places_release(&places);
    if (code != WCP_CODE_OK)
        wcp_passages_release(result);
    return code;
}

void
wcp_passages_release(struct wcp_passages *result)
{
    if (result->mem == NULL)
        return;
    wcp_array_release(result->mem, &result->list);
    wcp_array_release(result->mem, &result->copies);
    *result = (struct wcp_passages){ 0 };
}
