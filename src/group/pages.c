/*
 * pages.c - which texts are pages by what they hold besides one story
 *
 * Where no other document of the corpus lies in a text that holds a story, the
 * text itself may tell (rest.c).  Each is read once, for all its stories.
 */
#include "group/judge.h"

#include "group/rest.h"

enum { RUN = 16 }; /* pairs that a thread takes at a time */

struct reading {
    struct wcp_store *store;
    struct wcp_class_pair *pairs;
    double threshold;
    size_t *suspects; /* [num_suspects]: places in pairs, by page */
    size_t num_suspects;
};

/* What a thread reads with, and the page at hand. */
struct page_reader {
    struct wcp_store_worker *workers[2];
    struct wcp_page page;
    uint32_t class_number; /* of the page, if is_read */
    bool is_read;
};

/* The class that may be a page for the other one of a pair. */
static uint32_t
page_of(const struct wcp_class_pair *pair)
{
    return pair->overlap.size_a > pair->overlap.size_b ? pair->a : pair->b;
}

/* Whether one may be a page for all that shares and lengths say. */
static bool
is_suspect(const struct reading *r, const struct wcp_class_pair *pair)
{
    const bool is_a = page_of(pair) == pair->a;
    const uint32_t less = is_a ? pair->overlap.size_b : pair->overlap.size_a;
    const uint32_t more = is_a ? pair->overlap.size_a : pair->overlap.size_b;
    const uint32_t a = wcp_class_units(r->store, pair->a);
    const uint32_t b = wcp_class_units(r->store, pair->b);
    const uint32_t page = is_a ? a : b, story = is_a ? b : a;

    return pair->relation == 0 &&
           wcp_overlap_share(pair->overlap.common, less) >= r->threshold &&
           wcp_overlap_share(pair->overlap.common, more) < r->threshold &&
           story >= WCP_MIN_STORY_UNITS && page <= WCP_REST_MAX_UNITS &&
           page >= story + WCP_MIN_REST_UNITS;
}

/* Have the page at hand. */
static enum wcp_code
read_page(const struct reading *r, struct page_reader *reader, uint32_t page,
          struct wcp_fault *fault)
{
    const struct wcp_folded *folded;
    struct wcp_string text;
    enum wcp_code code;

    if (reader->is_read && reader->class_number == page)
        return WCP_CODE_OK;
    reader->is_read = false;
    code = wcp_store_fetch_folded(reader->workers[0],
                                  wcp_class_document(r->store, page), true,
                                  &text, &folded, fault);
    if (code == WCP_CODE_OK)
        code = wcp_page_read(&reader->page, text, folded, fault);
    reader->is_read = code == WCP_CODE_OK;
    reader->class_number = page;
    return code;
}

static enum wcp_code
read_pair(const struct reading *r, struct page_reader *reader,
          struct wcp_class_pair *pair, struct wcp_fault *fault)
{
    const uint32_t page = page_of(pair);
    const uint32_t story = page == pair->a ? pair->b : pair->a;
    struct wcp_relation_evidence evidence = { .threshold = r->threshold,
                                              .overlap = pair->overlap };
    const struct wcp_folded *folded;
    enum wcp_code code = read_page(r, reader, page, fault);

    if (page != pair->a) { /* a: the copy */
        evidence.overlap.size_a = pair->overlap.size_b;
        evidence.overlap.size_b = pair->overlap.size_a;
    }
    if (code != WCP_CODE_OK || wcp_page_num_paragraphs(&reader->page) == 0)
        return code;
    code = wcp_store_fetch_folded(reader->workers[1],
                                  wcp_class_document(r->store, story), false,
                                  NULL, &folded, fault);
    if (code == WCP_CODE_OK)
        code = wcp_page_rest(&reader->page, folded, &evidence.rest, fault);
    if (code == WCP_CODE_OK && wcp_relation(&evidence) == WCP_REL_EMBEDDED)
        pair->relation = WCP_REL_EMBEDDED;
    return code;
}

static enum wcp_code
pages_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct reading *r = wcp_team_ctx(team);
    struct page_reader reader = { .page = { .mem = r->store->mem } };
    enum wcp_code code = WCP_CODE_OK;

    for (int i = 0; code == WCP_CODE_OK && i < 2; i++)
        code = wcp_store_worker_new(r->store, &reader.workers[i], fault);
    while (code == WCP_CODE_OK) {
        const size_t begin = wcp_team_next(team) * RUN;

        if (begin >= r->num_suspects)
            break;
        for (size_t i = begin;
             code == WCP_CODE_OK && i < begin + RUN && i < r->num_suspects;
             i++) {
            code = wcp_team_check(team, number, fault);
            if (code == WCP_CODE_OK)
                code = read_pair(r, &reader, &r->pairs[r->suspects[i]], fault);
            wcp_team_did(team, 1);
        }
    }
    wcp_page_release(&reader.page);
    wcp_store_worker_free(reader.workers[0]);
    wcp_store_worker_free(reader.workers[1]);
    return code;
}

/* List the suspects by their pages. */
static bool
list_suspects(struct reading *r, const size_t *places, size_t num)
{
    const struct wcp_memory *mem = r->store->mem;
    uint64_t *keys = wcp_new_array(mem, 2 * num, sizeof *keys);
    const bool allocated = keys != NULL && num <= UINT32_MAX;
    size_t num_keys = 0;

    for (size_t i = 0; allocated && i < num; i++) {
        const struct wcp_class_pair *pair =
            &r->pairs[places != NULL ? places[i] : i];

        if (is_suspect(r, pair))
            keys[num_keys++] = (uint64_t)page_of(pair) << 32 | i;
    }
    r->suspects = wcp_new_array(mem, num_keys, sizeof *r->suspects);
    if (allocated && r->suspects != NULL) {
        r->num_suspects = num_keys;
        wcp_sort_u64(keys, keys + num, num_keys);
        for (size_t i = 0; i < num_keys; i++) {
            const uint32_t place = (uint32_t)keys[i];

            r->suspects[i] = places != NULL ? places[place] : place;
        }
    }
    wcp_free_array(mem, keys, 2 * num, sizeof *keys);
    return allocated && r->suspects != NULL;
}

enum wcp_code
wcp_judge_pages(struct wcp_store *store, struct wcp_class_pair *pairs,
                const size_t *places, size_t num, double threshold,
                struct wcp_fault *fault)
{
    struct reading r = { .store = store,
                         .pairs = pairs,
                         .threshold = threshold };
    enum wcp_code code = WCP_CODE_OK;

    if (!list_suspects(&r, places, num))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK && r.num_suspects > 0)
        code = wcp_run_team(
            wcp_threads_for(store->opts.num_threads, r.num_suspects, RUN),
            &store->opts.watch, r.num_suspects, pages_main, &r, fault);
    wcp_free_array(store->mem, r.suspects, r.num_suspects, sizeof *r.suspects);
    return code;
}
