/*
 * greedy.c - groups: each document joins an earlier original or becomes one
 *
 * Components do not touch one another, so threads take one each and work
 * through its documents in order.  A document is a member of a class of
 * identical texts: if the class holds an original the document joins it
 * unseen; otherwise it remembers which originals its class was compared with
 * and looks only at those that have come since.
 *
 * If nobody asks for the texts later, they are read a few components at a time
 * (store/waves.c), and what joins an original is judged while both are at hand.
 */
#include "group/judge.h"

#include <string.h>

/* Sets that a thread keeps. */
#define KEEP_BYTES ((size_t)32 << 20)
#define NO_LEADER UINT32_MAX
/* Classes of a wave, but for those of one larger component: their texts should
 * stay in the second cache. */
enum { WAVE = 256 };

/* What is known of a class of the component at hand. */
struct class_state {
    uint32_t leader;            /* the original among its documents */
    uint32_t best;              /* most similar leader so far */
    struct wcp_overlap overlap; /* with it; a: this class */
    uint32_t num_checked;       /* leaders it was compared with */
    uint32_t judged;            /* with which leader; NO_LEADER: with none */
    enum wcp_relation_kind relation; /* to that */
};

struct greedy_run {
    struct wcp_store *store;
    const struct wcp_plan *plan;
    const struct wcp_components *components;
    const struct wcp_copy_rules *rules;
    struct wcp_groups *groups;
    bool in_waves;
    uint32_t *waves; /* [num_waves + 1] the first component of each */
    uint32_t num_waves;
};

struct greedy_thread {
    const struct greedy_run *run;
    struct wcp_team *team;
    unsigned number;
    struct wcp_verifier *verifier;
    struct wcp_originals *originals;
    struct wcp_wave *wave;        /* NULL: texts have been kept, or are not */
    struct wcp_pair_judge *judge; /* likewise */
    WCP_ARRAY(uint32_t) likely;   /* classes of the wave at hand */
    const uint32_t *classes;
    uint32_t num_classes;
    WCP_ARRAY(struct class_state) states; /* by rank */
    WCP_ARRAY(uint32_t) documents, scratch;
    WCP_ARRAY(uint32_t) leaders; /* documents that are originals, in order */
    WCP_ARRAY(struct wcp_member) found;
    WCP_ARRAY(struct wcp_member) sorting;
    struct wcp_fault *fault;
};

/* The place of a class in the component's ascending list. */
static uint32_t
rank_of(const struct greedy_thread *thread, uint32_t class_number)
{
    uint32_t low = 0, high = thread->num_classes;

    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;

        if (thread->classes[middle] <= class_number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* All documents of the component's classes, in document order. */
static bool
list_documents(struct greedy_thread *thread)
{
    const struct wcp_store *store = thread->run->store;
    size_t num = 0;

    for (uint32_t i = 0; i < thread->num_classes; i++) {
        uint32_t c = thread->classes[i];

        num += store->class_begins[c + 1] - store->class_begins[c];
    }
    if (!wcp_array_reserve(store->mem, &thread->documents, num) ||
        !wcp_array_reserve(store->mem, &thread->scratch, num))
        return false;
    thread->documents.num = 0;
    for (uint32_t i = 0; i < thread->num_classes; i++) {
        uint32_t c = thread->classes[i];

        for (uint32_t k = store->class_begins[c];
             k < store->class_begins[c + 1]; k++)
            thread->documents.at[thread->documents.num++] =
                store->class_documents[k];
    }
    wcp_sort_documents(store, thread->run->rules->order, thread->documents.at,
                       num, thread->scratch.at);
    return true;
}

static enum wcp_code
add_leader(struct greedy_thread *thread, uint32_t document, uint32_t rank)
{
    thread->states.at[rank].leader = wcp_originals_num(thread->originals);
    if (!wcp_array_grow(thread->run->store->mem, &thread->leaders))
        return wcp_no_memory(thread->fault);
    thread->leaders.at[thread->leaders.num++] = document;
    return wcp_originals_add(thread->originals, rank, thread->fault);
}

/* Compare a class with the leaders that have come since it last was. */
static enum wcp_code
update_best(struct greedy_thread *thread, uint32_t rank)
{
    const struct wcp_plan *plan = thread->run->plan;
    struct class_state *state = &thread->states.at[rank];
    const uint32_t *candidates;
    enum wcp_code code;
    size_t num;

    code = wcp_originals_find(thread->originals, rank, state->num_checked,
                              &candidates, &num, thread->fault);
    if (code != WCP_CODE_OK)
        return code;
    for (size_t i = 0; i < num; i++) {
        struct wcp_overlap overlap;

        code = wcp_team_check(thread->team, thread->number, thread->fault);
        if (code == WCP_CODE_OK)
            code = wcp_verifier_overlap(
                thread->verifier, rank,
                wcp_originals_rank(thread->originals, candidates[i]),
                plan->threshold, &overlap, thread->fault);
        if (code != WCP_CODE_OK)
            return code;
        if (wcp_jaccard(&overlap) < plan->threshold)
            continue;
        if (state->best == NO_LEADER ||
            wcp_overlap_compare(&overlap, &state->overlap) > 0) {
            state->best = candidates[i];
            state->overlap = overlap;
        }
    }
    state->num_checked = wcp_originals_num(thread->originals);
    return WCP_CODE_OK;
}

/* What a class is to the original that it joins. */
static enum wcp_code
judge_class(struct greedy_thread *thread, uint32_t rank)
{
    struct class_state *state = &thread->states.at[rank];
    const struct wcp_overlap *overlap = &state->overlap;
    const uint32_t original =
        wcp_originals_rank(thread->originals, state->best);
    struct wcp_class_pair pair = {
        .a = thread->classes[original],
        .b = thread->classes[rank],
        .overlap = { overlap->common, overlap->size_b, overlap->size_a },
    };
    enum wcp_code code;

    if (thread->judge == NULL || state->judged == state->best)
        return WCP_CODE_OK;
    code = wcp_judge_pair(thread->judge, &pair, thread->fault);
    state->judged = state->best;
    state->relation = pair.relation != 0 ? (enum wcp_relation_kind)pair.relation
                                         : WCP_REL_REPRINT;
    return code;
}

static enum wcp_code
place_document(struct greedy_thread *thread, uint32_t document)
{
    const struct wcp_store *store = thread->run->store;
    uint32_t rank = rank_of(thread, wcp_document_class(store, document));
    struct class_state *state = &thread->states.at[rank];
    struct wcp_member member = { .document = document, .original = document };

    if (state->leader == NO_LEADER) {
        enum wcp_code code = update_best(thread, rank);

        if (code != WCP_CODE_OK)
            return code;
        if (state->best == NO_LEADER)
            code = add_leader(thread, document, rank);
        if (code != WCP_CODE_OK)
            return code;
        if (state->best != NO_LEADER) {
            wcp_verifier_drop(thread->verifier, rank);
            code = judge_class(thread, rank);
        }
        if (code != WCP_CODE_OK)
            return code;
    }
    if (state->leader != NO_LEADER) {
        member.original = thread->leaders.at[state->leader];
        member.overlap = (struct wcp_overlap){ 1, 1, 1 };
        if (thread->judge != NULL)
            member.relation = WCP_REL_IDENTICAL;
    } else {
        member.original = thread->leaders.at[state->best];
        member.overlap = state->overlap;
        member.relation = state->relation;
    }
    if (!wcp_array_grow(store->mem, &thread->found))
        return wcp_no_memory(thread->fault);
    thread->found.at[thread->found.num++] = member;
    return WCP_CODE_OK;
}

/* What is most complete is no order to read a list in: members of one date,
 * which are together, by their ids instead. */
static bool
sort_by_ids(struct greedy_thread *thread, size_t begin)
{
    const struct wcp_store *store = thread->run->store;
    struct wcp_member *found = thread->found.at;

    for (size_t end; begin < thread->found.num; begin = end) {
        const int64_t date = store->entries[found[begin].document].date_ms;

        end = begin + 1;
        while (end < thread->found.num &&
               store->entries[found[end].document].date_ms == date)
            end++;
        if (end - begin < 2 || date == WCP_NO_DATE)
            continue;
        if (!wcp_array_reserve(store->mem, &thread->sorting, (end - begin) / 2))
            return false;
        wcp_sort_members(store, found + begin, end - begin, thread->sorting.at);
    }
    return true;
}

static enum wcp_code
run_component(struct greedy_thread *thread, uint32_t i)
{
    const struct greedy_run *run = thread->run;
    const size_t num_before = thread->found.num;
    enum wcp_code code;

    thread->classes = run->components->classes + run->components->begins[i];
    thread->num_classes =
        run->components->begins[i + 1] - run->components->begins[i];
    thread->leaders.num = 0;
    if (!wcp_array_reserve(run->store->mem, &thread->states,
                           thread->num_classes) ||
        !list_documents(thread))
        return wcp_no_memory(thread->fault);
    for (uint32_t k = 0; k < thread->num_classes; k++)
        thread->states.at[k] = (struct class_state){ .leader = NO_LEADER,
                                                     .best = NO_LEADER,
                                                     .judged = NO_LEADER };
    code = wcp_verifier_begin(thread->verifier, thread->classes,
                              thread->num_classes, thread->fault);
    wcp_originals_begin(thread->originals, thread->classes,
                        thread->num_classes);
    for (size_t k = 0; code == WCP_CODE_OK && k < thread->documents.num; k++) {
        code = wcp_team_check(thread->team, thread->number, thread->fault);
        if (code == WCP_CODE_OK)
            code = place_document(thread, thread->documents.at[k]);
        wcp_team_did(thread->team, 1);
    }
    if (code == WCP_CODE_OK && run->rules->order == WCP_ORDER_ORIGINAL &&
        !sort_by_ids(thread, num_before))
        code = wcp_no_memory(thread->fault);
    return code;
}

/* Hand over what the thread found. */
static enum wcp_code
merge_found(struct greedy_thread *thread)
{
    struct wcp_groups *groups = thread->run->groups;
    size_t num = groups->members.num + thread->found.num;

    if (!wcp_array_reserve(groups->mem, &groups->members, num))
        return wcp_no_memory(thread->fault);
    if (thread->found.num > 0)
        memcpy(groups->members.at + groups->members.num, thread->found.at,
               thread->found.num * sizeof *thread->found.at);
    groups->members.num = num;
    groups->num_verified += wcp_verifier_count(thread->verifier);
    return WCP_CODE_OK;
}

/*
 * Fetch what the components that come next begin with, for it lies anywhere in
 * memory: in three steps, of which each needs what the one before fetched.
 */
static void
look_ahead(const struct greedy_run *run, size_t i)
{
    enum { NUM_CLASSES = 3, STEP = 4 };
    const struct wcp_components *components = run->components;
    const struct wcp_store *store = run->store;

    for (unsigned step = 1; step <= 3 && i + step * STEP < components->num;
         step++) {
        const uint32_t begin = components->begins[i + step * STEP];
        const uint32_t end = components->begins[i + step * STEP + 1];

        for (uint32_t k = begin; k < end && k < begin + NUM_CLASSES; k++) {
            const uint32_t c = components->classes[k];

            if (step == 3) {
                wcp_prefetch(&store->class_begins[c]);
                if (store->values != NULL)
                    wcp_prefetch(store->values + (size_t)c * WCP_NUM_BINS);
            } else if (step == 2) {
                wcp_prefetch(&store->class_documents[store->class_begins[c]]);
            } else {
                const uint32_t at = store->class_begins[c];

                wcp_prefetch(&store->entries[store->class_documents[at]]);
            }
        }
    }
}

/* Read the texts of some components that may have to be compared. */
static bool
read_wave(struct greedy_thread *thread, uint32_t begin, uint32_t end)
{
    const struct greedy_run *run = thread->run;
    const uint32_t *begins = run->components->begins;
    const size_t most = begins[end] - begins[begin];

    if (most >= WCP_LARGE_WAVE) { /* they were kept, if there was room */
        wcp_wave_drop(thread->wave);
        return true;
    }
    if (!wcp_array_reserve(run->store->mem, &thread->likely, most))
        return false;
    thread->likely.num =
        wcp_components_list_likely(run->components, run->store, run->plan,
                                   begin, end, thread->likely.at, most);
    wcp_wave_read(thread->wave, thread->likely.at, thread->likely.num);
    return true;
}

static enum wcp_code
run_wave(struct greedy_thread *thread, size_t wave)
{
    const struct greedy_run *run = thread->run;
    const uint32_t begin = run->waves[wave], end = run->waves[wave + 1];
    enum wcp_code code = WCP_CODE_OK;

    if (thread->wave != NULL && !read_wave(thread, begin, end))
        return wcp_no_memory(thread->fault);
    for (uint32_t i = begin; code == WCP_CODE_OK && i < end; i++) {
        look_ahead(run, i);
        code = run_component(thread, i);
    }
    return code;
}

static enum wcp_code
greedy_thread_main(struct wcp_team *team, unsigned number,
                   struct wcp_fault *fault)
{
    const struct greedy_run *run = wcp_team_ctx(team);
    const struct wcp_memory *mem = run->store->mem;
    struct greedy_thread thread = {
        .run = run, .team = team, .number = number, .fault = fault
    };
    enum wcp_code code =
        wcp_verifier_new(run->store, KEEP_BYTES, &thread.verifier, fault);

    if (code == WCP_CODE_OK)
        code = wcp_originals_new(run->store, run->plan, thread.verifier,
                                 &thread.originals, fault);
    if (code == WCP_CODE_OK && run->in_waves)
        code = wcp_wave_new(run->store, &thread.wave, fault);
    if (code == WCP_CODE_OK && run->in_waves)
        code = wcp_pair_judge_new(run->store, run->rules->threshold,
                                  &thread.judge, fault);
    while (code == WCP_CODE_OK) {
        const size_t i = wcp_team_next(team);

        if (i >= run->num_waves)
            break;
        code = run_wave(&thread, i);
    }
    if (code == WCP_CODE_OK) {
        wcp_team_lock(team);
        code = merge_found(&thread);
        wcp_team_unlock(team);
    }
    wcp_verifier_free(thread.verifier);
    wcp_originals_free(thread.originals);
    wcp_pair_judge_free(thread.judge);
    wcp_wave_free(thread.wave);
    wcp_array_release(mem, &thread.likely);
    wcp_array_release(mem, &thread.states);
    wcp_array_release(mem, &thread.documents);
    wcp_array_release(mem, &thread.scratch);
    wcp_array_release(mem, &thread.leaders);
    wcp_array_release(mem, &thread.found);
    wcp_array_release(mem, &thread.sorting);
    return code;
}

/* ---- members -> groups ---- */

struct tally {
    uint32_t *sizes; /* by document: members of its group */
    size_t *places;  /* by document: next place of its group's members */
    uint32_t *documents, *scratch;
};

/* Documents that are originals of two or more, in document order. */
static size_t
list_originals(const struct wcp_groups *groups, const struct wcp_store *store,
               enum wcp_order order, struct tally *tally)
{
    size_t num = 0;

    for (size_t i = 0; i < groups->members.num; i++)
        tally->sizes[groups->members.at[i].original]++;
    for (uint32_t doc = 0; doc < store->num_documents; doc++)
        if (tally->sizes[doc] > 1)
            tally->documents[num++] = doc;
    wcp_sort_documents(store, order, tally->documents, num, tally->scratch);
    return num;
}

/* Put the members of each group together, originals in front and groups in
 * order of these; copies of one come from one thread and are in order. */
static bool
arrange(struct wcp_groups *groups, const struct wcp_store *store,
        enum wcp_order order, struct tally *tally)
{
    size_t num = list_originals(groups, store, order, tally), at = 0;
    struct wcp_member *members = NULL;

    if (!wcp_array_reserve(groups->mem, &groups->begins, num + 1))
        return false;
    for (size_t i = 0; i < num; i++) {
        uint32_t doc = tally->documents[i];

        groups->begins.at[i] = at;
        tally->places[doc] = at + 1;
        at += tally->sizes[doc];
    }
    groups->begins.at[num] = at;
    groups->begins.num = num;
    members = wcp_new_array(groups->mem, at, sizeof *members);
    if (members == NULL)
        return false;
    for (size_t i = 0; i < num; i++)
        members[groups->begins.at[i]] =
            (struct wcp_member){ .document = tally->documents[i],
                                 .original = tally->documents[i],
                                 .overlap = { 1, 1, 1 } };
    for (size_t i = 0; i < groups->members.num; i++) {
        const struct wcp_member *member = &groups->members.at[i];

        if (member->document != member->original)
            members[tally->places[member->original]++] = *member;
    }
    wcp_array_release(groups->mem, &groups->members);
    groups->members.at = members;
    groups->members.num = at;
    groups->members.cap = at > 0 ? at : 1;
    return true;
}

bool
wcp_groups_put_in_order(struct wcp_groups *groups,
                        const struct wcp_store *store, enum wcp_order order)
{
    const struct wcp_memory *mem = store->mem;
    size_t n = store->num_documents;
    struct tally tally = {
        .sizes = wcp_new_zeroed(mem, n, sizeof *tally.sizes),
        .places = wcp_new_array(mem, n, sizeof *tally.places),
        .documents = wcp_new_array(mem, n, sizeof *tally.documents),
        .scratch = wcp_new_array(mem, n, sizeof *tally.scratch),
    };
    bool made = tally.sizes != NULL && tally.places != NULL &&
                tally.documents != NULL && tally.scratch != NULL;

    made = made && arrange(groups, store,
                           order == WCP_ORDER_ORIGINAL ? WCP_ORDER_DATE : order,
                           &tally);
    wcp_free_array(mem, tally.sizes, n, sizeof *tally.sizes);
    wcp_free_array(mem, tally.places, n, sizeof *tally.places);
    wcp_free_array(mem, tally.documents, n, sizeof *tally.documents);
    wcp_free_array(mem, tally.scratch, n, sizeof *tally.scratch);
    return made;
}

static size_t
count_documents(const struct wcp_store *store,
                const struct wcp_components *components)
{
    size_t num = 0;

    for (uint32_t i = 0; i < components->num_classes; i++) {
        uint32_t c = components->classes[i];

        num += store->class_begins[c + 1] - store->class_begins[c];
    }
    return num;
}

bool
wcp_groups_in_waves(const struct wcp_store *store, const struct wcp_plan *plan,
                    const struct wcp_copy_rules *rules)
{
    const struct wcp_quota *memory = store->opts.memory;

    return rules->judged && !store->opts.sample && !store->opts.estimate &&
           plan->kind != WCP_SIG_SIMHASH &&
           plan->threshold >= rules->threshold && store->spill == NULL &&
           store->whole == NULL && (memory == NULL || memory->limit == 0);
}

/* Part the components into waves; false when out of memory. */
static bool
list_waves(struct greedy_run *run)
{
    const struct wcp_components *components = run->components;
    const uint32_t *begins = components->begins;
    const uint32_t most = run->in_waves ? WAVE : 0; /* classes */

    run->waves = wcp_new_array(run->store->mem, (size_t)components->num + 1,
                               sizeof *run->waves);
    if (run->waves == NULL)
        return false;
    for (uint32_t i = 0, end; i < components->num; i = end) {
        end = i + 1;
        while (end < components->num && begins[end + 1] - begins[i] <= most)
            end++;
        run->waves[run->num_waves++] = i;
    }
    run->waves[run->num_waves] = components->num;
    return true;
}

enum wcp_code
wcp_groups_find_judged(struct wcp_groups *groups, struct wcp_store *store,
                       const struct wcp_plan *plan,
                       const struct wcp_components *components,
                       const struct wcp_copy_rules *rules,
                       struct wcp_fault *fault)
{
    struct greedy_run run = {
        .store = store,
        .plan = plan,
        .components = components,
        .rules = rules,
        .groups = groups,
        .in_waves = wcp_groups_in_waves(store, plan, rules),
    };
    enum wcp_code code = WCP_CODE_OK;

    *groups = (struct wcp_groups){ .mem = store->mem };
    if (!list_waves(&run))
        return wcp_no_memory(fault);
    code = wcp_run_team(store->opts.num_threads, &store->opts.watch,
                        count_documents(store, components), greedy_thread_main,
                        &run, fault);
    wcp_free_array(store->mem, run.waves, (size_t)components->num + 1,
                   sizeof *run.waves);
    if (code == WCP_CODE_OK &&
        !wcp_groups_put_in_order(groups, store, rules->order))
        code = wcp_no_memory(fault);
    if (code != WCP_CODE_OK)
        wcp_groups_release(groups);
    return code;
}

enum wcp_code
wcp_groups_find(struct wcp_groups *groups, struct wcp_store *store,
                const struct wcp_plan *plan,
                const struct wcp_components *components, enum wcp_order order,
                struct wcp_fault *fault)
{
    const struct wcp_copy_rules rules = { .order = order };

    return wcp_groups_find_judged(groups, store, plan, components, &rules,
                                  fault);
}

void
wcp_groups_release(struct wcp_groups *groups)
{
    if (groups->mem == NULL)
        return;
    wcp_array_release(groups->mem, &groups->members);
    wcp_array_release(groups->mem, &groups->begins);
    *groups = (struct wcp_groups){ 0 };
}
