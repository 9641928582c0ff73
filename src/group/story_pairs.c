/*
 * story_pairs.c - pairs of texts of which one may lie in the other, in few
 * bytes
 *
 * A dispatch that ten thousand have cut comes to more pairs than there are
 * documents, so that thirteen bytes are kept of each: the later class, what
 * the two share, what is known of them, and the earlier class once more in the
 * list of the later one.  Which pair that is is looked up among those of the
 * earlier class.  How many shingles a text has is kept once for each class.
 */
#include "group/story_pairs.h"

#include <string.h>

void
wcp_story_pairs_init(struct wcp_story_pairs *pairs,
                     const struct wcp_memory *mem, uint32_t num_classes)
{
    *pairs = (struct wcp_story_pairs){ .mem = mem, .num_classes = num_classes };
}

void
wcp_story_pairs_release(struct wcp_story_pairs *pairs)
{
    const struct wcp_memory *mem = pairs->mem;
    const size_t n = (size_t)pairs->num_classes + 1;

    if (mem == NULL)
        return;
    wcp_free_array(mem, pairs->begins, n, sizeof *pairs->begins);
    wcp_free_array(mem, pairs->back_begins, n, sizeof *pairs->back_begins);
    wcp_free_array(mem, pairs->sizes, n, sizeof *pairs->sizes);
    wcp_array_release(mem, &pairs->others);
    wcp_array_release(mem, &pairs->commons);
    wcp_array_release(mem, &pairs->states);
    wcp_free_array(mem, pairs->backs, pairs->num_backs, sizeof *pairs->backs);
    *pairs = (struct wcp_story_pairs){ 0 };
}

/* ---- a pair ---- */

bool
wcp_story_pairs_find(const struct wcp_story_pairs *pairs, uint32_t a,
                     uint32_t b, size_t *place_ret)
{
    size_t low, high;

    if (pairs->begins == NULL)
        return false;
    low = pairs->begins[a];
    high = pairs->begins[a + 1];
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (pairs->others.at[middle] < b)
            low = middle + 1;
        else
            high = middle;
    }
    *place_ret = low;
    return low < pairs->begins[a + 1] && pairs->others.at[low] == b;
}

/* The earlier class of a pair, which is not before 'low'; by steps that grow
 * and then by halves, for it mostly comes soon. */
static uint32_t
class_at(const struct wcp_story_pairs *pairs, uint32_t low, size_t place)
{
    const uint32_t n = pairs->num_classes;
    uint32_t step = 1, high;

    while (step < n - low && pairs->begins[low + step] <= place) {
        low += step;
        step *= 2;
    }
    high = step < n - low ? low + step : n;
    while (low + 1 < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (pairs->begins[middle] <= place)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct wcp_class_pair
pair_of(const struct wcp_story_pairs *pairs, uint32_t a, size_t place)
{
    const uint32_t b = pairs->others.at[place];
    const int32_t relation = wcp_story_relation(pairs, place);
    struct wcp_class_pair pair = { .a = a, .b = b, .relation = relation };

    if (relation != WCP_PAIR_NEW && relation != WCP_PAIR_APART)
        pair.overlap = (struct wcp_overlap){ pairs->commons.at[place],
                                             pairs->sizes[a], pairs->sizes[b] };
    return pair;
}

bool
wcp_story_overlap(const struct wcp_story_pairs *pairs, uint32_t a, uint32_t b,
                  struct wcp_overlap *overlap_ret)
{
    int32_t relation;
    size_t place;

    if (!wcp_story_pairs_find(pairs, a < b ? a : b, a < b ? b : a, &place))
        return false;
    relation = wcp_story_relation(pairs, place);
    if (relation == WCP_PAIR_NEW || relation == WCP_PAIR_APART)
        return false;
    *overlap_ret = (struct wcp_overlap){ pairs->commons.at[place],
                                         pairs->sizes[a], pairs->sizes[b] };
    return true;
}

struct wcp_class_pair
wcp_story_pair_from(const struct wcp_story_pairs *pairs, uint32_t *a,
                    size_t place)
{
    *a = class_at(pairs, *a, place);
    return pair_of(pairs, *a, place);
}

struct wcp_class_pair
wcp_story_pair(const struct wcp_story_pairs *pairs, size_t place)
{
    return pair_of(pairs, class_at(pairs, 0, place), place);
}

void
wcp_story_compared(struct wcp_story_pairs *pairs, size_t place,
                   const struct wcp_class_pair *pair)
{
    pairs->commons.at[place] = pair->overlap.common;
    pairs->sizes[pair->a] = pair->overlap.size_a;
    pairs->sizes[pair->b] = pair->overlap.size_b;
    wcp_story_relate(pairs, place, WCP_PAIR_COMPARED);
}

/* ---- edges ---- */

size_t
wcp_edge_place(const struct wcp_story_pairs *pairs, uint32_t c, uint32_t i)
{
    const uint32_t num_back = pairs->back_begins[c + 1] - pairs->back_begins[c];
    size_t place = 0;

    if (i >= num_back)
        return (size_t)pairs->begins[c] + i - num_back;
    wcp_story_pairs_find(pairs, pairs->backs[pairs->back_begins[c] + i], c,
                         &place);
    return place;
}

struct wcp_class_pair
wcp_edge_pair(const struct wcp_story_pairs *pairs, uint32_t c, uint32_t i)
{
    const uint32_t other = wcp_edge_other(pairs, c, i);

    return pair_of(pairs, other < c ? other : c, wcp_edge_place(pairs, c, i));
}

/* ---- new ones ---- */

/* What is added, by the earlier class. */
struct fresh {
    uint32_t *begins; /* [num_classes + 1] */
    uint32_t *others; /* [most] */
    size_t most, num;
};

static void
fresh_release(const struct wcp_story_pairs *pairs, struct fresh *fresh)
{
    wcp_free_array(pairs->mem, fresh->begins, (size_t)pairs->num_classes + 1,
                   sizeof *fresh->begins);
    wcp_free_array(pairs->mem, fresh->others, fresh->most,
                   sizeof *fresh->others);
}

/* Counts of each class, one place behind it, to where each begins. */
static void
sum_up(uint32_t *begins, size_t n)
{
    for (size_t i = 0; i < n; i++)
        begins[i + 1] += begins[i];
}

/* What was moved on to where the next one begins goes back. */
static void
step_back(uint32_t *begins, size_t n)
{
    for (size_t i = n; i > 0; i--)
        begins[i] = begins[i - 1];
    begins[0] = 0;
}

/* Put those that are not there yet in order of their earlier class. */
static bool
take_fresh(const struct wcp_story_pairs *pairs, struct fresh *fresh,
           struct wcp_inclusions *inclusions)
{
    const size_t n = pairs->num_classes;
    struct wcp_inclusion *list = inclusions->list.at;
    size_t place, kept = 0;

    for (size_t i = 0; i < inclusions->list.num; i++) {
        const uint32_t x = list[i].part, y = list[i].whole;
        const uint32_t a = x < y ? x : y, b = x < y ? y : x;

        if (!wcp_story_pairs_find(pairs, a, b, &place))
            list[kept++] = (struct wcp_inclusion){ .whole = b, .part = a };
    }
    if (kept > UINT32_MAX - pairs->others.num) /* fifty gigabytes of them */
        return false;
    fresh->most = kept;
    fresh->begins = wcp_new_zeroed(pairs->mem, n + 1, sizeof *fresh->begins);
    fresh->others = wcp_new_array(pairs->mem, kept, sizeof *fresh->others);
    if (fresh->begins == NULL || fresh->others == NULL)
        return false;
    for (size_t i = 0; i < kept; i++)
        fresh->begins[list[i].part + 1]++;
    sum_up(fresh->begins, n);
    for (size_t i = 0; i < kept; i++)
        fresh->others[fresh->begins[list[i].part]++] = list[i].whole;
    step_back(fresh->begins, n);
    return true;
}

/* Sort a class's list, each once; how many are left. */
static uint32_t
sort_list(uint32_t *list, uint32_t num, uint64_t *keys)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < num; i++)
        keys[i] = list[i];
    wcp_sort_u64(keys, keys + num, num);
    for (uint32_t i = 0; i < num; i++)
        if (i == 0 || keys[i] != keys[i - 1])
            list[kept++] = (uint32_t)keys[i];
    return kept;
}

static bool
sort_fresh(const struct wcp_story_pairs *pairs, struct fresh *fresh,
           uint8_t *changed)
{
    const size_t n = pairs->num_classes;
    uint32_t most = 0, begin = 0;
    uint64_t *keys;

    for (size_t c = 0; c < n; c++)
        if (most < fresh->begins[c + 1] - fresh->begins[c])
            most = fresh->begins[c + 1] - fresh->begins[c];
    keys = wcp_new_array(pairs->mem, 2 * (size_t)most, sizeof *keys);
    if (keys == NULL)
        return false;
    for (size_t c = 0; c < n; c++) {
        const uint32_t end = fresh->begins[c + 1];
        const uint32_t num =
            sort_list(fresh->others + begin, end - begin, keys);

        memmove(fresh->others + fresh->num, fresh->others + begin,
                num * sizeof *fresh->others);
        fresh->begins[c] = (uint32_t)fresh->num;
        for (uint32_t i = 0; i < num; i++)
            changed[c] = changed[fresh->others[fresh->num + i]] = 1;
        fresh->num += num;
        begin = end;
    }
    fresh->begins[n] = (uint32_t)fresh->num;
    wcp_free_array(pairs->mem, keys, 2 * (size_t)most, sizeof *keys);
    return true;
}

/* Exactly so much, for all of it is used. */
static bool
grow(const struct wcp_memory *mem, void **at, size_t *cap, size_t num,
     size_t size)
{
    void *ptr = mem->resize(mem->ctx, *at, *cap * size, num * size);

    if (ptr == NULL)
        return false;
    *at = ptr;
    *cap = num;
    return true;
}

static bool
make_room(struct wcp_story_pairs *pairs, size_t num)
{
    const struct wcp_memory *mem = pairs->mem;
    const size_t n = (size_t)pairs->num_classes + 1;

    if (pairs->begins == NULL)
        pairs->begins = wcp_new_zeroed(mem, n, sizeof *pairs->begins);
    if (pairs->back_begins == NULL)
        pairs->back_begins = wcp_new_zeroed(mem, n, sizeof *pairs->back_begins);
    if (pairs->sizes == NULL)
        pairs->sizes = wcp_new_zeroed(mem, n, sizeof *pairs->sizes);
    wcp_free_array(mem, pairs->backs, pairs->num_backs, sizeof *pairs->backs);
    pairs->backs = NULL;
    pairs->num_backs = num;
    return pairs->begins != NULL && pairs->back_begins != NULL &&
           pairs->sizes != NULL &&
           grow(mem, (void **)&pairs->others.at, &pairs->others.cap, num,
                sizeof *pairs->others.at) &&
           grow(mem, (void **)&pairs->commons.at, &pairs->commons.cap, num,
                sizeof *pairs->commons.at) &&
           grow(mem, (void **)&pairs->states.at, &pairs->states.cap, num,
                sizeof *pairs->states.at);
}

/* From the last one on, where each has its place. */
static void
merge(struct wcp_story_pairs *pairs, const struct fresh *fresh)
{
    const size_t n = pairs->num_classes;
    size_t i = pairs->others.num, k = fresh->num, at = i + k;
    uint32_t *others = pairs->others.at;

    for (size_t c = n; c-- > 0 && k > 0;)
        while (k > fresh->begins[c] || i > pairs->begins[c]) {
            at--;
            if (k == fresh->begins[c] ||
                (i > pairs->begins[c] &&
                 others[i - 1] > fresh->others[k - 1])) {
                i--;
                others[at] = others[i];
                pairs->commons.at[at] = pairs->commons.at[i];
                pairs->states.at[at] = pairs->states.at[i];
            } else {
                others[at] = fresh->others[--k];
                pairs->commons.at[at] = 0;
                pairs->states.at[at] = WCP_STATE_RELATION + WCP_PAIR_NEW;
            }
        }
    for (size_t c = 0; c <= n; c++)
        pairs->begins[c] += fresh->begins[c];
    pairs->others.num += fresh->num;
    pairs->commons.num = pairs->states.num = pairs->others.num;
}

/* The earlier classes of each. */
static bool
list_backs(struct wcp_story_pairs *pairs)
{
    const size_t n = pairs->num_classes, num = pairs->others.num;
    uint32_t *begins = pairs->back_begins;

    pairs->backs = wcp_new_array(pairs->mem, num, sizeof *pairs->backs);
    if (pairs->backs == NULL)
        return false;
    memset(begins, 0, (n + 1) * sizeof *begins);
    for (size_t i = 0; i < num; i++)
        begins[pairs->others.at[i] + 1]++;
    sum_up(begins, n);
    for (uint32_t c = 0; c < n; c++)
        for (size_t i = pairs->begins[c]; i < pairs->begins[c + 1]; i++)
            pairs->backs[begins[pairs->others.at[i]]++] = c;
    step_back(begins, n);
    return true;
}

bool
wcp_story_pairs_add(struct wcp_story_pairs *pairs,
                    struct wcp_inclusions *inclusions, uint8_t *changed)
{
    struct fresh fresh = { 0 };
    bool added = take_fresh(pairs, &fresh, inclusions);

    wcp_inclusions_release(inclusions);
    added = added && sort_fresh(pairs, &fresh, changed);
    if (added && fresh.num > 0) {
        added = make_room(pairs, pairs->others.num + fresh.num);
        if (added)
            merge(pairs, &fresh);
    }
    fresh_release(pairs, &fresh);
    return added && (pairs->others.num == 0 || pairs->backs != NULL ||
                     list_backs(pairs));
}
