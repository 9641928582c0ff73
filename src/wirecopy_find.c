/*
 * wirecopy_find.c - the public API: documents, groups and pairs
 */
#include "wirecopy_internal.h"

#include "store/portion.h"

#include <math.h>

/* ---- documents ---- */

const struct wcp_document_info *
wcp_corpus_describe_entry(struct wcp_corpus *corpus,
                          const struct wcp_entry *entry, uint32_t number,
                          unsigned place)
{
    struct wcp_document_info *info = &corpus->infos[place];
    struct wcp_buffer *id = &corpus->ids[place];
    struct wcp_string title = wcp_entry_title(entry);
    struct wcp_string date = wcp_entry_date(entry);
    struct wcp_string source = wcp_entry_source(entry);

    id->len = 0;
    if (!wcp_entry_shown_id(corpus->store, entry, number, id) ||
        !wcp_buffer_append(id, "", 1))
        return NULL;
    *info = (struct wcp_document_info){
        .number = (uint64_t)number + 1,
        .id = (const char *)id->data,
        .id_len = id->len - 1,
        .path = entry->source != UINT32_MAX
                    ? wcp_source_path(corpus->reader, entry->source)
                    : NULL,
        .line = entry->line,
        .title = title.data,
        .date = date.data,
        .source = source.data,
        .title_len = title.len,
        .date_len = date.len,
        .source_len = source.len,
        .date_ms = entry->date_ms,
    };
    return info;
}

const struct wcp_document_info *
wcp_corpus_describe(struct wcp_corpus *corpus, uint32_t document,
                    unsigned place)
{
    return wcp_corpus_describe_entry(corpus, &corpus->store->entries[document],
                                     document, place);
}

/* The same wherever the document is. */
static enum wcp_code
look_up(struct wcp_corpus *corpus, uint32_t document, unsigned place,
        const struct wcp_document_info **info_ret, struct wcp_fault *fault)
{
    const struct wcp_entry *entry;
    struct wcp_entry room;
    enum wcp_code code = wcp_store_entry(
        corpus->store, document, &room, &corpus->strings[place], &entry, fault);

    if (code != WCP_CODE_OK)
        return code;
    *info_ret = wcp_corpus_describe_entry(corpus, entry, document, place);
    return *info_ret != NULL ? WCP_CODE_OK : wcp_no_memory(fault);
}

enum wcp_status
wcp_corpus_documents(
    struct wcp_corpus *corpus,
    int32_t (*on_document)(void *ctx, const struct wcp_document_info *document),
    void *ctx, struct wcp_error *err)
{
    struct wcp_fault fault = { 0 };
    struct wcp_entry_walk walk = { .store = corpus->store };
    const struct wcp_entry *entry;
    enum wcp_code code = wcp_corpus_link(corpus, &fault);

    while (code == WCP_CODE_OK &&
           (entry = wcp_entry_walk_next(&walk, &code, &fault)) != NULL) {
        const struct wcp_document_info *info =
            wcp_corpus_describe_entry(corpus, entry, walk.next - 1, 0);

        if (info == NULL)
            code = wcp_no_memory(&fault);
        else if (on_document(ctx, info) != 0)
            code = wcp_fail(&fault, WCP_CODE_STOPPED, 0, "stopped");
    }
    wcp_entry_walk_release(&walk);
    return wcp_corpus_tell(corpus, err, code, &fault);
}

/* ---- what is estimated ---- */

/* A containment; NaN where the signatures cannot tell. */
double
wcp_corpus_share(const struct wcp_corpus *corpus, bool same_text,
                 uint32_t common, uint32_t size)
{
    if (corpus->opts.estimate != 0)
        return same_text ? 1 : NAN;
    return wcp_overlap_share(common, size);
}

/* ---- groups ---- */

/* The fields of a member that follow from its overlap. */
static void
judge(const struct wcp_corpus *corpus, struct wcp_group_member *member,
      const struct wcp_overlap *overlap, bool same_text)
{
    member->jaccard = wcp_jaccard(overlap);
    member->covers =
        wcp_corpus_share(corpus, same_text, overlap->common, overlap->size_b);
    member->covered =
        wcp_corpus_share(corpus, same_text, overlap->common, overlap->size_a);
}

static enum wcp_status
get_found(const struct wcp_group_view *view, uint64_t i)
{
    struct wcp_corpus *corpus = view->corpus;
    struct wcp_group_member *member = &corpus->member;
    const struct wcp_found *found;
    struct wcp_fault fault = { 0 };
    enum wcp_code code = wcp_runs_get(view->runs, i, &found, &fault);

    if (code != WCP_CODE_OK)
        return (enum wcp_status)code;
    member->document =
        wcp_corpus_describe_entry(corpus, &found->entry, found->number, 0);
    if (member->document == NULL)
        return WCP_NO_MEMORY;
    judge(corpus, member, &found->overlap, found->same_text);
    member->relation = (enum wcp_relation)found->relation;
    member->credit = found->extras[0].text;
    member->credit_len = found->extras[0].len;
    member->dateline = found->extras[1].text;
    member->dateline_len = found->extras[1].len;
    return WCP_OK;
}

/* What the members that come next will need, from anywhere in memory. */
static void
look_ahead(const struct wcp_group_view *view, const struct wcp_member *member)
{
    enum { ENTRIES = 16, STRINGS = 6 }; /* members ahead */
    const struct wcp_entry *entries = view->corpus->store->entries;
    const size_t num = (size_t)(view->end - member);

    if (num > ENTRIES) {
        const struct wcp_entry *entry = &entries[member[ENTRIES].document];

        wcp_prefetch(entry);
        wcp_prefetch((const char *)entry + 64);
    }
    if (num > STRINGS) {
        const char *strings = entries[member[STRINGS].document].strings;

        wcp_prefetch(strings);
        wcp_prefetch(strings + 64);
    }
}

static enum wcp_status
get_member(const struct wcp_group_view *view, uint64_t i)
{
    const struct wcp_member *from = &view->members[i];
    struct wcp_corpus *corpus = view->corpus;
    const struct wcp_store *store = corpus->store;
    struct wcp_group_member *member = &corpus->member;
    struct wcp_fault fault = { 0 };
    enum wcp_code code;

    if (store->outline == NULL)
        look_ahead(view, from);
    code = look_up(corpus, from->document, 0, &member->document, &fault);
    if (code != WCP_CODE_OK)
        return (enum wcp_status)code;
    judge(corpus, member, &from->overlap,
          wcp_document_class(store, from->document) ==
              wcp_document_class(store, from->original));
    member->relation = (enum wcp_relation)from->relation;
    wcp_credit_give(member, view->credits, view->first + i);
    return WCP_OK;
}

enum wcp_status
wcp_group_get(const struct wcp_group *group, uint64_t i,
              const struct wcp_group_member **member_ret)
{
    const struct wcp_group_view *view =
        (const struct wcp_group_view *)(const void *)group;
    enum wcp_status status;

    if (i >= group->size)
        return WCP_BAD_OPTION;
    status = view->runs != NULL ? get_found(view, i) : get_member(view, i);
    if (status != WCP_OK)
        return status;
    *member_ret = &view->corpus->member;
    return WCP_OK;
}

static double
weakest_of(const struct wcp_member *members, size_t num)
{
    double weakest = 1;

    for (size_t i = 0; i < num; i++) {
        double jaccard = wcp_jaccard(&members[i].overlap);

        if (jaccard < weakest)
            weakest = jaccard;
    }
    return weakest;
}

struct wcp_copy_rules
wcp_corpus_copy_rules(const struct wcp_corpus *corpus)
{
    return (struct wcp_copy_rules){
        .order = WCP_ORDER_DATE,
        .relations = wcp_corpus_relations(corpus),
        .threshold = wcp_corpus_threshold(corpus),
        .judged = corpus->opts.estimate == 0,
    };
}

enum wcp_code
wcp_corpus_group(struct wcp_corpus *corpus, struct wcp_groups *groups,
                 enum wcp_order order, bool for_dropping,
                 struct wcp_fault *fault)
{
    struct wcp_copy_rules rules = wcp_corpus_copy_rules(corpus);
    double start = wcp_wall_seconds();
    enum wcp_code code;

    rules.order = order;
    rules.for_dropping = for_dropping;

    if (corpus->store->outline != NULL) {
        code =
            wcp_corpus_groups_out(corpus, groups, order, for_dropping, fault);
    } else {
        wcp_corpus_keep_texts(
            corpus, !for_dropping,
            wcp_groups_in_waves(corpus->store, &corpus->plan, &rules)
                ? WCP_LARGE_WAVE
                : 2);
        code = wcp_groups_find_judged(groups, corpus->store, &corpus->plan,
                                      &corpus->components, &rules, fault);
        corpus->store->kept_tap = NULL;
    }
    if (code == WCP_CODE_OK)
        code = wcp_groups_widen(groups, corpus->store, &rules, fault);
    if (code != WCP_CODE_OK) {
        wcp_groups_release(groups);
        return code;
    }
    corpus->stats.verify_seconds = wcp_wall_seconds() - start;
    corpus->stats.verify_memory = wcp_peak_memory();
    corpus->stats.verified = groups->num_verified;
    corpus->stats.groups = groups->begins.num;
    corpus->stats.copies = groups->members.num - groups->begins.num;
    return WCP_CODE_OK;
}

/* Groups begin .. end - 1, what their members credit, and who takes them. */
struct handing {
    struct wcp_corpus *corpus;
    const struct wcp_groups *groups;
    int32_t (*on_group)(void *ctx, const struct wcp_group *group);
    void *ctx;
    size_t begin, end;
    struct wcp_member_credit *credits;
    bool stopped; /* nobody wants more */
};

/* Streams are read again once for all that credits are looked for in. */
static enum wcp_code
spool_members(struct wcp_corpus *corpus, const struct wcp_groups *groups,
              struct wcp_fault *fault)
{
    const size_t num = groups->members.num;
    uint32_t *documents = wcp_new_array(&corpus->mem, num, sizeof *documents);
    enum wcp_code code = WCP_CODE_OK;

    if (documents == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < num; i++)
        documents[i] = groups->members.at[i].document;
    if (corpus->opts.estimate == 0)
        code = wcp_store_spool_documents(corpus->store, documents, num, fault);
    wcp_free_array(&corpus->mem, documents, num, sizeof *documents);
    return code;
}

/* Where the groups end whose credits are found together: some of them, while
 * those before are handed out, or where memory is short.  Streams would be read
 * again for each part. */
static size_t
part_end(const struct wcp_corpus *corpus, const struct wcp_groups *groups,
         size_t begin)
{
    enum { MOST_MEMBERS = 1 << 16, MOST_TOGETHER = 1 << 14 };
    const bool together = corpus->store->outline == NULL;
    const size_t most = together ? MOST_TOGETHER : MOST_MEMBERS;
    const size_t num = groups->begins.num;
    size_t end = begin + 1;

    if (together && wcp_store_has_streams(corpus->store))
        return num;
    while (end < num &&
           groups->begins.at[end + 1] - groups->begins.at[begin] <= most)
        end++;
    return end;
}

/* False: nobody wants more. */
static bool
hand_out(void *ctx)
{
    struct handing *handing = ctx;
    const size_t *begins = handing->groups->begins.at;
    const struct wcp_member *members = handing->groups->members.at;

    for (size_t i = handing->begin; !handing->stopped && i < handing->end;
         i++) {
        const size_t num = begins[i + 1] - begins[i];
        const struct wcp_group_view view = {
            .group = { i + 1, num, weakest_of(members + begins[i], num) },
            .corpus = handing->corpus,
            .members = members + begins[i],
            .credits = handing->credits,
            .first = begins[i] - begins[handing->begin],
            .end = members + begins[handing->end],
        };

        handing->stopped = handing->on_group(handing->ctx, &view.group) != 0;
    }
    return !handing->stopped;
}

static void
release_credits(struct handing *handing)
{
    const size_t *begins = handing->groups->begins.at;

    if (handing->credits != NULL)
        wcp_corpus_free_credits(handing->corpus, handing->credits,
                                begins[handing->end] - begins[handing->begin]);
    handing->credits = NULL;
}

/* Hand out all groups.  While that of some is done, what the next credit is
 * found out, if there is memory for both. */
static enum wcp_code
hand_out_all(struct handing *now, struct wcp_fault *fault)
{
    struct wcp_corpus *corpus = now->corpus;
    const struct wcp_groups *groups = now->groups;
    const struct wcp_meanwhile meanwhile = { hand_out, now };
    const bool together = corpus->store->outline == NULL;
    enum wcp_code code = wcp_store_check_kept(corpus->store, fault);

    for (size_t at = 0; code == WCP_CODE_OK && at < groups->begins.num;
         at = now->end) {
        struct handing next = *now;
        const size_t first = groups->begins.at[at];

        if (!together)
            release_credits(now);
        next.credits = NULL;
        next.begin = at;
        next.end = part_end(corpus, groups, at);
        code = wcp_corpus_find_credits(corpus, groups->members.at + first,
                                       groups->begins.at[next.end] - first,
                                       together && at > 0 ? &meanwhile : NULL,
                                       &next.credits, fault);
        release_credits(now);
        next.stopped = now->stopped;
        *now = next;
        if (now->stopped ||
            (code == WCP_CODE_OK && !together && !hand_out(now)))
            code = wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    }
    if (code == WCP_CODE_OK && together && !hand_out(now))
        code = wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    release_credits(now);
    return code;
}

enum wcp_status
wcp_corpus_find(struct wcp_corpus *corpus,
                int32_t (*on_group)(void *ctx, const struct wcp_group *group),
                void *ctx, struct wcp_error *err)
{
    struct wcp_fault fault = { 0 };
    struct wcp_groups groups = { 0 };
    struct handing handing = {
        .corpus = corpus, .groups = &groups, .on_group = on_group, .ctx = ctx
    };
    enum wcp_code code = wcp_corpus_link_texts(corpus, &fault);

    if (code == WCP_CODE_OK && corpus->store->spill != NULL &&
        corpus->store->outline == NULL) {
        code = wcp_corpus_find_portions(corpus, on_group, ctx, &fault);
        return wcp_corpus_tell(corpus, err, code, &fault);
    }
    if (code == WCP_CODE_OK && corpus->store->outline == NULL)
        code = wcp_corpus_mark_own(corpus, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_corpus_group(corpus, &groups, WCP_ORDER_ORIGINAL, false,
                                &fault);
    if (code == WCP_CODE_OK && corpus->store->outline != NULL)
        code = spool_members(corpus, &groups, &fault);
    if (code == WCP_CODE_OK)
        code = hand_out_all(&handing, &fault);
    wcp_groups_release(&groups);
    return wcp_corpus_tell(corpus, err, code, &fault);
}

/* ---- pairs ---- */

struct pair_view {
    struct wcp_corpus *corpus;
    int32_t (*on_pair)(void *ctx, const struct wcp_pair *pair);
    void *ctx;
    enum wcp_code code; /* what stopped it, and 'fault' why; OK: on_pair */
    struct wcp_fault *fault;
};

static bool
pass_pair(void *ctx, const struct wcp_document_pair *from)
{
    struct pair_view *view = ctx;
    struct wcp_corpus *corpus = view->corpus;
    struct wcp_pair pair;

    if ((wcp_corpus_relations(corpus) & WCP_REL_BIT(from->relation)) == 0)
        return true;
    pair = (struct wcp_pair){
        .jaccard = wcp_jaccard(&from->overlap),
        .a_in_b = wcp_corpus_share(corpus, from->same_text,
                                   from->overlap.common, from->overlap.size_a),
        .b_in_a = wcp_corpus_share(corpus, from->same_text,
                                   from->overlap.common, from->overlap.size_b),
        .relation = (enum wcp_relation)from->relation,
    };
    view->code = look_up(corpus, from->a, 0, &pair.a, view->fault);
    if (view->code == WCP_CODE_OK)
        view->code = look_up(corpus, from->b, 1, &pair.b, view->fault);
    if (view->code != WCP_CODE_OK)
        return false;
    corpus->stats.pairs++;
    return view->on_pair(view->ctx, &pair) == 0;
}

enum wcp_status
wcp_corpus_pairs(struct wcp_corpus *corpus,
                 int32_t (*on_pair)(void *ctx, const struct wcp_pair *pair),
                 void *ctx, struct wcp_error *err)
{
    struct wcp_fault fault = { 0 };
    struct wcp_class_pairs pairs = { 0 };
    struct wcp_fault why = { 0 };
    struct pair_view view = { corpus, on_pair, ctx, WCP_CODE_OK, &why };
    enum wcp_code code = wcp_corpus_link(corpus, &fault);
    const struct wcp_copy_rules rules = wcp_corpus_copy_rules(corpus);
    double start = wcp_wall_seconds();

    if (code == WCP_CODE_OK && corpus->store->spill != NULL &&
        corpus->store->outline == NULL) {
        code = wcp_corpus_pairs_portions(corpus, on_pair, ctx, &fault);
        return wcp_corpus_tell(corpus, err, code, &fault);
    }
    if (code == WCP_CODE_OK && corpus->store->outline == NULL)
        wcp_components_keep_texts(&corpus->components, corpus->store,
                                  &corpus->plan, 2);
    if (code == WCP_CODE_OK)
        code = corpus->store->outline != NULL
                   ? wcp_corpus_class_pairs_out(corpus, &pairs, &fault)
                   : wcp_class_pairs_find(&pairs, corpus->store, &corpus->plan,
                                          &corpus->components, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_class_pairs_widen(&pairs, corpus->store, &rules, &fault);
    if (code == WCP_CODE_OK)
        code = wcp_store_check_kept(corpus->store, &fault);
    if (code != WCP_CODE_OK) {
        wcp_class_pairs_release(&pairs);
        return wcp_corpus_tell(corpus, err, code, &fault);
    }
    corpus->stats.verify_seconds = wcp_wall_seconds() - start;
    corpus->stats.verify_memory = wcp_peak_memory();
    corpus->stats.verified = pairs.num_candidates;
    corpus->stats.pairs = 0;
    code = wcp_document_pairs_each(corpus->store, &pairs, pass_pair, &view,
                                   &fault);
    if (view.code != WCP_CODE_OK) {
        code = view.code;
        fault = why;
    }
    wcp_class_pairs_release(&pairs);
    return wcp_corpus_tell(corpus, err, code, &fault);
}
