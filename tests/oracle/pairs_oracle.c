/*
 * pairs_oracle.c - all pairs at or above a Jaccard threshold, exactly
 *
 *   pairs-oracle FOLDED.tsv THRESHOLD
 *       id_a, id_b, Jaccard, containment of a in b, of b in a; a stands before
 *       b in the file
 *   pairs-oracle FOLDED.tsv THRESHOLD --greedy ORDER.tsv
 *       id, original, Jaccard: the documents in the order of ORDER.tsv (an id a
 *       line), each joining the most similar earlier original at or above the
 *       threshold, the earlier one of two alike, or becoming an original
 *
 * Shingles are numbered by their content, so that nothing depends on a hash.
 * Two sets with |A n B| >= t |A u B| share at least ceil(t |A|) elements of A,
 * hence one of the first |A| - ceil(t |A|) + 1 of A in any order that both
 * share; with the rarest first, few others share those (Chaudhuri, Ganti,
 * Kaushik: "A primitive operator for similarity joins", 2006; Bayardo, Ma,
 * Srikant: "Scaling up all pairs similarity search", 2007).
 */
#include "folded.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- shingles, numbered by content ---- */

struct shingle {
    const uint16_t *units;
    uint32_t num;
    uint32_t next; /* in its chain, plus 1; 0 ends it */
    uint32_t num_docs, last_doc;
};

struct set {
    uint32_t *at;
    uint32_t num, cap;
};

struct corpus {
    struct texts texts;
    struct set *sets;
    struct shingle *shingles;
    uint32_t num_shingles, max_shingles;
    uint32_t *chains, num_chains;
    uint32_t doc; /* whose windows are being added */
};

static uint32_t
chain_of(const struct corpus *corpus, const uint16_t *units, size_t num)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < num; i++)
        hash = (hash ^ units[i]) * 0x9E3779B97F4A7C15u;
    return (uint32_t)(hash >> 32) & (corpus->num_chains - 1);
}

static uint32_t
number_of(struct corpus *corpus, const uint16_t *units, size_t num)
{
    uint32_t *chain = &corpus->chains[chain_of(corpus, units, num)];
    struct shingle *new;

    for (uint32_t i = *chain; i; i = corpus->shingles[i - 1].next) {
        const struct shingle *old = &corpus->shingles[i - 1];

        if (old->num == num &&
            memcmp(old->units, units, num * sizeof *units) == 0)
            return i - 1;
    }
    if (corpus->num_shingles == corpus->max_shingles)
        give_up("too many", "shingles");
    new = &corpus->shingles[corpus->num_shingles++];
    *new = (struct shingle){ units, (uint32_t)num, *chain, 0, UINT32_MAX };
    *chain = corpus->num_shingles;
    return corpus->num_shingles - 1;
}

static void
add_window(void *ctx, const uint16_t *units, size_t num)
{
    struct corpus *corpus = ctx;
    const uint32_t number = number_of(corpus, units, num);
    struct shingle *shingle = &corpus->shingles[number];
    struct set *set = &corpus->sets[corpus->doc];

    if (shingle->last_doc == corpus->doc)
        return;
    shingle->last_doc = corpus->doc;
    shingle->num_docs++;
    set->at[set->num++] = number;
}

static int
compare_u64(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static int
compare_u32(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* Number the shingles anew, the rarest first, and sort each set. */
static void
sort_by_rarity(struct corpus *corpus)
{
    const uint32_t num = corpus->num_shingles;
    uint64_t *keys = must_alloc(num, sizeof *keys);
    uint32_t *ranks = must_alloc(num, sizeof *ranks);

    for (uint32_t i = 0; i < num; i++)
        keys[i] = (uint64_t)corpus->shingles[i].num_docs << 32 | i;
    qsort(keys, num, sizeof *keys, compare_u64);
    for (uint32_t i = 0; i < num; i++)
        ranks[(uint32_t)keys[i]] = i;
    for (size_t d = 0; d < corpus->texts.num; d++) {
        struct set *set = &corpus->sets[d];

        for (uint32_t i = 0; i < set->num; i++)
            set->at[i] = ranks[set->at[i]];
        qsort(set->at, set->num, sizeof *set->at, compare_u32);
    }
    free(keys);
    free(ranks);
}

static void
make_sets(struct corpus *corpus)
{
    size_t total = 0;

    for (size_t d = 0; d < corpus->texts.num; d++)
        total += corpus->texts.at[d].num;
    if (total >= UINT32_MAX / 2 || corpus->texts.num >= UINT32_MAX / 2)
        give_up("too much text for", "the oracle");
    corpus->num_chains = 1;
    while (corpus->num_chains < total)
        corpus->num_chains *= 2;
    corpus->max_shingles = (uint32_t)total;
    corpus->chains = must_alloc(corpus->num_chains, sizeof *corpus->chains);
    corpus->shingles = must_alloc(total, sizeof *corpus->shingles);
    corpus->sets = must_alloc(corpus->texts.num, sizeof *corpus->sets);
    for (size_t d = 0; d < corpus->texts.num; d++) {
        const struct text *text = &corpus->texts.at[d];

        corpus->doc = (uint32_t)d;
        corpus->sets[d].at = must_alloc(text->num, sizeof(uint32_t));
        for_each_window(text, add_window, corpus);
    }
    sort_by_rarity(corpus);
}

/* ---- pairs ---- */

struct pair {
    uint32_t a, b; /* a < b, in file order */
    uint32_t common, all;
};

struct pairs {
    struct pair *at;
    size_t num, cap;
};

struct posting {
    uint32_t doc, next; /* next plus 1; 0 ends the list */
};

struct join {
    const struct corpus *corpus;
    double threshold;
    struct posting *postings;
    uint32_t num_postings;
    uint32_t *lists;  /* by shingle: the first posting plus 1 */
    uint32_t *probed; /* by document: the last document that met it, plus 1 */
    struct pairs pairs;
};

static uint32_t
count_common(const struct set *a, const struct set *b)
{
    uint32_t i = 0, k = 0, common = 0;

    while (i < a->num && k < b->num) {
        if (a->at[i] == b->at[k])
            common++, i++, k++;
        else if (a->at[i] < b->at[k])
            i++;
        else
            k++;
    }
    return common;
}

static void
verify(struct join *join, uint32_t a, uint32_t b)
{
    const struct set *sets = join->corpus->sets;
    const uint32_t common = count_common(&sets[a], &sets[b]);
    const uint32_t all = sets[a].num + sets[b].num - common;
    struct pairs *pairs = &join->pairs;

    if ((double)common / (double)all < join->threshold)
        return;
    if (pairs->num == pairs->cap) {
        pairs->cap = pairs->cap ? 2 * pairs->cap : 1024;
        pairs->at = realloc(pairs->at, pairs->cap * sizeof *pairs->at);
        if (!pairs->at)
            give_up("out of memory", "pairs");
    }
    pairs->at[pairs->num++] = (struct pair){ a, b, common, all };
}

/* How many of a set's first elements cannot all be missing in a match.  The
 * small term keeps rounding on the safe side: one element more costs little. */
static uint32_t
prefix_length(const struct join *join, uint32_t num)
{
    const double need = ceil(join->threshold * num - 1e-6);

    return num == 0 ? 0 : num - (uint32_t)(need < 1 ? 1 : need) + 1;
}

static void
join_document(struct join *join, uint32_t b)
{
    const struct set *sets = join->corpus->sets, *set = &sets[b];
    const uint32_t prefix = prefix_length(join, set->num);

    for (uint32_t i = 0; i < prefix; i++) {
        for (uint32_t p = join->lists[set->at[i]]; p;
             p = join->postings[p - 1].next) {
            const uint32_t a = join->postings[p - 1].doc;

            if (join->probed[a] == b + 1)
                continue;
            join->probed[a] = b + 1;
            if (sets[a].num >= join->threshold * set->num - 1e-6 &&
                set->num >= join->threshold * sets[a].num - 1e-6)
                verify(join, a, b);
        }
    }
    for (uint32_t i = 0; i < prefix; i++) {
        uint32_t *list = &join->lists[set->at[i]];

        join->postings[join->num_postings] = (struct posting){ b, *list };
        *list = ++join->num_postings;
    }
}

static int
compare_pairs(const void *x, const void *y)
{
    const struct pair *p = x, *q = y;

    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    return p->b < q->b ? -1 : p->b > q->b;
}

static struct pairs
find_pairs(const struct corpus *corpus, double threshold)
{
    struct join join = { corpus, threshold, NULL, 0, NULL, NULL, { 0 } };
    size_t total = 0;

    for (size_t d = 0; d < corpus->texts.num; d++)
        total += prefix_length(&join, corpus->sets[d].num);
    join.postings = must_alloc(total, sizeof *join.postings);
    join.lists = must_alloc(corpus->num_shingles, sizeof *join.lists);
    join.probed = must_alloc(corpus->texts.num, sizeof *join.probed);
    for (size_t d = 0; d < corpus->texts.num; d++)
        join_document(&join, (uint32_t)d);
    if (join.pairs.num)
        qsort(join.pairs.at, join.pairs.num, sizeof *join.pairs.at,
              compare_pairs);
    free(join.postings);
    free(join.lists);
    free(join.probed);
    return join.pairs;
}

static void
print_pairs(const struct corpus *corpus, const struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->num; i++) {
        const struct pair *p = &pairs->at[i];
        const double common = p->common;

        printf("%s\t%s\t%.12f\t%.12f\t%.12f\n", corpus->texts.at[p->a].id,
               corpus->texts.at[p->b].id, common / p->all,
               common / corpus->sets[p->a].num,
               common / corpus->sets[p->b].num);
    }
}

/* ---- the naive find ---- */

struct order {
    uint32_t *docs; /* place -> document */
    uint32_t *places;
};

static const struct texts *sorting;

static int
compare_ids(const void *a, const void *b)
{
    return strcmp(sorting->at[*(const uint32_t *)a].id,
                  sorting->at[*(const uint32_t *)b].id);
}

static int
compare_id_to(const void *id, const void *b)
{
    return strcmp(id, sorting->at[*(const uint32_t *)b].id);
}

static struct order
read_order(const struct texts *texts, const char *path)
{
    FILE *file = fopen(path, "rb");
    const uint32_t num_docs = (uint32_t)texts->num;
    uint32_t *by_id = must_alloc(num_docs, sizeof *by_id), num = 0;
    struct order order = { must_alloc(num_docs, sizeof(uint32_t)),
                           must_alloc(num_docs, sizeof(uint32_t)) };
    char *line = NULL;
    size_t cap = 0;

    if (!file)
        give_up("cannot read", path);
    for (uint32_t d = 0; d < num_docs; d++)
        by_id[d] = d;
    sorting = texts;
    qsort(by_id, num_docs, sizeof *by_id, compare_ids);
    while (getline(&line, &cap, file) > 0) {
        const uint32_t *found;

        line[strcspn(line, "\t\n")] = '\0';
        found = bsearch(line, by_id, num_docs, sizeof *by_id, compare_id_to);
        if (!found || num == num_docs)
            give_up("unknown or repeated id", line);
        order.places[*found] = num;
        order.docs[num++] = *found;
    }
    if (num != num_docs)
        give_up("an id is missing in", path);
    fclose(file);
    free(line);
    free(by_id);
    return order;
}

/* The better of two pairs for 'doc': more alike, else with the earlier one. */
static bool
is_better(const struct pair *x, const struct pair *y, uint32_t doc,
          const struct order *order)
{
    const uint64_t left = (uint64_t)x->common * y->all;
    const uint64_t right = (uint64_t)y->common * x->all;

    if (left != right)
        return left > right;
    return order->places[x->a + x->b - doc] < order->places[y->a + y->b - doc];
}

/*
 * 'first' and 'next' thread the pairs through their documents: the pair i is
 * entry 2 i of its a and entry 2 i + 1 of its b.
 */
static void
print_greedy(const struct corpus *corpus, const struct pairs *pairs,
             const struct order *order)
{
    const size_t num = corpus->texts.num;
    size_t *first = must_alloc(num, sizeof *first);
    size_t *next = must_alloc(2 * pairs->num, sizeof *next);
    bool *is_original = must_alloc(num, sizeof *is_original);

    for (size_t i = 0; i < 2 * pairs->num; i++) {
        const struct pair *p = &pairs->at[i / 2];
        size_t *list = &first[i % 2 ? p->b : p->a];

        next[i] = *list;
        *list = i + 1;
    }
    for (size_t place = 0; place < num; place++) {
        const uint32_t doc = order->docs[place];
        const struct pair *best = NULL;

        for (size_t i = first[doc]; i; i = next[i - 1]) {
            const struct pair *p = &pairs->at[(i - 1) / 2];

            if (is_original[p->a + p->b - doc] &&
                (!best || is_better(p, best, doc, order)))
                best = p;
        }
        is_original[doc] = !best;
        printf("%s\t%s\t%.12f\n", corpus->texts.at[doc].id,
               corpus->texts.at[best ? best->a + best->b - doc : doc].id,
               best ? (double)best->common / best->all : 1.0);
    }
    free(first);
    free(next);
    free(is_original);
}

int
main(int argc, char **argv)
{
    const bool greedy = argc == 5 && strcmp(argv[3], "--greedy") == 0;
    struct corpus corpus = { 0 };
    struct pairs pairs;
    double threshold;

    if (argc != 3 && !greedy) {
        fprintf(stderr, "usage: pairs-oracle FOLDED.tsv THRESHOLD "
                        "[--greedy ORDER.tsv]\n");
        return 2;
    }
    threshold = strtod(argv[2], NULL);
    if (!(threshold > 0 && threshold <= 1))
        give_up("not a threshold:", argv[2]);
    corpus.texts = read_texts(argv[1]);
    make_sets(&corpus);
    pairs = find_pairs(&corpus, threshold);
    if (greedy) {
        const struct order order = read_order(&corpus.texts, argv[4]);

        print_greedy(&corpus, &pairs, &order);
    } else {
        print_pairs(&corpus, &pairs);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        give_up("cannot write", "stdout");
    return 0;
}
