/*
 * query.c - all spans that a text shares with those before it
 *
 * The seeds of the text are looked up, their hits chained, and chains that are
 * worth it are extended on the text itself, the best first.  What an accepted
 * span covers is not aligned again with other places: a text that copies one
 * before it copies whatever that one copied, and the merging knows.  So a text
 * costs what it is long, however many copies of it there are.
 *
 * A seed that stands in many places leads to the first of them only.  Where
 * that has not led to an accepted span, longer seeds are tried.
 *
 * Every seed of a chain is extended to both sides unless a former one has
 * reached it.  The stretches so found are joined while what lies between them
 * costs less than what they add, and make a span.
 */
#include "passage/engine.h"

#include <stdlib.h>
#include <string.h>

enum {
    WINDOW = 1 << 16, /* units that are looked up at a time */
    MAX_WORK = 64,    /* units compared for each of the text, at most */
    MIN_WORK = 1 << 20,
};

/* A stretch that was extended without a gap; places of b count in its text. */
struct stretch {
    uint32_t a_begin, a_end, b_begin, b_end;
    uint32_t matched;
    int64_t score;
    size_t first_block, num_blocks;
    uint64_t hit; /* that it was extended from */
    bool cut;     /* by the one before it */
};

struct wcp_query {
    const struct wcp_memory *mem;
    const struct wcp_places *places;
    const struct wcp_lookup *lookup;
    struct wcp_seed_plan plan;
    uint64_t min_weight;
    uint32_t min_length; /* units that have it at least */
    double min_similarity;
    bool short_seeds; /* one seed is enough to look at the text */
    bool keep_blocks;
    struct wcp_extender *extender;
    struct wcp_clusters clusters;
    struct wcp_chainer chainer;
    WCP_ARRAY(uint64_t) hits, scratch; /* place << 32 | unit */
    WCP_ARRAY(uint32_t) frequent;      /* units with seeds of many places */
    WCP_ARRAY(struct stretch) stretches;
    struct wcp_blocks blocks; /* of stretches */
    WCP_ARRAY(uint16_t) wide;
    WCP_ARRAY(uint8_t) covered;
};

/* The text that is asked about. */
struct asking {
    struct wcp_query *query;
    const uint16_t *a;
    uint32_t number, begin, num;
    bool others_only;
    uint64_t work;
    struct wcp_query_result *result;
};

enum wcp_code
wcp_query_new(const struct wcp_places *places, const struct wcp_lookup *lookup,
              const struct wcp_seed_plan *plan,
              const struct wcp_passage_limits *opts, bool keep_blocks,
              struct wcp_query **query_ret, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = places->mem;
    struct wcp_query *query = wcp_new_zeroed(mem, 1, sizeof *query);

    if (query == NULL)
        return wcp_no_memory(fault);
    query->mem = mem;
    query->places = places;
    query->lookup = lookup;
    query->plan = *plan;
    query->min_weight = (uint64_t)opts->min_length * WCP_WEIGHT_HAN;
    query->min_length = opts->min_length;
    query->min_similarity = opts->min_similarity;
    query->short_seeds = opts->min_length < 24;
    query->keep_blocks = keep_blocks;
    query->clusters.mem = query->chainer.mem = mem;
    query->extender = wcp_extender_new(mem);
    if (query->extender == NULL) {
        wcp_query_free(query);
        return wcp_no_memory(fault);
    }
    *query_ret = query;
    return WCP_CODE_OK;
}

void
wcp_query_free(struct wcp_query *query)
{
    const struct wcp_memory *mem;

    if (query == NULL)
        return;
    mem = query->mem;
    wcp_extender_free(query->extender);
    wcp_clusters_release(&query->clusters);
    wcp_chainer_release(&query->chainer);
    wcp_array_release(mem, &query->hits);
    wcp_array_release(mem, &query->scratch);
    wcp_array_release(mem, &query->frequent);
    wcp_array_release(mem, &query->stretches);
    wcp_array_release(mem, &query->blocks.list);
    wcp_array_release(mem, &query->wide);
    wcp_array_release(mem, &query->covered);
    wcp_free_array(mem, query, 1, sizeof *query);
}

/* ---- hits ---- */

/* The places of a seed that come before its own, but for those that it
 * overlaps. */
static bool
add_hits(struct asking *ask, uint32_t at, const struct wcp_seed_places *found)
{
    struct wcp_query *query = ask->query;

    if (!wcp_array_reserve(query->mem, &query->hits,
                           query->hits.num + found->num))
        return false;
    for (uint32_t i = 0; i < found->num; i++) {
        uint32_t place = found->at[i];

        if (place >= ask->begin &&
            (ask->others_only ||
             place + wcp_seed_length(&query->plan, ask->a[at]) >
                 ask->begin + at))
            continue;
        query->hits.at[query->hits.num++] = (uint64_t)place << 32 | at;
    }
    return true;
}

/* Seeds that are looked up together. */
struct batch {
    uint32_t num;
    uint32_t at[WCP_LOOKUP_BATCH], indices[WCP_LOOKUP_BATCH];
};

static bool
look_up_batch(struct asking *ask, struct batch *batch)
{
    struct wcp_query *query = ask->query;
    struct wcp_seed_places found[WCP_LOOKUP_BATCH];

    wcp_lookup_read(query->lookup, batch->indices, batch->num, found);
    for (uint32_t i = 0; i < batch->num; i++) {
        if (found[i].num == 0)
            continue;
        if (!add_hits(ask, batch->at[i], &found[i]))
            return false;
        if (!found[i].many)
            continue;
        if (!wcp_array_grow(query->mem, &query->frequent))
            return false;
        query->frequent.at[query->frequent.num++] = batch->at[i];
    }
    batch->num = 0;
    return true;
}

/* The seeds from unit 'begin' to 'end' that stand before as well. */
static bool
look_up(struct asking *ask, uint32_t begin, uint32_t end)
{
    const struct wcp_bits *seeds = wcp_lookup_seeds(ask->query->lookup);
    const uint32_t *before = wcp_lookup_before(ask->query->lookup);
    const uint32_t first = ask->begin + begin, last = ask->begin + end - 1;
    uint32_t index = wcp_bits_rank(seeds, first);
    struct batch batch = { 0 };

    for (size_t i = first / 64; i <= last / 64; i++) {
        uint64_t word = wcp_bits_word(seeds, i);

        if (i == first / 64)
            word = word >> first % 64 << first % 64;
        if (i == last / 64)
            word = word << (63 - last % 64) >> (63 - last % 64);
        for (; word != 0; word &= word - 1) {
            batch.at[batch.num] =
                (uint32_t)i * 64 + wcp_lowest_bit(word) - ask->begin;
            batch.indices[batch.num] = index;
            batch.num += before[index++] != UINT32_MAX;
            if (batch.num == WCP_LOOKUP_BATCH && !look_up_batch(ask, &batch))
                return false;
        }
    }
    return look_up_batch(ask, &batch);
}

/* Has a seed units that no accepted span has in common with its like? */
static bool
is_new(const struct asking *ask, uint32_t at)
{
    const struct wcp_query *query = ask->query;
    uint32_t len = wcp_seed_length(&query->plan, ask->a[at]);

    if (len > ask->num - at)
        len = ask->num - at;
    return memchr(query->covered.at + at, 0, len) != NULL;
}

/* Longer seeds where the short ones have led to nothing. */
static bool
look_up_longer(struct asking *ask)
{
    struct wcp_query *query = ask->query;
    const struct wcp_bits *seeds = wcp_lookup_seeds(query->lookup);

    query->hits.num = 0;
    for (size_t i = 0; i < query->frequent.num; i++) {
        uint32_t at = query->frequent.at[i];
        uint32_t index = wcp_bits_rank(seeds, ask->begin + at);
        struct wcp_seed_places found;

        if (!is_new(ask, at))
            continue;
        wcp_lookup_read(query->lookup, &index, 1, &found);
        for (unsigned level = 1; found.many && level < WCP_SEED_LEVELS;
             level++) {
            if (ask->num - at <
                wcp_long_seed_length(&query->plan, ask->a[at], level))
                break;
            wcp_lookup_longer(query->lookup, level, index, &found);
            if (!add_hits(ask, at, &found))
                return false;
        }
    }
    return true;
}

/* ---- stretches ---- */

static void
turn_blocks(struct wcp_block *blocks, size_t num)
{
    for (size_t i = 0; i < num / 2; i++) {
        struct wcp_block block = blocks[i];

        blocks[i] = blocks[num - 1 - i];
        blocks[num - 1 - i] = block;
    }
}

/* Put together what the two extensions have on either side of the start. */
static size_t
join_blocks(struct wcp_block *blocks, size_t num, size_t num_left)
{
    struct wcp_block *last = blocks + num_left - 1;

    if (num_left == 0 || num_left == num || last->a + last->num != last[1].a ||
        last->b + last->num != last[1].b)
        return num;
    last->num += last[1].num;
    memmove(last + 1, last + 2, (num - num_left - 1) * sizeof *last);
    return num - 1;
}

/*
 * A few units behind an edit at the very end of what is otherwise the same for
 * long are alike by chance.  Where edits are frequent they are not: the
 * passage then goes on to there.
 */
static bool
is_chance(const struct asking *ask, const struct wcp_block *end,
          const struct wcp_block *inner)
{
    uint32_t most = wcp_unit_is_east_asian(ask->a[end->a]) ? 4 : 10;

    return end->num <= most && end->num * 10 <= inner->num;
}

static void
trim_blocks(const struct asking *ask, const struct wcp_block *blocks,
            size_t *first, size_t *num)
{
    while (*num > 1 && is_chance(ask, &blocks[*first + *num - 1],
                                 &blocks[*first + *num - 2]))
        --*num;
    while (*num > 1 && is_chance(ask, &blocks[*first], &blocks[*first + 1])) {
        ++*first;
        --*num;
    }
}

/* The stretch that these blocks make. */
static struct stretch
make_stretch(const struct wcp_block *blocks, size_t first, size_t num,
             int64_t score)
{
    const struct wcp_block *begin = &blocks[first];
    const struct wcp_block *end = &blocks[first + num - 1];
    struct stretch stretch = {
        .a_begin = begin->a,
        .a_end = end->a + end->num,
        .b_begin = begin->b,
        .b_end = end->b + end->num,
        .score = score,
        .first_block = first,
        .num_blocks = num,
    };

    for (size_t i = first; i < first + num; i++)
        stretch.matched += blocks[i].num;
    return stretch;
}

/* What is behind former stretches of the chain, and, in the same text, does
 * not reach what it is a copy of. */
struct bounds {
    const struct wcp_units *b;
    uint32_t b_place, a_begin, b_begin, b_end;
    bool same_text;
};

/* Extend a hit to both sides. */
static bool
stretch_hit(struct asking *ask, struct bounds *bounds, uint64_t hit)
{
    struct wcp_query *query = ask->query;
    const uint32_t p = (uint32_t)hit;
    const uint32_t q = (uint32_t)(hit >> 32) - bounds->b_place;
    struct wcp_blocks *blocks = &query->blocks;
    size_t first = blocks->list.num, num_left, num;
    uint32_t a_least = bounds->a_begin, b_most = bounds->b_end;
    struct wcp_extension ext = { ask->a, bounds->b,       p,   q,
                                 0,      bounds->b_begin, true };
    struct wcp_reach left, right;
    struct stretch *to;

    if (bounds->same_text) {
        uint32_t least = q + wcp_seed_length(&query->plan, ask->a[p]);

        a_least = least > a_least ? least : a_least;
    }
    ext.a_end = a_least < p ? a_least : p;
    if (!wcp_extend(query->extender, &ext, blocks, &left))
        return false;
    num_left = blocks->list.num - first;
    if (num_left > 0)
        turn_blocks(blocks->list.at + first, num_left);
    ext.left = false;
    ext.a_end = ask->num;
    ext.b_end = bounds->same_text && p - left.a < b_most ? p - left.a : b_most;
    if (ext.b_end < q)
        ext.b_end = q;
    if (!wcp_extend(query->extender, &ext, blocks, &right))
        return false;
    ask->work += (uint64_t)left.a + right.a + 64;
    ask->result->num_extended++;
    num = blocks->list.num - first;
    if (num == 0)
        return true;
    num = join_blocks(blocks->list.at + first, num, num_left);
    blocks->list.num = first + num;
    trim_blocks(ask, blocks->list.at, &first, &num);
    if (!wcp_array_grow(query->mem, &query->stretches))
        return false;
    to = &query->stretches.at[query->stretches.num++];
    *to = make_stretch(blocks->list.at, first, num, left.score + right.score);
    to->hit = hit;
    to->cut = to > query->stretches.at &&
              (p - left.a == bounds->a_begin || q - left.b == bounds->b_begin);
    bounds->a_begin = to->a_end;
    bounds->b_begin = to->b_end;
    if (bounds->same_text && to->a_begin < bounds->b_end)
        bounds->b_end = to->a_begin;
    return true;
}

/* What lies between two stretches, in the unit of scores: more for text that
 * was replaced than for what stands on one side only. */
static int64_t
cost_between(const struct stretch *x, const struct stretch *y)
{
    int64_t a = (int64_t)y->a_begin - x->a_end;
    int64_t b = (int64_t)y->b_begin - x->b_end;
    int64_t both = a < b ? a : b;

    return both + (a + b - 2 * both) / 2;
}

/* Are the texts alike from one stretch to another? */
static bool
are_alike(const struct wcp_query *query, const struct stretch *from,
          const struct stretch *to, uint32_t matched)
{
    double len = (double)(to->a_end - from->a_begin) +
                 (double)(to->b_end - from->b_begin);

    return 2.0 * matched >= query->min_similarity * len;
}

/* What was changed in the copy is not covered: it may stand elsewhere. */
static void
cover(struct wcp_query *query, size_t first, size_t last)
{
    for (size_t i = first; i <= last; i++) {
        const struct stretch *stretch = &query->stretches.at[i];
        const struct wcp_block *blocks =
            query->blocks.list.at + stretch->first_block;

        for (size_t k = 0; k < stretch->num_blocks; k++)
            memset(query->covered.at + blocks[k].a, 1, blocks[k].num);
    }
}

static bool
accept_span(struct asking *ask, uint32_t b_begin, size_t first, size_t last)
{
    struct wcp_query *query = ask->query;
    struct wcp_query_result *result = ask->result;
    const struct stretch *from = &query->stretches.at[first];
    const struct stretch *to = &query->stretches.at[last];
    struct wcp_span_pair span = {
        .begin = from->a_begin,
        .end = to->a_end,
        .other_begin = b_begin + from->b_begin,
        .other_end = b_begin + to->b_end,
        .first_block = result->blocks.list.num,
    };
    const struct wcp_units wide = { ask->a, ask->num, false };
    uint64_t weight, len = span.end - span.begin;

    for (size_t i = first; i <= last; i++)
        span.matched += query->stretches.at[i].matched;
    weight = wcp_units_weight(&wide, span.begin, span.end);
    if (weight * span.matched < query->min_weight * len ||
        !are_alike(query, from, to, span.matched))
        return true;
    for (size_t i = first; query->keep_blocks && i <= last; i++)
        for (size_t k = 0; k < query->stretches.at[i].num_blocks; k++) {
            struct wcp_block block =
                query->blocks.list.at[query->stretches.at[i].first_block + k];

            if (!wcp_array_grow(query->mem, &result->blocks.list))
                return false;
            block.b += b_begin;
            result->blocks.list.at[result->blocks.list.num++] = block;
        }
    span.num_blocks = result->blocks.list.num - span.first_block;
    if (!wcp_array_grow(query->mem, &result->list))
        return false;
    result->list.at[result->list.num++] = span;
    cover(query, first, last);
    return true;
}

/* Join the stretches of a chain: from each start as far as that pays, then on
 * behind. */
static bool
join_stretches(struct asking *ask, uint32_t b_begin)
{
    const struct stretch *at = ask->query->stretches.at;
    size_t num = ask->query->stretches.num, first = 0;

    while (first < num) {
        int64_t sum = at[first].score, best = sum;
        uint32_t matched = at[first].matched;
        size_t last = first;

        for (size_t i = first + 1; i < num; i++) {
            sum -= cost_between(&at[i - 1], &at[i]);
            if (sum <= 0)
                break;
            sum += at[i].score;
            matched += at[i].matched;
            if (sum > best &&
                are_alike(ask->query, &at[first], &at[i], matched)) {
                best = sum;
                last = i;
            }
        }
        if (!accept_span(ask, b_begin, first, last))
            return false;
        first = last + 1;
    }
    return true;
}

/* A stretch that ended at the one before it, and was not accepted, may be
 * longer without that: its hit is put among the hits that are left. */
static size_t
keep_cut(const struct asking *ask, uint64_t *hits, size_t num)
{
    const struct wcp_query *query = ask->query;

    for (size_t i = 0; i < query->stretches.num; i++) {
        const struct stretch *stretch = &query->stretches.at[i];
        size_t k = num;

        if (!stretch->cut || !is_new(ask, (uint32_t)stretch->hit))
            continue;
        for (; k > 0 && (uint32_t)hits[k - 1] > (uint32_t)stretch->hit; k--)
            hits[k] = hits[k - 1];
        hits[k] = stretch->hit;
        num++;
    }
    return num;
}

/*
 * Stretch and join what is collinear of these hits of one text.  Hits that lie
 * before the end of a stretch in one text only may belong to another copy: they
 * are left at the front of 'hits', *num of them.
 */
static bool
stretch_hits(struct asking *ask, uint64_t *hits, size_t *num)
{
    struct wcp_query *query = ask->query;
    uint32_t number = wcp_place_text(query->places, (uint32_t)(hits[0] >> 32));
    uint32_t b_begin = query->places->begins[number];
    struct bounds bounds = { .b = &query->places->texts[number],
                             .b_place = b_begin,
                             .b_end = query->places->texts[number].num,
                             .same_text = number == ask->number };
    size_t num_left = 0;

    query->stretches.num = 0;
    query->blocks.list.num = 0;
    for (size_t i = 0; i < *num; i++) {
        uint32_t p = (uint32_t)hits[i];
        uint32_t q = (uint32_t)(hits[i] >> 32) - b_begin;

        if (p >= bounds.a_begin && q >= bounds.b_begin) {
            if (q < bounds.b_end && !stretch_hit(ask, &bounds, hits[i]))
                return false;
        } else if (p >= bounds.a_begin || q >= bounds.b_begin) {
            hits[num_left++] = hits[i];
        }
    }
    if (!join_stretches(ask, b_begin))
        return false;
    *num = keep_cut(ask, hits, num_left);
    return true;
}

static bool
stretch_chain(struct asking *ask, const struct wcp_hit_chain *chain)
{
    struct wcp_query *query = ask->query;
    uint64_t *hits = query->chainer.hits.at + chain->first;
    size_t num = chain->num;

    while (num > 0) {
        if (!stretch_hits(ask, hits, &num))
            return false;
        while (num > 0 && !is_new(ask, (uint32_t)hits[num - 1]))
            num--;
    }
    return true;
}

/* ---- chains ---- */

static int
compare_chains(const void *x, const void *y)
{
    const struct wcp_hit_chain *p = x, *q = y;

    if (p->score != q->score)
        return p->score > q->score ? -1 : 1;
    return p->first < q->first ? -1 : p->first > q->first;
}

static bool
is_worth_it(const struct asking *ask, const struct wcp_hit_chain *chain,
            bool longer)
{
    const struct wcp_query *query = ask->query;
    const uint64_t *hits = query->chainer.hits.at + chain->first;

    if (!longer && !query->short_seeds &&
        chain->score * 5 < (int32_t)chain->seed_len * 7)
        return false;
    for (uint32_t i = 0; i < chain->num; i++)
        if (is_new(ask, (uint32_t)hits[i]))
            return true;
    return false;
}

/* May these hits lead to a span that is long enough? */
static bool
has_hope(const struct asking *ask, const struct wcp_hit_cluster *cluster)
{
    const struct wcp_query *query = ask->query;
    const uint64_t *hits = query->hits.at + cluster->first;
    const struct wcp_units a = { ask->a, ask->num, false };
    const uint32_t last = (uint32_t)hits[cluster->num - 1];

    return cluster->text == ask->number ||
           wcp_cluster_matches(
               hits, cluster->num, wcp_seed_length(&query->plan, ask->a[last]),
               query->min_length, &a, &query->places->texts[cluster->text],
               query->places->begins[cluster->text]);
}

/* From the hits to accepted spans. */
static bool
follow_hits(struct asking *ask, bool longer)
{
    struct wcp_query *query = ask->query;
    struct wcp_chainer *chainer = &query->chainer;
    size_t num = query->hits.num;

    ask->result->num_hits += num;
    chainer->hits.num = chainer->chains.num = 0;
    if (num == 0)
        return true;
    if (!wcp_array_reserve(query->mem, &query->scratch, num))
        return false;
    wcp_sort_hits(query->hits.at, query->scratch.at, num);
    /* Most hits are a phrase, and alone. */
    query->clusters.least = longer || query->short_seeds ? 1 : 2;
    if (!wcp_clusters_list(&query->clusters, query->places, query->hits.at,
                           num))
        return false;
    for (size_t i = 0; i < query->clusters.list.num; i++) {
        const struct wcp_hit_cluster *cluster = &query->clusters.list.at[i];

        if (has_hope(ask, cluster) &&
            !wcp_chain_hits(chainer, &query->plan, ask->a,
                            query->hits.at + cluster->first, cluster->num))
            return false;
    }
    if (chainer->chains.num > 0)
        qsort(chainer->chains.at, chainer->chains.num,
              sizeof *chainer->chains.at, compare_chains);
    for (size_t i = 0; i < chainer->chains.num; i++) {
        if (ask->work > (uint64_t)ask->num * MAX_WORK + MIN_WORK)
            break;
        if (is_worth_it(ask, &chainer->chains.at[i], longer) &&
            !stretch_chain(ask, &chainer->chains.at[i]))
            return false;
    }
    return true;
}

static bool
ask_window(struct asking *ask, uint32_t begin)
{
    struct wcp_query *query = ask->query;
    uint32_t end = ask->num - begin > WINDOW ? begin + WINDOW : ask->num;

    query->hits.num = query->frequent.num = 0;
    if (!look_up(ask, begin, end))
        return false;
    if (query->hits.num == 0 && query->frequent.num == 0)
        return true;
    if (!follow_hits(ask, false))
        return false;
    return query->frequent.num == 0 ||
           (look_up_longer(ask) && follow_hits(ask, true));
}

bool
wcp_query_text(struct wcp_query *query, uint32_t text, bool others_only,
               struct wcp_query_result *result)
{
    const struct wcp_units *units = &query->places->texts[text];
    struct asking ask = { .query = query,
                          .a = units->at,
                          .number = text,
                          .begin = query->places->begins[text],
                          .num = units->num,
                          .others_only = others_only,
                          .result = result };

    if (units->num == 0)
        return true;
    if (!wcp_array_reserve(query->mem, &query->covered, units->num))
        return false;
    memset(query->covered.at, 0, units->num);
    if (units->narrow) {
        if (!wcp_array_reserve(query->mem, &query->wide, units->num))
            return false;
        wcp_widen(units, 0, units->num, query->wide.at);
        ask.a = query->wide.at;
    }
    for (uint64_t at = 0; at < units->num; at += WINDOW)
        if (!ask_window(&ask, (uint32_t)at))
            return false;
    return true;
}
