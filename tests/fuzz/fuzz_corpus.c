/*
 * fuzz_corpus.c - groups and pairs of a few texts through the public API
 *
 * The first byte chooses signature, threshold and whether texts that lie in
 * others are copies; the rest is split into texts at bytes FF, which are in no
 * UTF-8.  The oracle compares all texts with all, on shingle sets.
 */
#include "fuzz.h"

#include <unistd.h>

#include "sketch/sketch.h"
#include "text/text.h"
#include "wirecopy.h"

enum { MAX_TEXTS = 12 };

struct texts {
    const char *at[MAX_TEXTS];
    size_t len[MAX_TEXTS], num;
    struct wcp_folded folded[MAX_TEXTS];
    struct wcp_shingle_set sets[MAX_TEXTS];
    char ids[MAX_TEXTS][8];
    double threshold;
    bool contained;             /* what lies in another text is a copy */
    size_t original[MAX_TEXTS]; /* its number + 1; 0: in no group */
    uint64_t num_groups, num_pairs;
    bool paired[MAX_TEXTS][MAX_TEXTS];
};

static double
jaccard(const struct texts *t, size_t a, size_t b)
{
    const size_t common = wcp_shingle_set_common(&t->sets[a], &t->sets[b]);
    const size_t all = t->sets[a].num + t->sets[b].num - common;

    return all == 0 ? 0 : (double)common / (double)all;
}

static double
contained(const struct texts *t, size_t a, size_t b)
{
    return (double)wcp_shingle_set_common(&t->sets[a], &t->sets[b]) /
           (double)t->sets[a].num;
}

static bool
is_identical(const struct texts *t, size_t a, size_t b)
{
    return t->folded[a].num > 0 && t->folded[a].num == t->folded[b].num &&
           memcmp(t->folded[a].units, t->folded[b].units,
                  t->folded[a].num * 2) == 0;
}

/* Which text is it?  Ids were given by number. */
static size_t
text_of(const struct texts *t, const struct wcp_document_info *document)
{
    MUST(document->id != NULL && document->id_len == strlen(document->id));
    for (size_t i = 0; i < t->num; i++)
        if (strcmp(t->ids[i], document->id) == 0)
            return i;
    fprintf(stderr, "a document of another corpus: %s\n", document->id);
    abort();
}

/* Are two texts alike enough for a copy? */
static bool
meets(const struct texts *t, size_t a, size_t b)
{
    return jaccard(t, a, b) >= t->threshold ||
           (t->contained && (contained(t, a, b) >= t->threshold ||
                             contained(t, b, a) >= t->threshold));
}

static bool
is_near(double a, double b)
{
    return a - b < 1e-12 && b - a < 1e-12;
}

static void
check_relation(const struct texts *t, size_t a, size_t b,
               enum wcp_relation relation)
{
    const double c = contained(t, a, b), d = contained(t, b, a);

    if (relation == WCP_IDENTICAL)
        MUST(is_identical(t, a, b));
    else
        MUST(!is_identical(t, a, b));
    if (relation == WCP_ABRIDGED)
        MUST(d >= c);
    if (relation == WCP_EXPANDED)
        MUST(c >= d);
}

static int32_t
on_group(void *ctx, const struct wcp_group *group)
{
    struct texts *t = ctx;
    const struct wcp_group_member *member;
    double weakest = 1;
    size_t original = 0;

    MUST(group->number == ++t->num_groups && group->size >= 2);
    for (uint64_t i = 0; i < group->size; i++) {
        size_t text;

        MUST(wcp_group_get(group, i, &member) == WCP_OK);
        text = text_of(t, member->document);
        original = i == 0 ? text : original;
        /* A page is in the groups of all its stories. */
        MUST(t->original[text] == 0 || t->contained);
        t->original[text] = original + 1;
        MUST((member->relation == WCP_ORIGINAL) == (i == 0));
        MUST(is_near(member->jaccard, jaccard(t, original, text)));
        MUST(i == 0 || meets(t, original, text));
        MUST(is_near(member->covers, contained(t, original, text)));
        MUST(is_near(member->covered, contained(t, text, original)));
        /* No dates: the original is the first by id, if it is no page. */
        MUST(original <= text || t->contained);
        if (i > 0)
            check_relation(t, original, text, member->relation);
        if (member->jaccard < weakest)
            weakest = member->jaccard;
    }
    MUST(wcp_group_get(group, group->size, &member) == WCP_BAD_OPTION);
    MUST(is_near(weakest, group->weakest));
    return 0;
}

static int32_t
on_pair(void *ctx, const struct wcp_pair *pair)
{
    struct texts *t = ctx;
    const size_t a = text_of(t, pair->a), b = text_of(t, pair->b);

    t->num_pairs++;
    MUST(a < b && !t->paired[a][b]);
    t->paired[a][b] = true;
    MUST(is_near(pair->jaccard, jaccard(t, a, b)));
    MUST(meets(t, a, b));
    MUST(is_near(pair->a_in_b, contained(t, a, b)));
    MUST(is_near(pair->b_in_a, contained(t, b, a)));
    check_relation(t, a, b, pair->relation);
    return 0;
}

static void
split(struct texts *t, const uint8_t *data, size_t size)
{
    struct wcp_sketcher *sketcher;

    MUST(wcp_sketcher_new(&wcp_memory_libc, 0, &sketcher, NULL) == WCP_CODE_OK);
    while (size > 0 && t->num < MAX_TEXTS) {
        const uint8_t *end = memchr(data, 0xFF, size);
        size_t len = end != NULL ? (size_t)(end - data) : size;
        const size_t valid = fuzz_valid_prefix(data, len), i = t->num++;

        t->at[i] = (const char *)data;
        t->len[i] = valid;
        snprintf(t->ids[i], sizeof t->ids[i], "t%02u", (unsigned)i);
        wcp_folded_init(&t->folded[i], &wcp_memory_libc);
        MUST(wcp_fold(&t->folded[i], t->at[i], valid));
        MUST(wcp_shingle_set_make(sketcher, t->folded[i].units,
                                  t->folded[i].num, &t->sets[i]));
        len += end != NULL;
        data += len;
        size -= len;
    }
    wcp_sketcher_free(sketcher);
}

/* 'backwards': what the order of adding must not matter to. */
static struct wcp_corpus *
make_corpus(const struct texts *t, const struct wcp_options *opts,
            bool backwards)
{
    struct wcp_corpus *corpus;

    MUST(wcp_corpus_new(opts, &corpus, NULL) == WCP_OK);
    for (size_t k = 0; k < t->num; k++) {
        const size_t i = backwards ? t->num - 1 - k : k;
        const struct wcp_text text = { .struct_size = sizeof text,
                                       .text = t->at[i],
                                       .text_len = t->len[i],
                                       .id = t->ids[i] };

        MUST(wcp_corpus_add_text(corpus, &text, NULL) == WCP_OK);
    }
    return corpus;
}

/* Identical texts are apart only if a better original came between them. */
static void
check_apart(const struct texts *t, size_t a, size_t b)
{
    const size_t original_a = t->original[a] - 1;
    const size_t original_b = t->original[b] - 1;

    MUST(a < original_b && original_b < b);
    MUST(jaccard(t, b, original_b) > jaccard(t, a, original_a));
}

/* Identical texts are always found, whatever the recall. */
static void
check_identical(const struct texts *t)
{
    for (size_t a = 0; a < t->num; a++) {
        for (size_t b = a + 1; b < t->num; b++) {
            if (!is_identical(t, a, b))
                continue;
            MUST(t->paired[a][b]);
            MUST(t->original[a] != 0 && t->original[b] != 0);
            if (t->original[a] != t->original[b] && !t->contained)
                check_apart(t, a, b);
        }
        if (t->folded[a].num == 0)
            MUST(t->original[a] == 0);
    }
}

static void
check_corpus(struct texts *t, struct wcp_options *opts)
{
    struct wcp_corpus *corpus = make_corpus(t, opts, false);
    size_t original[MAX_TEXTS];

    MUST(wcp_corpus_find(corpus, on_group, t, NULL) == WCP_OK);
    MUST(wcp_corpus_pairs(corpus, on_pair, t, NULL) == WCP_OK);
    wcp_corpus_free(corpus);
    check_identical(t);
    memcpy(original, t->original, sizeof original);
    memset(t->original, 0, sizeof t->original);
    t->num_groups = 0;
    opts->threads = 2;
    corpus = make_corpus(t, opts, true);
    MUST(wcp_corpus_find(corpus, on_group, t, NULL) == WCP_OK);
    wcp_corpus_free(corpus);
    MUST(memcmp(original, t->original, sizeof original) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const double thresholds[] = { .8, .5, .2, 1 };
    struct texts t = { .num = 0 };
    struct wcp_options opts;
    struct wcp_sketcher *sketcher;

    if (size < 1)
        return 0;
    wcp_options_init(&opts, sizeof opts);
    opts.signature = data[0] % 3;
    opts.threshold = t.threshold = thresholds[data[0] >> 2 & 3];
    t.contained = (data[0] & 16) != 0;
    opts.relations =
        t.contained ? 0
                    : UINT64_C(1) << WCP_IDENTICAL | UINT64_C(1) << WCP_REPRINT;
    opts.threads = 1;
    opts.tmpdir = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NULL;
    split(&t, data + 1, size - 1);
    check_corpus(&t, &opts);
    MUST(wcp_sketcher_new(&wcp_memory_libc, 0, &sketcher, NULL) == WCP_CODE_OK);
    for (size_t i = 0; i < t.num; i++) {
        wcp_folded_release(&t.folded[i]);
        wcp_shingle_set_release(sketcher, &t.sets[i]);
    }
    wcp_sketcher_free(sketcher);
    return 0;
}
