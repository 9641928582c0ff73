/*
 * test_text_kernels.c - every table of text kernels folds as the portable one
 *
 * That one is the definition, and what it does is tested in test_fold.c.  Here
 * are all code points, all sequences of bytes at the edges of the encoding at
 * all places of a vector, and text of every kind, which ends where the memory
 * ends.  Bytes that are no UTF-8 must fold alike too.
 */
#include "support.h"

#include <CUnit/CUnit.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/text_kernels.h"

/* ---- support ---- */

static size_t
encode(uint32_t code, uint8_t *out)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xC0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xE0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (code & 0x3F));
    return 4;
}

struct folds {
    struct wcp_folded expected, got;
};

static void
folds_init(struct folds *folds)
{
    wcp_folded_init(&folds->expected, &wcp_memory_libc);
    wcp_folded_init(&folds->got, &wcp_memory_libc);
}

static void
folds_release(struct folds *folds)
{
    wcp_folded_release(&folds->expected);
    wcp_folded_release(&folds->got);
}

static bool
is_expected(const struct folds *folds)
{
    return folds->got.num == folds->expected.num &&
           (folds->got.num == 0 ||
            memcmp(folds->got.units, folds->expected.units,
                   folds->got.num * sizeof *folds->got.units) == 0);
}

/* All tables, and folding with offsets, fold the text as the portable one. */
static bool
fold_alike(struct folds *folds, const uint8_t *text, size_t len)
{
    const char *chars = (const char *)text;

    if (!wcp_fold_by(&wcp_text_kernels_portable, &folds->expected, chars, len))
        return false;
    for (size_t i = 0; wcp_text_kernels_at(i) != NULL; i++) {
        const struct wcp_text_kernels *k = wcp_text_kernels_at(i);

        if (!wcp_fold_by(k, &folds->got, chars, len) || !is_expected(folds)) {
            printf("%s: %zu bytes, WCP_TEST_SEED=%" PRIu64 "\n", k->name, len,
                   test_seed());
            return false;
        }
    }
    return wcp_fold_with_offsets(&folds->got, chars, len) && is_expected(folds);
}

/* ---- all code points ---- */

/* In order, with what 'between' puts behind each. */
static void
check_all_code_points(const char *between, size_t lead)
{
    const size_t step = 4 + strlen(between);
    uint8_t *text = malloc(lead + 0x110000 * step);
    size_t len = lead;
    struct folds folds;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, 'x', lead);
    for (uint32_t code = 0; code < 0x110000; code++) {
        if (code == 0xD800)
            code = 0xE000;
        len += encode(code, text + len);
        memcpy(text + len, between, strlen(between));
        len += strlen(between);
    }
    folds_init(&folds);
    CU_ASSERT_TRUE(fold_alike(&folds, text, len));
    folds_release(&folds);
    free(text);
}

static void
test_all_code_points(void)
{
    check_all_code_points("", 0);
    check_all_code_points("a\xE4\xB8\xAD", 13);
}

/* ---- edges ---- */

static const uint8_t edges[] = { 0x00, '&',  '(',  'k',  0x80, 0x90,
                                 0xA0, 0xBF, 0xC2, 0xDF, 0xE0, 0xE2,
                                 0xE4, 0xED, 0xF0, 0xF4, 0xF5 };

enum { NUM_EDGES = sizeof edges, EDGE_TEXT = 200 };

/* The text around the sequences: ASCII, Chinese, or both by turns. */
static void
surround(uint8_t *text, size_t kind)
{
    size_t at = 0;

    while (at < EDGE_TEXT) {
        if (kind == 0 || EDGE_TEXT - at < 3 || (kind == 2 && at % 7 < 3))
            text[at] = (uint8_t)('a' + at % 26), at++;
        else
            at += encode(0x4E00 + (uint32_t)at, text + at);
    }
}

static void
test_edges(void)
{
    struct folds folds;
    size_t num = 1, wrong = 0;

    folds_init(&folds);
    for (size_t len = 1; len <= 4; len++) {
        num *= NUM_EDGES;
        /* The shorter ones at all places, the others at one each. */
        for (size_t i = 0; i < num * (len < 3 ? 140 : 1); i++) {
            uint8_t text[EDGE_TEXT];
            const size_t before = len < 3 ? i / num : i % 139;
            size_t rest = i % num;

            surround(text, i % 3);
            for (size_t k = 0; k < len; k++, rest /= NUM_EDGES)
                text[before + k] = edges[rest % NUM_EDGES];
            wrong += !fold_alike(&folds, text, EDGE_TEXT - i % 40);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    folds_release(&folds);
}

/* ---- text of every kind ---- */

static const char *const pieces[] = {
    "The quick brown fox. ",
    "\xE4\xB8\xAD\xE6\x96\x87",
    "\xEF\xBC\x8C\xE3\x80\x82",
    "2012",
    "&nbsp;",
    "&#38472;",
    "&",
    "(",
    "(AI)",
    "\xE5\x9C\x8B(gu\xC3\xB3)",
    "\xE5\x9C\x8B\xEF\xBC\x88gu\xC3\xB3\xEF\xBC\x89",
    "\xEF\xBC\x88\xE6\x96\x87\xEF\xBC\x89",
    "\xC3\x9F\xC3\xA9\xC5\x93",
    "\xEF\xAC\x81\xE2\x84\xA2\xE2\x80\x94",
    "\xED\x95\x9C\xEA\xB8\x80",
    "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB",
    "\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xBF",
    "\xD8\xB9\xD8\xB1\xD8\xA8\xD9\x8A",
    "\xF0\xA0\x80\x80\xF0\x9F\x98\x80",
    "\xE2\x80\x9C\xE2\x80\x9D",
    "\n",
};

static size_t
append_piece(struct test_rng *rng, uint8_t *text, size_t at, size_t len)
{
    const size_t num = sizeof pieces / sizeof *pieces;
    const char *piece = pieces[test_below(rng, num)];
    size_t times = test_below(rng, 8) == 0 ? 1 + test_below(rng, 60) : 1;

    for (; times > 0; times--)
        for (size_t i = 0; piece[i] != '\0' && at < len; i++)
            text[at++] = (uint8_t)piece[i];
    /* Now and then a byte that does not belong there. */
    if (at > 0 && test_below(rng, 40) == 0)
        text[test_below(rng, at)] = (uint8_t)test_random(rng);
    return at;
}

/* Lengths gather where vectors, chunks and blocks of input end. */
static size_t
random_len(struct test_rng *rng)
{
    static const size_t borders[] = { 32, 62, 64, 124, 128, 992, 16384, 32768 };

    if (test_below(rng, 3) == 0)
        return borders[test_below(rng, 8)] - 8 + test_below(rng, 16);
    return test_below(rng, test_below(rng, 8) == 0 ? 40000 : 400);
}

static void
test_random_text(void)
{
    struct test_rng rng = { test_seed() };
    struct folds folds;

    folds_init(&folds);
    for (unsigned round = 0; round < 800; round++) {
        const size_t len = random_len(&rng);
        uint8_t *text = test_guarded(len);
        bool good;

        for (size_t at = 0; at < len;)
            at = append_piece(&rng, text, at, len);
        good = fold_alike(&folds, text, len);
        CU_ASSERT_TRUE(good);
        test_guarded_free(text, len);
        if (!good)
            break;
    }
    folds_release(&folds);
}

/* ---- real text ---- */

/* At most 64 KB of a file, folded from its begin and from a little behind. */
static void
check_file(struct folds *folds, const char *path)
{
    static uint8_t text[1 << 16];
    FILE *file = fopen(path, "rb");
    size_t len = file == NULL ? 0 : fread(text, 1, sizeof text, file);

    if (file != NULL)
        fclose(file);
    for (size_t skip = 0; skip < 3 && skip < len; skip++)
        CU_ASSERT_TRUE(fold_alike(folds, text + skip, len - skip));
}

static void
test_real_text(void)
{
    static const char *const folders[] = { "unicode", "html", "opencc",
                                           "ud-ts-pairs", "../seeds" };
    const char *shared = test_shared();
    size_t num = 0;
    struct folds folds;

    folds_init(&folds);
    for (size_t i = 0; shared && i < sizeof folders / sizeof *folders; i++) {
        char path[4096];
        struct dirent *entry;
        DIR *folder;

        snprintf(path, sizeof path, "%s/%s", shared, folders[i]);
        folder = opendir(path);
        while (folder != NULL && (entry = readdir(folder)) != NULL) {
            snprintf(path, sizeof path, "%s/%s/%s", shared, folders[i],
                     entry->d_name);
            check_file(&folds, path);
            num++;
        }
        if (folder != NULL)
            closedir(folder);
    }
    if (num == 0)
        printf("SKIPPED: no shared data\n");
    folds_release(&folds);
}

void
suite_text_kernels(void)
{
    CU_pSuite suite = CU_add_suite("text_kernels", NULL, NULL);

    CU_add_test(suite, "all code points", test_all_code_points);
    CU_add_test(suite, "all sequences of edge bytes", test_edges);
    CU_add_test(suite, "random text at the end of memory", test_random_text);
    CU_add_test(suite, "real text", test_real_text);
}
