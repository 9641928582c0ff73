/*
 * inclusions.c - which texts seem to lie in others
 *
 * A text lies in another one only if nearly all of its samples occur there.
 * So of m samples at most m - need may be missing, and one of any m - need + 1
 * is in the other text; the rarest ones are asked (prefix filter: Bayardo, Ma,
 * Srikant 2007).  Nothing frequent is dropped, it is just not what finds
 * candidates.  Most texts end here: more than m - need of their samples occur
 * nowhere else.
 *
 * An edit takes away samples of whole windows around it, so that the share of
 * samples in common is below that of shingles: 'need' is WCP_SAMPLE_SLACK below
 * what the threshold asks.  Of a form that very many texts fill in even the
 * rarest samples of each are in very many others; there it is less, down to
 * LEAST_SLACK, so that texts close to the threshold are not all held against
 * all, and as much less is allowed for the choice of samples.
 */
#include "match/sample_index.h"

#include <string.h>

enum {
    MANY = 1 << 11, /* texts that have the rarest samples: a form */
    LEAST_MANY = 8, /* a sample that is asked about, whatever the length */
    FEW = 4,        /* samples that are cheaper to count than who has them */
    AHEAD = 8,      /* classes that are asked for before they are looked at */
};

#define LEAST_SLACK .05

_Static_assert(MANY < 1 << WCP_FREQUENCY_BITS &&
                   (int)WCP_PLACE_BITS <= (int)WCP_HIT_BITS,
               "what is as frequent is told apart");

_Static_assert(WCP_SAMPLES_ASKED <= UINT8_MAX, "they are counted in bytes");

struct asking {
    struct wcp_sample_index *index;
    const struct wcp_sample_question *question;
    double share; /* of the samples that are chosen, with most slack */
    struct wcp_inclusions *inclusions;
};

struct asking_thread {
    const struct asking *asking;
    uint8_t *counts; /* [num_classes]: samples in common, 0 between calls */
    WCP_ARRAY(uint32_t) touched;
    WCP_ARRAY(uint64_t) hits; /* frequency << WCP_HIT_BITS | list */
    WCP_ARRAY(uint64_t) scratch;
    struct wcp_sample_chooser chooser;
    struct wcp_sample_range range; /* of a file, if samples are in one */
    WCP_ARRAY(struct wcp_inclusion) found;
};

enum { GRAIN = 256 }; /* classes that a thread takes at a time */

static const uint32_t *
list_at(const struct wcp_sample_index *index, uint64_t hit)
{
    return wcp_sample_index_list(index,
                                 hit & ((UINT64_C(1) << WCP_HIT_BITS) - 1));
}

/* How many of a list count. */
static uint32_t
list_len(const struct asking_thread *thread, const uint32_t *list)
{
    return thread->asking->question->nearly && list[0] > WCP_SAMPLE_LISTED
               ? WCP_SAMPLE_LISTED
               : list[0];
}

static bool
has_class(const uint32_t *classes, uint32_t num, uint32_t c)
{
    uint32_t low = 0, high = num;

    while (low + 1 < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (classes[middle] <= c)
            low = middle;
        else
            high = middle;
    }
    return classes[low] == c;
}

/* Whether a class is among the first so many of a list. */
static bool
list_has(const uint32_t *classes, uint32_t num, uint32_t c)
{
    const uint32_t listed = num < WCP_SAMPLE_LISTED ? num : WCP_SAMPLE_LISTED;

    return has_class(classes, listed, c) ||
           (num > listed && has_class(classes + listed, num - listed, c));
}

/* Count whoever has a sample that is among the rarest. */
static bool
count_all(struct asking_thread *thread, const uint32_t *list)
{
    const uint32_t *classes = list + WCP_LIST_HEAD;
    const uint32_t num = list_len(thread, list);
    size_t num_touched = thread->touched.num;

    if (!wcp_array_reserve(thread->asking->index->store->mem, &thread->touched,
                           num_touched + num))
        return false;
    for (uint32_t i = 0; i < num; i++) {
        thread->touched.at[num_touched] = classes[i];
        num_touched += thread->counts[classes[i]]++ == 0;
    }
    thread->touched.num = num_touched;
    return true;
}

/*
 * With sets of x and y shingles and a share t of the first in the second their
 * Jaccard index is at least t x / (x + y - t x); three standard
 * deviations of a binomial are allowed for; signatures of short texts vary
 * less.  This is what tells texts of about one length apart, of which thousands
 * fill in the same form: their samples are few.
 */
bool
wcp_inclusion_allowed(const struct wcp_store *store, double share,
                      const struct wcp_wanted *wanted, uint32_t other,
                      uint32_t other_units)
{
    const double both = share * wanted->size;
    const double jaccard = both / (wanted->size + other_units - both);
    const double least = WCP_NUM_BINS * jaccard -
                         3 * sqrt(WCP_NUM_BINS * jaccard * (1 - jaccard));
    const uint8_t *values;
    uint8_t room[WCP_NUM_BINS];

    /* Sizes are estimates, and may be such as no part and whole can have. */
    if (wanted->values == NULL || jaccard >= 1 || least < 4)
        return true;
    values = wcp_class_values(store, other, room);
    return values == NULL ||
           wcp_count_equal(wanted->values, values) >= (unsigned)least;
}

double
wcp_inclusion_size(uint32_t num_units, uint32_t num_distinct,
                   uint32_t num_sample)
{
    /* What is sampled twice stands there twice. */
    return .97 * (num_units - WCP_SHINGLE_OTHER + 1.0) * num_distinct /
           num_sample;
}

/* Have what is_allowed() looks at come from memory. */
static void
ask_for(const struct wcp_sample_index *index, uint32_t other)
{
    if (index->store->values != NULL)
        wcp_prefetch(index->store->values + (size_t)other * WCP_NUM_BINS);
}

/* Whether signatures or who asks leave a class in. */
static bool
is_allowed(const struct asking *asking, const struct wcp_wanted *wanted,
           uint32_t other)
{
    const struct wcp_sample_question *question = asking->question;

    if (other == wanted->c)
        return false;
    return (question->nearly ||
            wcp_inclusion_allowed(asking->index->store, question->share, wanted,
                                  other, asking->index->units[other])) &&
           (question->keep == NULL ||
            question->keep(question->ctx, wanted->c, other));
}

/* Forget those that cannot come to what is needed with so many more samples,
 * and others that are not allowed. */
static void
drop_unlike(struct asking_thread *thread, const struct wcp_wanted *wanted,
            size_t num_more)
{
    const struct wcp_sample_index *index = thread->asking->index;
    size_t kept = 0;

    for (size_t i = 0; i < thread->touched.num; i++) {
        const uint32_t other = thread->touched.at[i];

        if (i + AHEAD < thread->touched.num)
            ask_for(index, thread->touched.at[i + AHEAD]);
        if (thread->counts[other] + num_more >= wanted->need &&
            is_allowed(thread->asking, wanted, other))
            thread->touched.at[kept++] = other;
        else
            thread->counts[other] = 0;
    }
    thread->touched.num = kept;
}

/* Forget those that cannot come to 'need' with so many more samples. */
static void
drop_hopeless(struct asking_thread *thread, uint32_t need, size_t num_more)
{
    size_t kept = 0;

    for (size_t i = 0; i < thread->touched.num; i++) {
        const uint32_t other = thread->touched.at[i];

        if (thread->counts[other] + num_more >= need)
            thread->touched.at[kept++] = other;
        else
            thread->counts[other] = 0;
    }
    thread->touched.num = kept;
}

/* Count those that were touched before. */
static void
count_touched(struct asking_thread *thread, const uint32_t *list)
{
    const uint32_t *classes = list + WCP_LIST_HEAD;
    const uint32_t num = list_len(thread, list);

    if (num / 16 < thread->touched.num) {
        for (uint32_t i = 0; i < num; i++) {
            const uint8_t count = thread->counts[classes[i]];

            thread->counts[classes[i]] = (uint8_t)(count + (count > 0));
        }
        return;
    }
    for (size_t i = 0; i < thread->touched.num; i++)
        if (list_has(classes, num, thread->touched.at[i]))
            thread->counts[thread->touched.at[i]]++;
}

/* Those found from 'begin' on are all of a class. */
static void
thin_found(struct asking_thread *thread, size_t begin)
{
    struct wcp_thinning *thinning = thread->asking->question->thinning;
    const size_t num = thread->found.num - begin;

    if (thinning != NULL && num > 0)
        thread->found.num =
            begin + wcp_thin(thinning, thread->found.at + begin, num);
}

static bool
take_touched(struct asking_thread *thread, uint32_t c)
{
    const struct wcp_memory *mem = thread->asking->index->store->mem;
    const size_t before = thread->found.num, num = thread->touched.num;

    if (!wcp_array_reserve(mem, &thread->found, before + num))
        return false;
    for (size_t i = 0; i < num; i++) {
        const uint32_t other = thread->touched.at[i];

        thread->found.at[before + i] =
            (struct wcp_inclusion){ other, c, thread->counts[other] };
        thread->counts[other] = 0;
    }
    thread->touched.num = 0;
    thread->found.num += num;
    thin_found(thread, before);
    return true;
}

uint32_t
wcp_inclusion_need(double share, const struct wcp_sample_choice *choice,
                   const uint64_t *hits, size_t num)
{
    const uint64_t least = LEAST_MANY * (uint64_t)choice->num;
    uint64_t many = choice->num > 0
                        ? MANY * (uint64_t)choice->num / choice->num_distinct
                        : 0;

    if (many < least)
        many = least;
    for (double slack = WCP_SAMPLE_SLACK;; slack -= .05) {
        const uint32_t need =
            wcp_sample_least(choice, share - slack, slack / WCP_SAMPLE_SLACK);
        uint64_t total = 0;

        for (size_t i = 0; i + need <= num && total <= many; i++)
            total += hits[i] >> WCP_HIT_BITS;
        if (total <= many || slack < LEAST_SLACK + .01)
            return need;
    }
}

/* ---- what a class shares ---- */

/* At most the number of those chosen samples that must be in common, if at
 * least so many are different. */
static uint32_t
least_need(double share, uint32_t num, uint32_t least_distinct)
{
    const uint32_t few =
        least_distinct < WCP_SAMPLES_ASKED ? least_distinct : WCP_SAMPLES_ASKED;
    const struct wcp_sample_choice some = { 0, few, few };
    const struct wcp_sample_choice most = { 0, WCP_SAMPLES_ASKED, num };
    uint32_t need = wcp_sample_least(&some, share, 1), other;

    if (num <= WCP_SAMPLES_ASKED)
        return need;
    other = wcp_sample_least(&most, share, 1);
    return few == WCP_SAMPLES_ASKED || other < need ? other : need;
}

bool
wcp_inclusion_may_be(double share, const struct wcp_store *store, uint32_t c,
                     size_t num, struct wcp_sample_range *range)
{
    const uint32_t all = wcp_class_num_sample(store, c);
    const double most = share > 0 ? (double)num / share : WCP_SAMPLES_ASKED;
    const uint32_t enough =
        most < WCP_SAMPLES_ASKED - 1 ? (uint32_t)most + 1 : WCP_SAMPLES_ASKED;
    const uint32_t *samples;

    if (num == 0)
        return false;
    if (num >= least_need(share, all, WCP_SAMPLES_ASKED))
        return true;
    samples = wcp_class_sample(store, c, range);
    return samples != NULL &&
           num >=
               least_need(share, all, wcp_samples_differ(samples, all, enough));
}

/* The lists of those samples that are chosen.  They may be anywhere in memory;
 * hardly any is looked at to know that. */
static void
list_hits(struct asking_thread *thread, uint32_t c, uint32_t bound)
{
    const struct wcp_sample_index *index = thread->asking->index;
    const uint64_t *from = index->hits + index->hit_begins[c];
    const size_t num = index->hit_begins[c + 1] - index->hit_begins[c];
    const uint32_t last = bound >> (32 - WCP_MIX_BITS);
    size_t kept = 0;

    for (size_t i = 0; i < num; i++) {
        const uint64_t place = from[i] & ((UINT64_C(1) << WCP_PLACE_BITS) - 1);
        const uint32_t mix =
            (uint32_t)(from[i] >> WCP_PLACE_BITS) & ((1 << WCP_MIX_BITS) - 1);

        thread->hits.at[kept] =
            from[i] >> (64 - WCP_FREQUENCY_BITS) << WCP_HIT_BITS | place;
        kept += mix != last
                    ? mix < last
                    : wcp_sample_mix(wcp_sample_index_list(index, place)[1]) <=
                          bound;
    }
    thread->hits.num = kept;
}

/* How many of the hits must be in common. */
static uint32_t
find_need(const struct asking_thread *thread,
          const struct wcp_sample_choice *choice)
{
    const struct wcp_sample_question *question = thread->asking->question;

    return question->nearly
               ? wcp_sample_least(choice, question->share, 1)
               : wcp_inclusion_need(question->share, choice, thread->hits.at,
                                    thread->hits.num);
}

/* ---- a class of a crowd ---- */

/* How many of the hits are of lists that have no bits: these come first. */
static size_t
num_short(const struct asking_thread *thread)
{
    const uint64_t least = thread->asking->index->bits.least;
    size_t num = thread->hits.num;

    while (num > 0 && thread->hits.at[num - 1] >> WCP_HIT_BITS >= least)
        num--;
    return num;
}

/* Whoever has enough of the others has enough only with some in long lists:
 * then there is no need to go through these one by one. */
static bool
is_of_crowd(const struct asking_thread *thread, uint32_t need)
{
    const size_t few = num_short(thread);

    return !thread->asking->question->nearly && few < need &&
           few < thread->hits.num - need + 1 &&
           wcp_sample_bits_have(thread->asking->index);
}

struct crowd {
    struct asking_thread *thread;
    const struct wcp_wanted *wanted;
    bool no_memory;
};

static void
visit_one(void *ctx, uint32_t other, uint32_t num)
{
    struct crowd *crowd = ctx;
    struct asking_thread *thread = crowd->thread;
    const struct wcp_wanted *wanted = crowd->wanted;
    const uint32_t common = num + thread->counts[other];

    if (common < wanted->need || !is_allowed(thread->asking, wanted, other))
        return;
    if (!wcp_array_grow(thread->asking->index->store->mem, &thread->found)) {
        crowd->no_memory = true;
        return;
    }
    thread->found.at[thread->found.num++] =
        (struct wcp_inclusion){ other, wanted->c, common };
}

/* Find the same ones as find_others(). */
static bool
find_in_crowd(struct asking_thread *thread, const struct wcp_wanted *wanted)
{
    const struct wcp_sample_index *index = thread->asking->index;
    const size_t few = num_short(thread), num = thread->hits.num - few;
    const size_t before = thread->found.num;
    const uint64_t *lists[WCP_SAMPLES_ASKED];
    struct crowd crowd = { thread, wanted, false };
    const struct wcp_sample_visit visit = { wanted->need - (uint32_t)few,
                                            visit_one, &crowd };

    for (size_t i = 0; i < few; i++)
        if (!count_all(thread, list_at(index, thread->hits.at[i])))
            return false;
    for (size_t i = 0; i < num; i++)
        lists[i] = wcp_sample_bits_of(&index->bits,
                                      thread->hits.at[few + i] &
                                          ((UINT64_C(1) << WCP_HIT_BITS) - 1));
    wcp_sample_bits_visit(&index->bits, lists, num, &visit);
    for (size_t i = 0; i < thread->touched.num; i++)
        thread->counts[thread->touched.at[i]] = 0;
    thread->touched.num = 0;
    if (!crowd.no_memory)
        thin_found(thread, before);
    return !crowd.no_memory;
}

/* ---- a class ---- */

/* Find the others by the hits, of which so many must be in common. */
static bool
find_others(struct asking_thread *thread, const struct wcp_wanted *wanted)
{
    const struct wcp_sample_index *index = thread->asking->index;
    const size_t num = thread->hits.num;
    const uint32_t need = wanted->need;
    const size_t rarest = num - need + 1;
    const size_t few = rarest + FEW < num ? rarest + FEW : num;
    size_t look_again = 0;

    for (size_t i = 0; i < few; i++)
        __builtin_prefetch(list_at(index, thread->hits.at[i]));
    for (size_t i = 0; i < rarest; i++)
        if (!count_all(thread, list_at(index, thread->hits.at[i])))
            return false;
    for (size_t i = rarest; i < few && thread->touched.num > 0; i++)
        count_touched(thread, list_at(index, thread->hits.at[i]));
    drop_unlike(thread, wanted, num - few);
    for (size_t i = few; i < num && thread->touched.num > 0; i++) {
        const size_t before = thread->touched.num;

        count_touched(thread, list_at(index, thread->hits.at[i]));
        if (i < look_again)
            continue;
        drop_hopeless(thread, need, num - i - 1);
        if (thread->touched.num > before / 2)
            look_again = i + (i - few) / 2 + 1;
    }
    drop_hopeless(thread, need, 0);
    return take_touched(thread, wanted->c);
}

static bool
ask(struct asking_thread *thread, uint32_t c)
{
    const struct asking *asking = thread->asking;
    const struct wcp_store *store = asking->index->store;
    const uint32_t all = wcp_class_num_sample(store, c);
    const size_t *begin = &asking->index->hit_begins[c];
    const size_t num = begin[1] - begin[0];
    struct wcp_wanted wanted = { .c = c };
    struct wcp_sample_choice choice;
    const uint32_t *samples;
    uint8_t room[WCP_NUM_BINS];

    if (!wcp_inclusion_may_be(asking->share, store, c, num, &thread->range))
        return true;
    samples = wcp_class_sample(store, c, &thread->range);
    if (samples == NULL) /* there are none, or it is known in the end */
        return true;
    if (!wcp_array_reserve(store->mem, &thread->hits, num) ||
        !wcp_array_reserve(store->mem, &thread->scratch, num) ||
        !wcp_sample_choose(&thread->chooser, samples, all, &choice))
        return false;
    list_hits(thread, c, choice.bound);
    if (thread->hits.num < wcp_sample_least(&choice, asking->share, 1))
        return true;
    wcp_sort_u64(thread->hits.at, thread->scratch.at, thread->hits.num);
    wanted.need = find_need(thread, &choice);
    if (thread->hits.num < wanted.need)
        return true;
    wanted.size =
        wcp_inclusion_size(asking->index->units[c], choice.num_distinct, all);
    wanted.values = wcp_class_values(store, c, room);
    return is_of_crowd(thread, wanted.need) ? find_in_crowd(thread, &wanted)
                                            : find_others(thread, &wanted);
}

/* ---- all classes ---- */

static enum wcp_code
merge_found(struct asking_thread *thread, struct wcp_fault *fault)
{
    struct wcp_inclusions *to = thread->asking->inclusions;
    const size_t num = to->list.num + thread->found.num;

    if (!wcp_array_reserve(to->mem, &to->list, num))
        return wcp_no_memory(fault);
    if (thread->found.num > 0)
        memcpy(to->list.at + to->list.num, thread->found.at,
               thread->found.num * sizeof *thread->found.at);
    to->list.num = num;
    return WCP_CODE_OK;
}

static bool
is_asked(const struct asking *asking, size_t c)
{
    return asking->question->asked == NULL || asking->question->asked[c];
}

static size_t
num_asked(const struct asking *asking)
{
    const size_t n = asking->index->store->num_classes;
    size_t num = 0;

    for (size_t c = 0; c < n; c++)
        num += is_asked(asking, c);
    return num;
}

static enum wcp_code
ask_main(struct wcp_team *team, unsigned number, struct wcp_fault *fault)
{
    const struct asking *asking = wcp_team_ctx(team);
    const struct wcp_store *store = asking->index->store;
    const size_t n = store->num_classes;
    struct asking_thread thread = { .asking = asking,
                                    .chooser = { .mem = store->mem } };
    enum wcp_code code = WCP_CODE_OK;

    thread.counts = wcp_new_zeroed(store->mem, n, sizeof *thread.counts);
    if (thread.counts == NULL)
        code = wcp_no_memory(fault);
    while (code == WCP_CODE_OK) {
        const size_t begin = wcp_team_next(team) * GRAIN;
        const size_t end = n - begin < GRAIN ? n : begin + GRAIN;

        if (begin >= n)
            break;
        code = wcp_team_check(team, number, fault);
        for (size_t c = begin; code == WCP_CODE_OK && c < end; c++)
            if (is_asked(asking, c) && !ask(&thread, (uint32_t)c))
                code = wcp_no_memory(fault);
        wcp_team_did(team, end - begin);
    }
    if (code == WCP_CODE_OK) {
        wcp_team_lock(team);
        code = merge_found(&thread, fault);
        wcp_team_unlock(team);
    }
    wcp_free_array(store->mem, thread.counts, n, sizeof *thread.counts);
    wcp_array_release(store->mem, &thread.touched);
    wcp_array_release(store->mem, &thread.hits);
    wcp_array_release(store->mem, &thread.scratch);
    wcp_array_release(store->mem, &thread.found);
    wcp_sample_chooser_release(&thread.chooser);
    wcp_sample_range_release(store, &thread.range);
    return code;
}

void
wcp_sample_index_free(struct wcp_sample_index *index)
{
    if (index == NULL)
        return;
    wcp_sample_index_release(index);
    wcp_free_array(index->store->mem, index, 1, sizeof *index);
}

/* One that was made for a share does for more, too. */
static bool
have_index(struct wcp_sample_index **index, const struct wcp_store *store,
           double share)
{
    struct wcp_sample_index *made;

    if (*index != NULL && (*index)->share <= share)
        return true;
    wcp_sample_index_free(*index);
    *index = NULL;
    made = wcp_new_zeroed(store->mem, 1, sizeof *made);
    if (made == NULL)
        return false;
    made->store = store;
    made->share = share;
    if (!wcp_sample_index_make(made)) {
        wcp_sample_index_free(made);
        return false;
    }
    *index = made;
    return true;
}

enum wcp_code
wcp_samples_ask(struct wcp_inclusions *inclusions, struct wcp_store *store,
                struct wcp_sample_index **index,
                const struct wcp_sample_question *question,
                struct wcp_fault *fault)
{
    struct asking asking = {
        .question = question,
        .share = question->share - (question->nearly ? 0 : WCP_SAMPLE_SLACK),
        .inclusions = inclusions,
    };
    enum wcp_code code = WCP_CODE_OK;

    if (store->outline != NULL)
        return wcp_samples_ask_out(inclusions, store, question, fault);
    *inclusions = (struct wcp_inclusions){ .mem = store->mem };
    if (!have_index(index, store, asking.share)) {
        code = wcp_samples_check(store, fault);
        if (code == WCP_CODE_OK)
            code = wcp_no_memory(fault);
    }
    asking.index = *index;
    if (code == WCP_CODE_OK)
        code = wcp_run_team(
            wcp_threads_for(store->opts.num_threads, num_asked(&asking), GRAIN),
            &store->opts.watch, store->num_classes, ask_main, &asking, fault);
    if (code != WCP_CODE_OK)
        wcp_inclusions_release(inclusions);
    return code;
}

enum wcp_code
wcp_inclusions_find(struct wcp_inclusions *inclusions, struct wcp_store *store,
                    struct wcp_sample_index **index, const uint8_t *asked,
                    double threshold,
                    bool (*keep)(const void *ctx, uint32_t part,
                                 uint32_t whole),
                    const void *ctx, struct wcp_fault *fault)
{
    const struct wcp_sample_question question = { asked, threshold, false,
                                                  keep,  ctx,       NULL };

    return wcp_samples_ask(inclusions, store, index, &question, fault);
}

enum wcp_code
wcp_nearly_in_find(struct wcp_inclusions *inclusions, struct wcp_store *store,
                   struct wcp_sample_index **index, const uint8_t *asked,
                   double share,
                   bool (*keep)(const void *ctx, uint32_t part, uint32_t whole),
                   const void *ctx, struct wcp_fault *fault)
{
    const struct wcp_sample_question question = { asked, share, true,
                                                  keep,  ctx,   NULL };

    return wcp_samples_ask(inclusions, store, index, &question, fault);
}

void
wcp_inclusions_release(struct wcp_inclusions *inclusions)
{
    if (inclusions->mem == NULL)
        return;
    wcp_array_release(inclusions->mem, &inclusions->list);
    *inclusions = (struct wcp_inclusions){ 0 };
}
