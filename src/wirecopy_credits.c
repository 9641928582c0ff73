/*
 * wirecopy_credits.c - the public API: what the members of groups credit
 *
 * Only texts of members are of interest.  Most of them are read to be compared,
 * and are looked at then; the others are read once more when the groups are
 * known.
 */
#include "wirecopy_internal.h"

#include "group/score.h"

#include <string.h>

enum {
    MAX_FILE = 1 << 20,
    MAX_DATELINE = 512, /* bytes that are handed out */
};

/* ---- the table ---- */

enum wcp_code
wcp_corpus_read_credits(struct wcp_corpus *corpus, const char *path,
                        struct wcp_fault *fault)
{
    struct wcp_buffer bytes;
    const char *text = NULL;
    size_t len = 0;
    enum wcp_code code = WCP_CODE_OK;

    if (corpus->credits != NULL)
        return WCP_CODE_OK;
    wcp_buffer_init(&bytes, &corpus->mem, 0);
    if (path != NULL) {
        code = wcp_gold_read(path, &bytes, fault);
        text = (const char *)bytes.data;
        len = bytes.len;
        if (code == WCP_CODE_OK && len > MAX_FILE)
            code = wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                            "'%.200s' is longer than 1 MiB", path);
        if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
            text += 3;
            len -= 3;
        }
    }
    if (code == WCP_CODE_OK)
        code =
            wcp_credits_new(&corpus->mem, text, len, path != NULL ? path : "",
                            &corpus->credits, fault);
    wcp_buffer_release(&bytes);
    return code;
}

/* ---- agencies' own ---- */

struct own_job {
    struct wcp_corpus *corpus;
    const uint32_t *documents;
    const uint32_t *agencies; /* of their sources */
};

/* Threads have documents of their own, and flags nobody else looks at. */
static bool
mark_own(void *ctx, size_t i, const struct wcp_credit *credit, const char *text)
{
    const struct own_job *job = ctx;

    (void)text;
    if (!credit->has_credit || credit->agency == job->agencies[i])
        job->corpus->store->entries[job->documents[i]].flags |= WCP_ENTRY_OWN;
    return true;
}

/* The agency that published a document. */
static uint32_t
publisher(const struct wcp_corpus *corpus, uint32_t document)
{
    const struct wcp_entry *entry = &corpus->store->entries[document];
    struct wcp_string name = wcp_entry_source(entry);

    if (name.data == NULL && entry->source != UINT32_MAX) {
        name.data = wcp_source_path(corpus->reader, entry->source);
        name.len = strlen(name.data);
    }
    return name.data != NULL
               ? wcp_credits_agency_of(corpus->credits, name.data, name.len)
               : WCP_NO_AGENCY;
}

/* Components that a thread takes at a time. */
enum { COMPONENTS = 128 };

/* What one thread found to be in question. */
struct choice {
    WCP_ARRAY(uint32_t) documents; /* of the components at hand */
    WCP_ARRAY(uint32_t) scratch;
    WCP_ARRAY(uint32_t) chosen;
    WCP_ARRAY(uint32_t) agencies; /* of the chosen ones' sources */
    bool no_memory;
};

struct choosing {
    const struct wcp_corpus *corpus;
    struct choice *choices; /* one a thread */
};

/* Choose among documents of one component and date. */
static bool
choose_of_date(const struct wcp_corpus *corpus, struct choice *choice,
               const uint32_t *documents, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        const uint32_t agency = publisher(corpus, documents[i]);

        if (agency == WCP_NO_AGENCY)
            continue;
        if (!wcp_array_grow(&corpus->mem, &choice->chosen) ||
            !wcp_array_grow(&corpus->mem, &choice->agencies))
            return false;
        choice->chosen.at[choice->chosen.num++] = documents[i];
        choice->agencies.at[choice->agencies.num++] = agency;
    }
    return true;
}

/* Whether any two of a few documents have one date. */
static bool
share_a_date(const struct wcp_entry *entries, const uint32_t *documents,
             size_t num)
{
    for (size_t i = 1; i < num; i++)
        for (size_t k = 0; k < i; k++)
            if (entries[documents[i]].date_ms == entries[documents[k]].date_ms)
                return true;
    return false;
}

/* Choose among the documents of one component. */
static bool
choose(const struct wcp_corpus *corpus, struct choice *choice,
       uint32_t *documents, size_t num)
{
    enum { FEW = 8 };
    const struct wcp_entry *entries = corpus->store->entries;
    bool chosen = true;

    if (num <= FEW && !share_a_date(entries, documents, num))
        return true;
    if (!wcp_array_reserve(&corpus->mem, &choice->scratch, num))
        return false;
    wcp_sort_documents(corpus->store, WCP_ORDER_DATE, documents, num,
                       choice->scratch.at);
    for (size_t begin = 0, end; chosen && begin < num; begin = end) {
        const int64_t date = entries[documents[begin]].date_ms;

        end = begin + 1;
        while (end < num && entries[documents[end]].date_ms == date)
            end++;
        if (date != WCP_NO_DATE && end - begin > 1)
            chosen =
                choose_of_date(corpus, choice, documents + begin, end - begin);
    }
    return chosen;
}

/* List the documents of components, which are looked at soon. */
static bool
list_range(const struct wcp_corpus *corpus, struct choice *choice,
           uint32_t begin, uint32_t num, size_t ends[COMPONENTS])
{
    const struct wcp_components *components = &corpus->components;
    const struct wcp_store *store = corpus->store;

    choice->documents.num = 0;
    for (uint32_t i = 0; i < num; i++) {
        const uint32_t *begins = components->begins + begin + i;

        for (uint32_t k = begins[0]; k < begins[1]; k++) {
            const uint32_t c = components->classes[k];

            for (uint32_t at = store->class_begins[c];
                 at < store->class_begins[c + 1]; at++) {
                const uint32_t doc = store->class_documents[at];

                if (!wcp_array_grow(&corpus->mem, &choice->documents))
                    return false;
                choice->documents.at[choice->documents.num++] = doc;
                wcp_prefetch(&store->entries[doc].date_ms);
            }
        }
        ends[i] = choice->documents.num;
    }
    return true;
}

static void
choose_range(void *ctx, unsigned thread, size_t range)
{
    const struct choosing *choosing = ctx;
    const struct wcp_corpus *corpus = choosing->corpus;
    struct choice *choice = &choosing->choices[thread];
    const uint32_t begin = (uint32_t)range * COMPONENTS;
    const uint32_t left = corpus->components.num - begin;
    const uint32_t num = left < COMPONENTS ? left : COMPONENTS;
    size_t ends[COMPONENTS];

    if (!list_range(corpus, choice, begin, num, ends)) {
        choice->no_memory = true;
        return;
    }
    for (uint32_t i = 0; i < num && !choice->no_memory; i++) {
        const size_t first = i > 0 ? ends[i - 1] : 0;

        choice->no_memory = !choose(
            corpus, choice, choice->documents.at + first, ends[i] - first);
    }
}

/* What all have chosen goes to the first; false when out of memory. */
static bool
gather_choices(const struct wcp_memory *mem, struct choice *choices,
               unsigned num)
{
    struct choice *all = &choices[0];
    size_t total = 0;

    for (unsigned t = 0; t < num; t++) {
        if (choices[t].no_memory)
            return false;
        total += choices[t].chosen.num;
    }
    if (!wcp_array_reserve(mem, &all->chosen, total) ||
        !wcp_array_reserve(mem, &all->agencies, total))
        return false;
    for (unsigned t = 1; t < num; t++)
        for (size_t i = 0; i < choices[t].chosen.num; i++) {
            all->chosen.at[all->chosen.num++] = choices[t].chosen.at[i];
            all->agencies.at[all->agencies.num++] = choices[t].agencies.at[i];
        }
    return true;
}

enum wcp_code
wcp_corpus_mark_own(struct wcp_corpus *corpus, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = &corpus->mem;
    const unsigned num_threads = corpus->stats.threads;
    struct choosing choosing = { .corpus = corpus };
    struct own_job job = { .corpus = corpus };
    const struct wcp_credit_taker taker = { mark_own, &job, NULL };
    struct choice *all;
    enum wcp_code code = wcp_corpus_read_credits(corpus, NULL, fault);

    if (code != WCP_CODE_OK)
        return code;
    all = wcp_new_zeroed(mem, num_threads, sizeof *all);
    if (all == NULL)
        return wcp_no_memory(fault);
    choosing.choices = all;
    wcp_parallel_for(num_threads,
                     ((size_t)corpus->components.num + COMPONENTS - 1) /
                         COMPONENTS,
                     1, choose_range, &choosing);
    if (!gather_choices(mem, all, num_threads))
        code = wcp_no_memory(fault);
    job.documents = all->chosen.at;
    job.agencies = all->agencies.at;
    if (code == WCP_CODE_OK && corpus->opts.estimate != 0)
        for (size_t i = 0; i < all->chosen.num; i++)
            corpus->store->entries[all->chosen.at[i]].flags |= WCP_ENTRY_OWN;
    else if (code == WCP_CODE_OK && all->chosen.num > 0)
        code = wcp_corpus_each_credit(corpus, all->chosen.at, all->chosen.num,
                                      &taker, fault);
    for (unsigned t = 0; t < num_threads; t++) {
        wcp_array_release(mem, &all[t].documents);
        wcp_array_release(mem, &all[t].scratch);
        wcp_array_release(mem, &all[t].chosen);
        wcp_array_release(mem, &all[t].agencies);
    }
    wcp_free_array(mem, all, num_threads, sizeof *all);
    return code;
}

/* ---- the members ---- */

struct wcp_member_credit {
    const char *credit;   /* of the table, or in 'strings'; NULL: none */
    const char *dateline; /* in 'strings'; NULL: none */
    char *strings;        /* each ends in NUL */
    size_t size;          /* of them */
    size_t credit_len, dateline_len;
};

struct members_job {
    struct wcp_corpus *corpus;
    struct wcp_member_credit *at;
    const size_t *places; /* in 'at'; NULL: as they come */
};

/* Where a character ends, at most at 'end'. */
static size_t
cut(const char *text, size_t begin, size_t end)
{
    return begin +
           wcp_characters_within(text + begin, end - begin, MAX_DATELINE);
}

/* Append text[begin .. end) and a NUL to the strings. */
static const char *
keep(char **at, const char *text, size_t begin, size_t end)
{
    char *kept = *at;

    memcpy(kept, text + begin, end - begin);
    kept[end - begin] = '\0';
    *at += end - begin + 1;
    return kept;
}

static bool
keep_credit(void *ctx, size_t i, const struct wcp_credit *found,
            const char *text)
{
    const struct members_job *job = ctx;
    struct wcp_member_credit *to =
        &job->at[job->places != NULL ? job->places[i] : i];
    bool named = found->has_credit && found->agency != WCP_NO_AGENCY;
    bool copied = found->has_credit && !named;
    size_t end = cut(text, found->begin, found->end);
    size_t dateline_end = cut(text, found->dateline_begin, found->dateline_end);
    size_t credit_size = copied ? end - found->begin + 1 : 0;
    size_t dateline_size =
        found->has_dateline ? dateline_end - found->dateline_begin + 1 : 0;
    char *at;

    if (named) {
        to->credit = wcp_credits_name(job->corpus->credits, found->agency);
        to->credit_len = strlen(to->credit);
    }
    if (credit_size + dateline_size == 0)
        return true;
    to->size = credit_size + dateline_size;
    to->strings = at = wcp_new_array(&job->corpus->mem, to->size, 1);
    if (at == NULL)
        return false;
    if (credit_size > 0) {
        to->credit = keep(&at, text, found->begin, end);
        to->credit_len = credit_size - 1;
    }
    if (dateline_size > 0) {
        to->dateline = keep(&at, text, found->dateline_begin, dateline_end);
        to->dateline_len = dateline_size - 1;
    }
    return true;
}

/* ---- while texts are read for another reason ---- */

/* Threads have classes of their own.  What fails for want of memory is done
 * again when it is asked for. */
static void
take_text(void *ctx, uint32_t document, struct wcp_string text)
{
    struct wcp_corpus *corpus = ctx;
    struct wcp_member_credit **early =
        &corpus->early[wcp_document_class(corpus->store, document)];
    struct members_job job = { .corpus = corpus };
    struct wcp_credit found;

    if (*early != NULL) /* groups were asked for before */
        return;
    job.at = wcp_new_zeroed(&corpus->mem, 1, sizeof *job.at);
    if (job.at == NULL)
        return;
    wcp_credits_find(corpus->credits, text.data, text.len, &found);
    if (keep_credit(&job, 0, &found, text.data))
        *early = job.at;
    else
        wcp_corpus_free_credits(corpus, job.at, 1);
}

void
wcp_corpus_keep_texts(struct wcp_corpus *corpus, bool with_credits,
                      uint32_t least)
{
    struct wcp_store *store = corpus->store;

    /* Classes of a portion have other numbers than those of the whole. */
    with_credits = with_credits && store->whole == NULL;
    if (with_credits && corpus->early == NULL && corpus->credits != NULL)
        corpus->early = wcp_new_zeroed(&corpus->mem, store->num_classes,
                                       sizeof(struct wcp_member_credit *));
    corpus->tap = (struct wcp_text_tap){ take_text, corpus };
    store->kept_tap =
        with_credits && corpus->early != NULL ? &corpus->tap : NULL;
    wcp_components_keep_texts(&corpus->components, store, &corpus->plan, least);
}

void
wcp_corpus_free_early(struct wcp_corpus *corpus)
{
    const size_t num = corpus->early != NULL ? corpus->store->num_classes : 0;

    for (size_t c = 0; c < num; c++)
        wcp_corpus_free_credits(corpus, corpus->early[c], 1);
    wcp_free_array(&corpus->mem, corpus->early, num,
                   sizeof(struct wcp_member_credit *));
    corpus->early = NULL;
}

/* The document that is read for another: the first of its class, if they have
 * the same text. */
static uint32_t
document_to_read(const struct wcp_store *store, uint32_t document)
{
    const struct wcp_entry *entries = store->entries;
    uint32_t c, first;

    if (store->outline != NULL)
        return document;
    c = entries[document].class_number;
    first = c != WCP_NO_CLASS ? wcp_class_document(store, c) : document;
    return wcp_entry_same_text(&entries[first], &entries[document]) ? first
                                                                    : document;
}

/* What a document was found to credit, to be lent; false: it was not read. */
static bool
lend_early(const struct wcp_corpus *corpus, uint32_t document,
           struct wcp_member_credit *to)
{
    const struct wcp_store *store = corpus->store;
    const uint32_t c = corpus->early != NULL
                           ? wcp_document_class(store, document)
                           : WCP_NO_CLASS;

    if (c == WCP_NO_CLASS || wcp_class_document(store, c) != document ||
        corpus->early[c] == NULL)
        return false;
    *to = *corpus->early[c];
    to->strings = NULL;
    return true;
}

enum wcp_code
wcp_corpus_find_credits(struct wcp_corpus *corpus,
                        const struct wcp_member *members, size_t num_members,
                        const struct wcp_meanwhile *meanwhile,
                        struct wcp_member_credit **credits_ret,
                        struct wcp_fault *fault)
{
    /* Without texts there is nothing to find, but members have a place. */
    const size_t most = corpus->opts.estimate != 0 ? 0 : num_members;
    uint32_t *documents = wcp_new_array(&corpus->mem, most, sizeof *documents);
    size_t *places = wcp_new_array(&corpus->mem, most, sizeof *places);
    struct members_job job = {
        corpus, wcp_new_zeroed(&corpus->mem, num_members, sizeof *job.at),
        places
    };
    enum wcp_code code = documents == NULL || places == NULL || job.at == NULL
                             ? wcp_no_memory(fault)
                             : wcp_corpus_read_credits(corpus, NULL, fault);
    const struct wcp_credit_taker taker = { keep_credit, &job, meanwhile };
    size_t num = 0;

    for (size_t i = 0; code == WCP_CODE_OK && i < most; i++) {
        const uint32_t document =
            document_to_read(corpus->store, members[i].document);

        if (!lend_early(corpus, document, &job.at[i])) {
            places[num] = i;
            documents[num++] = document;
        }
    }
    if (code == WCP_CODE_OK)
        code = wcp_corpus_each_credit(corpus, documents, num, &taker, fault);
    wcp_free_array(&corpus->mem, documents, most, sizeof *documents);
    wcp_free_array(&corpus->mem, places, most, sizeof *places);
    if (code == WCP_CODE_OK)
        *credits_ret = job.at;
    else
        wcp_corpus_free_credits(corpus, job.at, num_members);
    return code;
}

void
wcp_corpus_free_credits(struct wcp_corpus *corpus,
                        struct wcp_member_credit *credits, size_t num)
{
    for (size_t i = 0; credits != NULL && i < num; i++)
        if (credits[i].strings != NULL)
            wcp_free_array(&corpus->mem, credits[i].strings, credits[i].size,
                           1);
    wcp_free_array(&corpus->mem, credits, num, sizeof *credits);
}

void
wcp_credit_give(struct wcp_group_member *member,
                const struct wcp_member_credit *credits, size_t i)
{
    member->credit = credits[i].credit;
    member->credit_len = credits[i].credit_len;
    member->dateline = credits[i].dateline;
    member->dateline_len = credits[i].dateline_len;
}
