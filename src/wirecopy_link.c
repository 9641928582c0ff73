/*
 * wirecopy_link.c - the public API: from inputs to what may be alike
 */
#include "wirecopy_internal.h"

/* Whose band keys are worth letting go, five megabytes. */
enum { MANY_CLASSES = 1 << 16 };

/* Of how many classes, the first in the list, keys are asked for again. */
static size_t
num_with_keys(const struct wcp_components *components)
{
    uint32_t num = 0;

    while (num < components->num &&
           components->begins[num + 1] - components->begins[num] >
               WCP_SMALL_COMPONENT)
        num++;
    return num > 0 ? components->begins[num] : 0;
}

/* Classes that may have to be verified are those of components with more
 * than one; the largest come first. */
static enum wcp_code
spool_candidates(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    const struct wcp_components *components = &corpus->components;
    uint32_t num = components->num;

    while (num > 0 && components->begins[num] - components->begins[num - 1] < 2)
        num--;
    corpus->stats.candidates = num > 0 ? components->begins[num] : 0;
    if (corpus->opts.estimate != 0)
        return WCP_CODE_OK;
    /* Portions see to the texts of their own. */
    if (corpus->wants_texts && corpus->store->spill == NULL)
        return wcp_corpus_spool_all(corpus, fault);
    return wcp_store_spool_classes(corpus->store, components->classes,
                                   corpus->stats.candidates, fault);
}

void
wcp_corpus_take_counts(struct wcp_corpus *corpus)
{
    const struct wcp_store_counts *counts = &corpus->store->counts;
    struct wcp_stats *stats = &corpus->stats;

    stats->documents = counts->documents;
    stats->bytes = counts->bytes;
    stats->shingles = counts->shingles;
    stats->empty = counts->empty;
    stats->texts = counts->classes;
    stats->skipped += counts->skipped;
    stats->repaired = counts->repaired;
    stats->bad_dates = counts->bad_dates;
    stats->equal_ids = counts->equal_ids;
}

enum wcp_code
wcp_corpus_read_store(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    const struct wcp_store_listener listener = { wcp_corpus_pass_read_notice,
                                                 wcp_corpus_pass_progress,
                                                 corpus };
    double start = wcp_wall_seconds();
    enum wcp_code code;

    if (corpus->read && !corpus->failed)
        return WCP_CODE_OK;
    if (corpus->failed || corpus->store->closed)
        return wcp_fail(fault, WCP_CODE_STOPPED, 0,
                        "an earlier call failed; make a new corpus");
    corpus->failed = true; /* until all has gone well */
    if (corpus->signatures.num > 0)
        code = wcp_corpus_load(corpus, fault);
    else if (corpus->checkpoint != NULL && !corpus->store->opts.keep_folded)
        code = wcp_corpus_read_on(corpus, &listener, fault);
    else
        code = wcp_store_read(corpus->store, &listener, fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_close(corpus->store, &listener, fault);
    if (code != WCP_CODE_OK)
        return code;
    wcp_corpus_take_counts(corpus);
    corpus->progress.documents = corpus->stats.documents;
    corpus->stats.read_seconds = wcp_wall_seconds() - start;
    corpus->stats.read_memory = wcp_peak_memory();
    corpus->read = true;
    corpus->failed = false;
    return WCP_CODE_OK;
}

/* Read, close and find the components, once. */
enum wcp_code
wcp_corpus_link(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    double start;
    enum wcp_code code;

    if (corpus->linked)
        return WCP_CODE_OK;
    if (corpus->store->opts.keep_folded)
        return wcp_fail(fault, WCP_CODE_BAD_OPTION, 0,
                        "a corpus that was asked for passages first can be "
                        "asked for nothing else");
    code = wcp_corpus_read_store(corpus, fault);
    if (code != WCP_CODE_OK)
        return code;
    start = wcp_wall_seconds();
    corpus->failed = true; /* until this has gone well, too */
    code = wcp_components_find(&corpus->components, corpus->store,
                               &corpus->plan, fault);
    if (code == WCP_CODE_OK && corpus->store->num_classes >= MANY_CLASSES)
        wcp_store_keep_keys(corpus->store, corpus->components.classes,
                            num_with_keys(&corpus->components));
    if (code == WCP_CODE_OK)
        code = spool_candidates(corpus, fault);
    corpus->stats.link_seconds = wcp_wall_seconds() - start;
    corpus->stats.link_memory = wcp_peak_memory();
    corpus->linked = code == WCP_CODE_OK;
    corpus->failed = !corpus->linked;
    return code;
}
