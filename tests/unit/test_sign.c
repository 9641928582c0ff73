/*
 * test_sign.c - wcp_sign(): the stored vectors, the layers beneath, failures
 */
#include "oracle_sketch.h"
#include "sketch/sketch.h"
#include "support.h"
#include "text/text.h"
#include "wirecopy.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define VECTORS WCP_SOURCE_DIR "/tests/golden/signatures-1.tsv"

/* ---- stored vectors ---- */

enum { NAME, KIND, SHINGLE, SHINGLES, FIRST, DIGEST, SIMHASH, TEXT, FIELDS };

struct results {
    char field[FIELDS][80];
};

/* \t and \n in place. */
static size_t
unescape(char *text)
{
    char *to = text;

    for (const char *at = text; *at != '\0'; at++) {
        bool escaped = at[0] == '\\' && (at[1] == 't' || at[1] == 'n');

        if (escaped)
            at++;
        *to++ = !escaped ? *at : *at == 't' ? '\t' : '\n';
    }
    *to = '\0';
    return (size_t)(to - text);
}

static uint64_t
digest_of(const uint32_t *minhash)
{
    uint8_t bytes[WCP_NUM_BINS * 4];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(minhash[i / 4] >> 8 * (i % 4));
    return XXH3_64bits(bytes, sizeof bytes);
}

static void
write_results(const struct wcp_text_signature *sig, struct results *to)
{
    char *first = to->field[FIRST];

    snprintf(to->field[SHINGLES], 80, "%" PRIu64, sig->num_shingles);
    for (int i = 0; i < 8; i++)
        snprintf(first + 9 * i, 10, "%08" PRIx32 "%s", sig->minhash[i],
                 i < 7 ? "," : "");
    snprintf(to->field[DIGEST], 80, "%016" PRIx64, digest_of(sig->minhash));
    snprintf(to->field[SIMHASH], 80, "%016" PRIx64, sig->simhash);
}

static int32_t
kind_by_name(const char *name)
{
    if (strcmp(name, "minhash") == 0)
        return WCP_MINHASH;
    return strcmp(name, "minhash-classic") == 0 ? WCP_MINHASH_CLASSIC : -1;
}

/* What the slow oracle makes of the folded text. */
static void
check_by_oracle(const struct wcp_options *opts, const char *text, size_t len,
                const struct wcp_text_signature *sig)
{
    uint64_t hashes[8192];
    uint32_t values[WCP_NUM_BINS];
    struct wcp_folded folded;
    size_t num;

    wcp_folded_init(&folded, &wcp_memory_libc);
    CU_ASSERT_FATAL(wcp_fold(&folded, text, len));
    num = oracle_shingles(folded.units, folded.num, opts->shingle, hashes);
    CU_ASSERT_EQUAL(sig->num_shingles, num);
    CU_ASSERT_EQUAL(sig->simhash, oracle_simhash(hashes, num));
    if (opts->signature == WCP_MINHASH_CLASSIC)
        oracle_classic(hashes, num, values);
    else
        oracle_minhash(hashes, num, values);
    CU_ASSERT_EQUAL(memcmp(sig->minhash, values, sizeof values), 0);
    wcp_folded_release(&folded);
}

static void
check_vector(char *line)
{
    char *field[FIELDS], *rest = line;
    char text[8192];
    struct wcp_options opts;
    struct wcp_text_signature sig = { .struct_size = sizeof sig };
    struct results got;
    size_t len;
    bool same = true;

    for (int i = 0; i < FIELDS; i++) {
        field[i] = strsep(&rest, "\t");
        CU_ASSERT_PTR_NOT_NULL_FATAL(field[i]);
    }
    CU_ASSERT_FATAL(strlen(field[TEXT]) < sizeof text);
    strcpy(text, field[TEXT]);
    wcp_options_init(&opts, sizeof opts);
    opts.signature = kind_by_name(field[KIND]);
    opts.shingle = (uint32_t)strtoul(field[SHINGLE], NULL, 10);
    len = unescape(text);
    CU_ASSERT_EQUAL_FATAL(wcp_sign(&opts, text, len, &sig, NULL), WCP_OK);
    check_by_oracle(&opts, text, len, &sig);
    write_results(&sig, &got);
    for (int i = SHINGLES; i <= SIMHASH; i++)
        same &= strcmp(field[i], got.field[i]) == 0;
    CU_ASSERT(same);
    if (!same)
        printf("\n%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", field[NAME], field[KIND],
               field[SHINGLE], got.field[SHINGLES], got.field[FIRST],
               got.field[DIGEST], got.field[SIMHASH], field[TEXT]);
}

static void
test_vectors(void)
{
    FILE *file = fopen(VECTORS, "r");
    char *line = NULL;
    size_t size = 0, num = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (getline(&line, &size, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#')
            continue;
        check_vector(line);
        num++;
    }
    CU_ASSERT(num >= 47);
    free(line);
    fclose(file);
}

/* What stood there once stays as it was: rows are added at the end. */
static void
test_vectors_unchanged(void)
{
    enum { FIRST_BYTES = 13476 };
    static char bytes[FIRST_BYTES];
    FILE *file = fopen(VECTORS, "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fread(bytes, 1, FIRST_BYTES, file), FIRST_BYTES);
    CU_ASSERT_EQUAL(XXH3_64bits(bytes, FIRST_BYTES), 0x92492E2C80235B06u);
    fclose(file);
}

/* ---- against the layers beneath ---- */

static const char sample[] =
    "雾港Harrowmere渡轮7号 was 40 minutes late; 安개, Паром, fog fog fog.";

static void
compare_with_layer(const char *text, size_t len, int32_t kind, unsigned shingle)
{
    struct wcp_options opts;
    struct wcp_text_signature sig = { .struct_size = sizeof sig };
    struct wcp_signature want;
    struct wcp_sketcher *sketcher;
    struct wcp_folded folded;
    unsigned wanted =
        WCP_WANT_SIMHASH |
        (kind == WCP_MINHASH_CLASSIC ? WCP_WANT_CLASSIC : WCP_WANT_MINHASH);

    wcp_options_init(&opts, sizeof opts);
    opts.signature = kind;
    opts.shingle = shingle;
    CU_ASSERT_EQUAL_FATAL(wcp_sign(&opts, text, len, &sig, NULL), WCP_OK);
    wcp_folded_init(&folded, &wcp_memory_libc);
    CU_ASSERT_FATAL(wcp_fold(&folded, text, len));
    CU_ASSERT_EQUAL_FATAL(
        wcp_sketcher_new(&wcp_memory_libc, shingle, &sketcher, NULL),
        WCP_CODE_OK);
    wcp_sketch(sketcher, folded.units, folded.num, wanted, &want);
    CU_ASSERT_EQUAL(memcmp(sig.minhash, want.minhash, sizeof sig.minhash), 0);
    CU_ASSERT_EQUAL(sig.simhash, want.simhash);
    CU_ASSERT_EQUAL(sig.num_shingles, want.num_shingles);
    wcp_sketcher_free(sketcher);
    wcp_folded_release(&folded);
}

static void
test_layer(void)
{
    for (size_t len = 0; len < sizeof sample; len++) {
        if (wcp_utf8_valid_prefix(sample, len) < len)
            continue;
        for (int32_t kind = WCP_MINHASH; kind <= WCP_SIMHASH; kind++) {
            compare_with_layer(sample, len, kind, 0);
            compare_with_layer(sample, len, kind, 4);
        }
    }
}

/* ---- promises ---- */

static void
test_empty(void)
{
    struct wcp_options opts;
    struct wcp_text_signature sig = { .struct_size = sizeof sig, .simhash = 1 };

    wcp_options_init(&opts, sizeof opts);
    CU_ASSERT_EQUAL(wcp_sign(&opts, NULL, 0, &sig, NULL), WCP_OK);
    CU_ASSERT_EQUAL(sig.num_shingles, 0);
    CU_ASSERT_EQUAL(sig.simhash, 0);
    for (int i = 0; i < 128; i++)
        CU_ASSERT_EQUAL(sig.minhash[i], UINT32_MAX);
}

/* A failure leaves the signature as it was and says why. */
static void
expect_failure(const struct wcp_options *opts, const char *text, size_t len,
               enum wcp_status status)
{
    struct wcp_text_signature sig, before;
    struct wcp_error err;

    memset(&sig, 0x5A, sizeof sig);
    sig.struct_size = sizeof sig;
    before = sig;
    CU_ASSERT_EQUAL(wcp_sign(opts, text, len, &sig, &err), status);
    CU_ASSERT_EQUAL(err.status, status);
    CU_ASSERT(err.text[0] != '\0');
    CU_ASSERT_EQUAL(memcmp(&sig, &before, sizeof sig), 0);
    CU_ASSERT_EQUAL(wcp_sign(opts, text, len, &sig, NULL), status);
}

static void
test_failures(void)
{
    struct wcp_options opts;
    struct wcp_text_signature sig = { .struct_size = sizeof sig };
    enum wcp_status status;
    int left = 0, tries = 0;
    struct wcp_allocator allocator = { test_ration, &left };

    wcp_options_init(&opts, sizeof opts);
    expect_failure(&opts, "fog\xFF", 4, WCP_BAD_TEXT);
    expect_failure(&opts, "\xE9\x9B", 2, WCP_BAD_TEXT);
    opts.max_document = 3;
    expect_failure(&opts, "fogs", 4, WCP_TOO_LONG);
    CU_ASSERT_EQUAL(wcp_sign(&opts, "fog", 3, &sig, NULL), WCP_OK);
    opts.shingle = 65;
    expect_failure(&opts, "fog", 3, WCP_BAD_OPTION);
    opts.shingle = 0;
    opts.struct_size = 0;
    expect_failure(&opts, "fog", 3, WCP_BAD_OPTION);

    wcp_options_init(&opts, sizeof opts);
    opts.allocator = &allocator;
    do {
        CU_ASSERT_FATAL(tries < 20);
        left = tries++;
        status = wcp_sign(&opts, sample, sizeof sample - 1, &sig, NULL);
        CU_ASSERT(status == WCP_OK || status == WCP_NO_MEMORY);
    } while (status != WCP_OK);
    CU_ASSERT(tries >= 2);
}

static void
test_guarded_text(void)
{
    struct wcp_options opts;
    struct wcp_text_signature sig = { .struct_size = sizeof sig };

    wcp_options_init(&opts, sizeof opts);
    for (size_t len = 0; len <= 100; len++) {
        uint8_t *data = test_guarded(len);

        memset(data, 'f', len);
        CU_ASSERT_EQUAL(wcp_sign(&opts, (char *)data, len, &sig, NULL), WCP_OK);
        CU_ASSERT_EQUAL(sig.num_shingles, len == 0 ? 0 : len < 8 ? 1 : len - 7);
        test_guarded_free(data, len);
    }
}

/* ---- the build ---- */

static void
test_build_info(void)
{
    CU_ASSERT_STRING_EQUAL(wcp_build_info(WCP_BUILD_VERSION), WCP_VERSION);
    CU_ASSERT_STRING_EQUAL(wcp_build_info(WCP_BUILD_SIGNATURES), "1");
    for (int part = WCP_BUILD_VERSION; part <= WCP_BUILD_SIMDJSON; part++)
        CU_ASSERT_PTR_NOT_NULL(wcp_build_info((enum wcp_build_part)part));
    CU_ASSERT_PTR_NULL(wcp_build_info((enum wcp_build_part)1000));
}

void
suite_sign(void)
{
    CU_pSuite suite = CU_add_suite("sign", NULL, NULL);

    CU_add_test(suite, "stored vectors", test_vectors);
    CU_add_test(suite, "stored vectors unchanged", test_vectors_unchanged);
    CU_add_test(suite, "as the layers beneath", test_layer);
    CU_add_test(suite, "empty", test_empty);
    CU_add_test(suite, "failures", test_failures);
    CU_add_test(suite, "reads no further", test_guarded_text);
    CU_add_test(suite, "build", test_build_info);
}
