/*
 * oracle_match.c - matching and grouping as match.h and group.h define them,
 * obviously right and slow
 */
#include "oracle_match.h"

#include "oracle_sketch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
must(void *ptr)
{
    if (ptr == NULL) {
        perror("oracle_match");
        exit(EXIT_FAILURE);
    }
    return ptr;
}

/* ---- shingle sets ---- */

static void
make_set(struct oracle_set *set, struct wcp_folded *folded, const char *text)
{
    size_t num;

    if (!wcp_fold(folded, text, strlen(text)))
        must(NULL);
    set->num_units = folded->num;
    set->units = must(malloc(folded->num * sizeof *set->units + 1));
    if (folded->num > 0)
        memcpy(set->units, folded->units, folded->num * sizeof *set->units);
    set->hashes = must(malloc((folded->num + 1) * sizeof *set->hashes));
    num = oracle_shingles(set->units, set->num_units, 0, set->hashes);
    set->num = oracle_unique(set->hashes, num);
}

void
oracle_sets_init(struct oracle_sets *sets, const struct made_corpus *corpus)
{
    struct wcp_folded folded;

    wcp_folded_init(&folded, &wcp_memory_libc);
    sets->num = corpus->num;
    sets->at = must(calloc(corpus->num + 1, sizeof *sets->at));
    for (size_t i = 0; i < corpus->num; i++)
        make_set(&sets->at[i], &folded, corpus->at[i].text);
    wcp_folded_release(&folded);
}

void
oracle_sets_release(struct oracle_sets *sets)
{
    for (size_t i = 0; i < sets->num; i++) {
        free(sets->at[i].hashes);
        free(sets->at[i].units);
    }
    free(sets->at);
    *sets = (struct oracle_sets){ 0 };
}

size_t
oracle_set_common(const struct oracle_set *a, const struct oracle_set *b)
{
    size_t common = 0, k = 0;

    for (size_t i = 0; i < a->num; i++) {
        while (k < b->num && b->hashes[k] < a->hashes[i])
            k++;
        common += k < b->num && b->hashes[k] == a->hashes[i];
    }
    return common;
}

double
oracle_jaccard(const struct oracle_set *a, const struct oracle_set *b)
{
    size_t common = oracle_set_common(a, b);

    if (a->num == 0 || b->num == 0)
        return 0;
    return (double)common / (double)(a->num + b->num - common);
}

bool
oracle_same_text(const struct oracle_set *a, const struct oracle_set *b)
{
    return a->num_units == b->num_units &&
           memcmp(a->units, b->units, a->num_units * sizeof *a->units) == 0;
}

/* Whole parts first; then the rests, upside down (Euclid). */
int
oracle_compare_fractions(uint64_t num_a, uint64_t den_a, uint64_t num_b,
                         uint64_t den_b)
{
    uint64_t whole_a = num_a / den_a, whole_b = num_b / den_b;
    uint64_t rest_a = num_a % den_a, rest_b = num_b % den_b;

    if (whole_a != whole_b)
        return whole_a > whole_b ? 1 : -1;
    if (rest_a == 0 || rest_b == 0)
        return (rest_a > 0) - (rest_b > 0);
    return oracle_compare_fractions(den_b, rest_b, den_a, rest_a);
}

/* ---- signatures ---- */

unsigned
oracle_num_equal(const struct wcp_store *store, uint32_t a, uint32_t b)
{
    unsigned num = 0;

    for (size_t i = 0; i < WCP_NUM_BINS; i++)
        if (store->values[a * (size_t)WCP_NUM_BINS + i] ==
            store->values[b * (size_t)WCP_NUM_BINS + i])
            num++;
    return num;
}

bool
oracle_is_candidate(const struct wcp_store *store, const struct wcp_plan *plan,
                    uint32_t a, uint32_t b)
{
    if (oracle_num_equal(store, a, b) < plan->min_equal)
        return false;
    for (size_t band = 0; band < plan->num_bands; band++)
        if (store->keys[band * store->num_classes + a] ==
            store->keys[band * store->num_classes + b])
            return true;
    return false;
}

unsigned
oracle_distance(uint64_t a, uint64_t b)
{
    unsigned num = 0;

    for (unsigned i = 0; i < 64; i++)
        num += (a >> i & 1) != (b >> i & 1);
    return num;
}

/* ---- components ---- */

struct keyed_class {
    uint32_t key, number;
};

static int
compare_keyed(const void *a, const void *b)
{
    const struct keyed_class *x = a, *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

/* Give all classes of each run of equal keys their least label.  Returns
 * whether a label changed. */
static bool
level_runs(const struct keyed_class *list, uint32_t num, uint32_t *labels)
{
    bool changed = false;

    for (uint32_t begin = 0, end; begin < num; begin = end) {
        uint32_t least = UINT32_MAX;

        for (end = begin; end < num && list[end].key == list[begin].key; end++)
            if (labels[list[end].number] < least)
                least = labels[list[end].number];
        for (uint32_t i = begin; i < end; i++) {
            changed |= labels[list[i].number] != least;
            labels[list[i].number] = least;
        }
    }
    return changed;
}

void
oracle_label_by_keys(const uint32_t *keys, unsigned num_bands, uint32_t num,
                     uint32_t *labels)
{
    struct keyed_class *lists =
        must(malloc(((size_t)num * num_bands + 1) * sizeof *lists));
    bool changed = true;

    for (uint32_t c = 0; c < num; c++)
        labels[c] = c;
    for (unsigned band = 0; band < num_bands; band++) {
        struct keyed_class *list = lists + (size_t)band * num;

        for (uint32_t c = 0; c < num; c++)
            list[c] = (struct keyed_class){ keys[(size_t)band * num + c], c };
        qsort(list, num, sizeof *list, compare_keyed);
    }
    while (changed) {
        changed = false;
        for (unsigned band = 0; band < num_bands; band++)
            changed |= level_runs(lists + (size_t)band * num, num, labels);
    }
    free(lists);
}

void
oracle_label_by_distance(const uint64_t *simhashes, uint32_t num,
                         unsigned distance, uint32_t *labels)
{
    uint32_t *queue = must(malloc((num + 1) * sizeof *queue));

    for (uint32_t c = 0; c < num; c++)
        labels[c] = UINT32_MAX;
    for (uint32_t c = 0; c < num; c++) {
        uint32_t head = 0, tail = 0;

        if (labels[c] != UINT32_MAX)
            continue;
        labels[c] = c;
        queue[tail++] = c;
        while (head < tail) {
            uint32_t from = queue[head++];

            for (uint32_t to = c + 1; to < num; to++)
                if (labels[to] == UINT32_MAX &&
                    oracle_distance(simhashes[from], simhashes[to]) <=
                        distance) {
                    labels[to] = c;
                    queue[tail++] = to;
                }
        }
    }
    free(queue);
}

bool
oracle_components_agree(const struct wcp_components *components,
                        const struct wcp_store *store, const uint32_t *labels)
{
    uint32_t n = store->num_classes, num = 0, num_classes = 0;
    uint32_t *sizes = must(calloc(n + 1, sizeof *sizes));
    uint32_t last_size = UINT32_MAX, last_root = 0;
    bool agree = true;

    for (uint32_t c = 0; c < n; c++)
        sizes[labels[c]]++;
    for (uint32_t c = 0; c < n; c++)
        if (sizes[c] > 1 ||
            (sizes[c] == 1 &&
             store->class_begins[c + 1] - store->class_begins[c] > 1)) {
            num++;
            num_classes += sizes[c];
        }
    agree &= components->num == num && components->num_classes == num_classes &&
             components->begins[0] == 0;
    for (uint32_t i = 0; agree && i < num; i++) {
        uint32_t begin = components->begins[i], end = components->begins[i + 1];
        uint32_t root = components->classes[begin];

        agree &= end - begin == sizes[root] && labels[root] == root;
        agree &= sizes[root] < last_size ||
                 (sizes[root] == last_size && root > last_root);
        for (uint32_t k = begin; agree && k < end; k++)
            agree &= labels[components->classes[k]] == root &&
                     (k == begin ||
                      components->classes[k] > components->classes[k - 1]);
        last_size = sizes[root];
        last_root = root;
    }
    agree &= components->begins[components->num] == num_classes;
    free(sizes);
    return agree;
}

/* ---- groups ---- */

static bool
is_earlier(const struct made_document *a, const struct made_document *b)
{
    bool a_dated = a->date_ms != WCP_NO_DATE;
    bool b_dated = b->date_ms != WCP_NO_DATE;

    if (a_dated != b_dated)
        return a_dated;
    if (a_dated && a->date_ms != b->date_ms)
        return a->date_ms < b->date_ms;
    return strcmp(a->id, b->id) < 0;
}

/* Of one date, an agency's own, then the longest, then the earliest id. */
static bool
has_claim(const struct made_corpus *corpus, const struct oracle_sets *sets,
          size_t a, size_t b)
{
    const struct made_document *x = &corpus->at[a], *y = &corpus->at[b];
    size_t x_len = sets->at[a].num_units, y_len = sets->at[b].num_units;

    if (x->date_ms == WCP_NO_DATE || x->date_ms != y->date_ms)
        return is_earlier(x, y);
    if (x->own != y->own)
        return x->own;
    return x_len != y_len ? x_len > y_len : strcmp(x->id, y->id) < 0;
}

void
oracle_order(const struct made_corpus *corpus, const struct oracle_sets *sets,
             enum wcp_order by, size_t *order)
{
    for (size_t i = 0; i < corpus->num; i++) {
        size_t at = i;

        for (; at > 0; at--) {
            size_t other = order[at - 1];
            bool first = false;

            if (by == WCP_ORDER_ORIGINAL)
                first = has_claim(corpus, sets, i, other);
            else if (by == WCP_ORDER_DATE)
                first = is_earlier(&corpus->at[i], &corpus->at[other]);
            else if (by == WCP_ORDER_LONGEST)
                first = sets->at[i].num_units > sets->at[other].num_units ||
                        (sets->at[i].num_units == sets->at[other].num_units &&
                         is_earlier(&corpus->at[i], &corpus->at[other]));
            if (!first)
                break;
            order[at] = other;
        }
        order[at] = i;
    }
}

void
oracle_groups(const struct made_corpus *corpus, const struct oracle_sets *sets,
              enum wcp_order by, double threshold, size_t *originals)
{
    size_t *order = must(malloc((corpus->num + 1) * sizeof *order));

    oracle_order(corpus, sets, by, order);
    for (size_t i = 0; i < corpus->num; i++) {
        const struct oracle_set *set = &sets->at[order[i]];
        uint64_t best_common = 0, best_all = 1;
        size_t best = order[i];

        for (size_t k = 0; k < i && set->num > 0; k++) {
            const struct oracle_set *other = &sets->at[order[k]];
            uint64_t common, all;

            if (originals[order[k]] != order[k] ||
                oracle_jaccard(set, other) < threshold)
                continue;
            common = oracle_set_common(set, other);
            all = set->num + other->num - common;
            if (oracle_compare_fractions(common, all, best_common, best_all) >
                0) {
                best = order[k];
                best_common = common;
                best_all = all;
            }
        }
        originals[order[i]] = set->num > 0 ? best : SIZE_MAX;
    }
    free(order);
}
