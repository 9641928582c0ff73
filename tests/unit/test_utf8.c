/*
 * test_utf8.c - validation and repair of UTF-8
 *
 * The oracle knows no table of ranges: it decodes the bits of a sequence and
 * asks whether a character of that value is written that long.  What is a
 * maximal subpart it finds by trying whether a prefix can be completed.
 */
#include "support.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/text_kernels.h"

/* The bytes next to which the rules change. */
static const uint8_t edges[] = { 0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
                                 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3,
                                 0xF4, 0xF5, 0xF8, 0xFF };
enum { NUM_EDGES = sizeof edges };

static bool
oracle_is_character(const uint8_t *text, size_t len)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
    static const uint8_t lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    uint32_t code;

    if (len == 1)
        return text[0] < 0x80;
    if (text[0] >> (7 - len) != lead[len] >> (7 - len))
        return false;
    code = text[0] & (0x7FU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return false;
        code = code << 6 | (text[i] & 0x3FU);
    }
    return code >= smallest[len] && code <= 0x10FFFF &&
           !(code >= 0xD800 && code <= 0xDFFF);
}

/* Whether some character begins with these bytes and is longer. */
static bool
oracle_can_go_on(const uint8_t *text, size_t len)
{
    for (size_t total = len + 1; total <= 4; total++)
        for (unsigned next = 0x80; next <= 0xBF; next++) {
            uint8_t tried[4] = { 0x80, 0x80, 0x80, 0x80 };

            memcpy(tried, text, len);
            tried[len] = (uint8_t)next;
            if (oracle_is_character(tried, total))
                return true;
        }
    return false;
}

/* The length of the character at text, 0 when there is none. */
static size_t
oracle_character(const uint8_t *text, size_t len)
{
    for (size_t i = 1; i <= 4 && i <= len; i++)
        if (oracle_is_character(text, i))
            return i;
    return 0;
}

static size_t
oracle_valid_prefix(const uint8_t *text, size_t len)
{
    size_t at = 0, step;

    while (at < len && (step = oracle_character(text + at, len - at)) > 0)
        at += step;
    return at;
}

static size_t
oracle_repair(const uint8_t *text, size_t len, uint8_t *out, uint64_t *num_bad)
{
    size_t at = 0, out_len = 0;

    *num_bad = 0;
    while (at < len) {
        size_t step = oracle_character(text + at, len - at);

        if (step > 0) {
            memcpy(out + out_len, text + at, step);
            out_len += step;
        } else {
            step = 1;
            while (step < 3 && at + step < len &&
                   oracle_can_go_on(text + at, step) &&
                   (oracle_can_go_on(text + at, step + 1)))
                step++;
            memcpy(out + out_len, "\xEF\xBF\xBD", 3);
            out_len += 3;
            ++*num_bad;
        }
        at += step;
    }
    return out_len;
}

/* Both functions and all kernels against the oracle; false where they differ.
 */
static bool
agrees(const uint8_t *text, size_t len)
{
    const char *chars = (const char *)text;
    size_t good = oracle_valid_prefix(text, len), want_len;
    uint8_t *want = malloc(3 * len + 1);
    uint64_t want_bad, num_bad = 99, first_bad = 99;
    struct wcp_buffer out;
    bool same;

    if (want == NULL)
        return false;
    wcp_buffer_init(&out, &wcp_memory_libc, 0);
    want_len = oracle_repair(text, len, want, &want_bad);
    same = wcp_utf8_valid_prefix(chars, len) == good &&
           wcp_utf8_repair(chars, len, WCP_BAD_REPLACE, &out, &num_bad,
                           &first_bad) &&
           out.len == want_len &&
           (want_len == 0 || memcmp(out.data, want, want_len) == 0) &&
           num_bad == want_bad && first_bad == (want_bad > 0 ? good : 0);
    for (size_t i = 0; wcp_text_kernels_at(i) != NULL; i++)
        same = same && wcp_text_kernels_at(i)->valid_prefix(text, len) == good;
    wcp_buffer_release(&out);
    free(want);
    return same;
}

/* Every sequence of one to four edge bytes, among ASCII that lets the fast
 * paths come to it in different steps. */
static void
test_all_edges(void)
{
    size_t wrong = 0, num = 1;

    for (size_t len = 1; len <= 4; len++) {
        num *= NUM_EDGES;
        for (size_t i = 0; i < num; i++) {
            uint8_t text[16];
            size_t before = i % 10, rest = i;

            memset(text, 'a', sizeof text);
            for (size_t k = 0; k < len; k++, rest /= NUM_EDGES)
                text[before + k] = edges[rest % NUM_EDGES];
            wrong += !agrees(text, before + len);
            wrong += !agrees(text + before, sizeof text - before);
        }
    }
    CU_ASSERT_EQUAL(wrong, 0);
}

static void
test_random_at_memory_end(void)
{
    struct test_rng rng = { test_seed() };
    static const char *pieces[] = { "a",
                                    "news ",
                                    "\xC3\xA9",
                                    "\xE4\xB8\xAD",
                                    "\xE6\x96\x87\xE7\xAB\xA0",
                                    "\xF0\xA0\x80\x80",
                                    "\xE4\xB8",
                                    "\xFF" };

    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)test_below(&rng, 40), at = 0;
        bool only_bytes = test_below(&rng, 4) == 0, same;
        uint8_t *text = test_guarded(len);

        while (at < len) {
            const char *piece = pieces[test_below(&rng, 8)];
            size_t piece_len = strlen(piece);

            if (only_bytes || piece_len > len - at) {
                text[at++] = edges[test_below(&rng, NUM_EDGES)];
            } else {
                memcpy(text + at, piece, piece_len);
                at += piece_len;
            }
        }
        same = agrees(text, len);
        test_guarded_free(text, len);
        CU_ASSERT_TRUE(same);
        if (!same) {
            printf("seed %" PRIu64 " round %d\n", test_seed(), round);
            return;
        }
    }
}

/* What Python's decode('utf-8', 'replace') makes of them. */
static void
test_known_repairs(void)
{
#define R "\xEF\xBF\xBD"
    static const struct {
        const char *bytes, *repaired;
        uint64_t num_bad, first_bad;
    } cases[] = {
        { "", "", 0, 0 },
        { "ab\xE4\xB8\xAD", "ab\xE4\xB8\xAD", 0, 0 },
        { "a\x80z", "a" R "z", 1, 1 },
        { "\xC0\xAF", R R, 2, 0 },
        { "\xE0\x80\xAF", R R R, 3, 0 },
        { "\xED\xA0\x80", R R R, 3, 0 },
        { "\xF4\x90\x80\x80", R R R R, 4, 0 },
        { "\xF0\x9F\x98", R, 1, 0 },
        { "\xF0\x9F\x98z", R "z", 1, 0 },
        { "\xE4\xB8\xE4\xB8\xAD", R "\xE4\xB8\xAD", 1, 0 },
        { "a\xF1\x80\x80\xE1\x80\xC2"
          "b\x80"
          "c\x80\xBF"
          "d",
          "a" R R R "b" R "c" R R "d", 6, 1 },
    };
#undef R

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wcp_buffer out;
        uint64_t num_bad, first_bad;

        wcp_buffer_init(&out, &wcp_memory_libc, 0);
        CU_ASSERT_TRUE(wcp_buffer_append(&out, "=", 1));
        CU_ASSERT_TRUE(wcp_utf8_repair(cases[i].bytes, strlen(cases[i].bytes),
                                       WCP_BAD_REPLACE, &out, &num_bad,
                                       &first_bad));
        CU_ASSERT_EQUAL(out.len, 1 + strlen(cases[i].repaired));
        CU_ASSERT_EQUAL(memcmp(out.data + 1, cases[i].repaired, out.len - 1),
                        0);
        CU_ASSERT_EQUAL(num_bad, cases[i].num_bad);
        CU_ASSERT_EQUAL(first_bad, cases[i].first_bad);
        wcp_buffer_release(&out);
    }
}

static void
test_skip_and_limits(void)
{
    struct wcp_buffer out;
    uint64_t num_bad = 7, first_bad = 7;

    wcp_buffer_init(&out, &wcp_memory_libc, 0);
    CU_ASSERT_TRUE(wcp_utf8_repair("a\xE4\xB8z\xFF", 5, WCP_BAD_SKIP, &out,
                                   &num_bad, &first_bad));
    CU_ASSERT_EQUAL(out.len, 2);
    CU_ASSERT_EQUAL(memcmp(out.data, "az", 2), 0);
    CU_ASSERT_EQUAL(num_bad, 2);
    CU_ASSERT_EQUAL(first_bad, 1);
    wcp_buffer_release(&out);

    wcp_buffer_init(&out, &wcp_memory_libc, 4);
    CU_ASSERT_TRUE(wcp_buffer_append(&out, "abc", 3));
    num_bad = first_bad = 7;
    CU_ASSERT_FALSE(wcp_utf8_repair("x\xFF", 2, WCP_BAD_REPLACE, &out, &num_bad,
                                    &first_bad));
    CU_ASSERT_EQUAL(out.len, 3);
    CU_ASSERT_EQUAL(num_bad, 7);
    CU_ASSERT_EQUAL(first_bad, 7);
    wcp_buffer_release(&out);
}

static void
test_kuhn_file(void)
{
    const char *shared = test_shared();
    char path[4096];
    static uint8_t text[1 << 16];
    FILE *file = NULL;
    size_t len;

    if (shared != NULL) {
        snprintf(path, sizeof path, "%s/unicode/UTF-8-test_kuhn.txt", shared);
        file = fopen(path, "rb");
    }
    if (file == NULL) {
        printf("SKIPPED: no unicode/UTF-8-test_kuhn.txt\n");
        return;
    }
    len = fread(text, 1, sizeof text, file);
    fclose(file);
    CU_ASSERT_TRUE(len > 20000 && len < sizeof text);
    if (wcp_utf8_valid_prefix((const char *)text, len) == len)
        printf("SKIPPED: this copy of Kuhn's file was repaired before; only "
               "what its windows cut is malformed\n");
    CU_ASSERT_TRUE(agrees(text, len));
    for (size_t at = 0; at + 64 <= len; at += 61)
        CU_ASSERT_TRUE(agrees(text + at, 64));
}

void
suite_utf8(void)
{
    CU_pSuite suite = CU_add_suite("utf8", NULL, NULL);

    CU_add_test(suite, "all sequences of edge bytes", test_all_edges);
    CU_add_test(suite, "random text at the end of memory",
                test_random_at_memory_end);
    CU_add_test(suite, "known repairs", test_known_repairs);
    CU_add_test(suite, "skipping, and a full buffer", test_skip_and_limits);
    CU_add_test(suite, "Kuhn's malformed file", test_kuhn_file);
}
