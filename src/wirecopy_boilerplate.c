/*
 * wirecopy_boilerplate.c - the public API: text that stands in very many
 * documents which are no copies of one another
 *
 * Such text is a passage like others.  What tells it from a story that many
 * papers ran is that the documents around it differ, so the copies of one
 * original count once.
 *
 * The defaults are from 3,000 pages of 2006, read: 13 texts of 20 characters
 * stand in 8 documents that are no copies, and are advertising, formulae and
 * navigation but for one; of the 55 in 5 documents a third are of the news of
 * the day, and of 12 characters there are names and titles by the dozen.
 */
#include "wirecopy_internal.h"

#include "group/score.h"

/* Of a copy to the first: boilerplate is not written anew each time, but names
 * and dates in it change. */
#define MIN_SIMILARITY .8

/* A run of text that was handed out before, in the list of its document. */
struct known_span {
    uint64_t begin, end;
    uint32_t next; /* 0: none */
};

struct boilerplate_job {
    struct wcp_corpus *corpus;
    uint32_t min_documents;
    uint32_t *labels; /* of each document: its group, or a number of its own */
    uint32_t *seen;   /* by label: the passage that met it last */
    uint32_t *spans;  /* of each document: the first of the known ones; 0 */
    WCP_ARRAY(struct known_span) known; /* the first is no span */
    uint64_t number;
    int32_t (*on_boilerplate)(void *ctx,
                              const struct wcp_boilerplate *boilerplate);
    void *ctx;
    bool no_memory;
};

void
wcp_boilerplate_options_init(struct wcp_boilerplate_options *opts,
                             size_t struct_size)
{
    const struct wcp_boilerplate_options defaults = { .min_length = 20,
                                                      .min_documents = 8 };

    wcp_struct_init(opts, struct_size, &defaults, sizeof defaults);
}

/* Documents that have the passage, those of a group counted once; 0 when out
 * of memory. */
static uint64_t
count_documents(struct boilerplate_job *job, const struct wcp_passage *passage)
{
    uint64_t num = 0;

    for (uint64_t i = 0; i < passage->num_copies; i++) {
        const struct wcp_passage_copy *copy = wcp_passage_copy_at(passage, i);
        uint32_t *seen;

        if (copy == NULL)
            return 0;
        seen = &job->seen[job->labels[copy->document->number - 1]];
        num += *seen != passage->number;
        *seen = (uint32_t)passage->number;
    }
    return num;
}

/* Whether four fifths of a copy lie in one that was handed out. */
static bool
is_known(const struct boilerplate_job *job, const struct wcp_passage_copy *copy)
{
    uint32_t at = job->spans[copy->document->number - 1];

    for (; at != 0; at = job->known.at[at].next) {
        const struct known_span *known = &job->known.at[at];
        uint64_t begin = copy->begin, end = copy->end;

        if (begin < known->begin)
            begin = known->begin;
        if (end > known->end)
            end = known->end;
        if (end > begin && (end - begin) * 5 >= (copy->end - copy->begin) * 4)
            return true;
    }
    return false;
}

/* Whether nearly all copies lie in what was handed out: parts of a sentence
 * that is boilerplate, and variants of it, tell nothing new. */
static bool
is_part(const struct boilerplate_job *job, const struct wcp_passage *passage)
{
    uint64_t num = 0;

    for (uint64_t i = 0; i < passage->num_copies; i++)
        num += is_known(job, wcp_passage_copy_at(passage, i));
    return num * 10 >= passage->num_copies * 9;
}

static bool
learn(struct boilerplate_job *job, const struct wcp_passage *passage)
{
    for (uint64_t i = 0; i < passage->num_copies; i++) {
        const struct wcp_passage_copy *copy = wcp_passage_copy_at(passage, i);
        uint32_t *first = &job->spans[copy->document->number - 1];

        if (job->known.num >= UINT32_MAX ||
            !wcp_array_grow(&job->corpus->mem, &job->known))
            return false;
        job->known.at[job->known.num] =
            (struct known_span){ copy->begin, copy->end, *first };
        *first = (uint32_t)job->known.num++;
    }
    return true;
}

static int32_t
on_passage(void *ctx, const struct wcp_passage *passage)
{
    struct boilerplate_job *job = ctx;
    struct wcp_boilerplate boilerplate = { .passage = passage };

    boilerplate.documents = count_documents(job, passage);
    if (boilerplate.documents == 0) {
        job->no_memory = true;
        return 1;
    }
    if (boilerplate.documents < job->min_documents || is_part(job, passage))
        return 0;
    if (!learn(job, passage)) {
        job->no_memory = true;
        return 1;
    }
    boilerplate.number = ++job->number;
    return job->on_boilerplate(job->ctx, &boilerplate);
}

/* The group of each document, as find has them. */
static enum wcp_code
label_documents(struct boilerplate_job *job, struct wcp_fault *fault)
{
    struct wcp_corpus *corpus = job->corpus;
    struct wcp_groups groups = { 0 };
    enum wcp_code code =
        wcp_groups_find(&groups, corpus->store, &corpus->plan,
                        &corpus->components, WCP_ORDER_ORIGINAL, fault);

    if (code == WCP_CODE_OK)
        wcp_label_groups(&groups, corpus->store, job->labels);
    wcp_groups_release(&groups);
    return code;
}

static enum wcp_code
prepare(struct boilerplate_job *job, struct wcp_fault *fault)
{
    struct wcp_corpus *corpus = job->corpus;
    enum wcp_code code;
    size_t num;

    code = wcp_corpus_check_texts(corpus, "boilerplate", fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_lift_limit(corpus, fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_link_texts(corpus, fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_mark_own(corpus, fault);
    if (code != WCP_CODE_OK)
        return code;
    num = corpus->store->num_documents;
    job->labels = wcp_new_zeroed(&corpus->mem, num, sizeof *job->labels);
    job->seen = wcp_new_zeroed(&corpus->mem, num + 1, sizeof *job->seen);
    job->spans = wcp_new_zeroed(&corpus->mem, num, sizeof *job->spans);
    if (job->labels == NULL || job->seen == NULL || job->spans == NULL ||
        !wcp_array_grow(&corpus->mem, &job->known))
        return wcp_no_memory(fault);
    job->known.num = 1;
    return label_documents(job, fault);
}

enum wcp_status
wcp_corpus_boilerplate(
    struct wcp_corpus *corpus, const struct wcp_boilerplate_options *opts,
    int32_t (*on_boilerplate)(void *ctx,
                              const struct wcp_boilerplate *boilerplate),
    void *ctx, struct wcp_error *err)
{
    struct wcp_boilerplate_options copy;
    struct wcp_passage_options passages;
    struct boilerplate_job job = { .corpus = corpus,
                                   .on_boilerplate = on_boilerplate,
                                   .ctx = ctx };
    struct wcp_fault fault = { 0 };
    enum wcp_code code = WCP_CODE_OK;
    enum wcp_status status;
    struct wcp_stats stats;
    size_t num;

    wcp_boilerplate_options_init(&copy, sizeof copy);
    if (opts != NULL)
        code = wcp_struct_take(
            &copy, sizeof copy, opts,
            WCP_SIZE_TO(struct wcp_boilerplate_options, min_documents),
            "wcp_boilerplate_options", &fault);
    if (code == WCP_CODE_OK && copy.min_documents < 2)
        code = wcp_fail(&fault, WCP_CODE_BAD_OPTION, 0,
                        "min_documents must be at least 2");
    job.min_documents = copy.min_documents;
    if (code == WCP_CODE_OK)
        code = prepare(&job, &fault);
    status = wcp_tell(err, code, &fault);
    if (code == WCP_CODE_OK) {
        wcp_passage_options_init(&passages, sizeof passages);
        passages.min_length = copy.min_length;
        passages.min_copies = copy.min_documents;
        passages.min_similarity = MIN_SIMILARITY;
        stats = corpus->stats;
        status = wcp_corpus_passages(corpus, &passages, on_passage, &job, err);
        corpus->stats = stats; /* those of the groups */
        if (job.no_memory)
            status = wcp_tell(err, wcp_no_memory(&fault), &fault);
    }
    num = corpus->store->num_documents;
    wcp_free_array(&corpus->mem, job.labels, num, sizeof *job.labels);
    wcp_free_array(&corpus->mem, job.seen, num + 1, sizeof *job.seen);
    wcp_free_array(&corpus->mem, job.spans, num, sizeof *job.spans);
    wcp_array_release(&corpus->mem, &job.known);
    return status;
}
