/*
 * test_places.c - where characters of a decoded text stand in its bytes
 *
 * The oracle encodes every character by itself with iconv and adds up the
 * lengths.
 */
#include "support.h"

#include "text/text.h"

#include <CUnit/CUnit.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

enum { MOST_CHARS = 6000, MOST_BYTES = 4 * MOST_CHARS };

/* A text, and where each of its characters begins in both forms. */
struct sample {
    char utf8[MOST_BYTES], bytes[MOST_BYTES];
    size_t num_utf8, num_bytes, num;
    uint64_t in_utf8[MOST_CHARS + 1], in_bytes[MOST_CHARS + 1];
};

static void
append(struct sample *sample, iconv_t cd, const char *character, size_t len)
{
    char *from = sample->utf8 + sample->num_utf8;
    char *to = sample->bytes + sample->num_bytes;
    size_t left = len, room = sizeof sample->bytes - sample->num_bytes;

    memcpy(from, character, len);
    CU_ASSERT_EQUAL_FATAL(iconv(cd, &from, &left, &to, &room), 0);
    CU_ASSERT_EQUAL_FATAL(iconv(cd, NULL, NULL, &to, &room), 0);
    sample->num_utf8 += len;
    sample->num_bytes = sizeof sample->bytes - room;
    sample->num++;
    sample->in_utf8[sample->num] = sample->num_utf8;
    sample->in_bytes[sample->num] = sample->num_bytes;
}

/* Random characters of 'alphabet', after a mark that is no text. */
static void
make_sample(struct test_rng *rng, struct sample *sample, const char *name,
            const char *alphabet, size_t mark_len)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const char *characters[256];
    size_t num = 0, len = test_below(rng, 2) ? 40 : MOST_CHARS - 2;
    iconv_t cd = iconv_open(name, "UTF-8");

    CU_ASSERT_FATAL(cd != (iconv_t)-1);
    for (const char *p = alphabet; *p != '\0'; p++)
        if (((unsigned char)*p & 0xC0) != 0x80)
            characters[num++] = p;
    characters[num] = alphabet + strlen(alphabet);
    sample->num = sample->num_utf8 = sample->num_bytes = 0;
    if (mark_len > 0) {
        append(sample, cd, mark, 3);
        CU_ASSERT_EQUAL_FATAL(sample->num_bytes, mark_len);
        sample->num = sample->num_utf8 = 0;
    }
    sample->in_utf8[0] = 0;
    sample->in_bytes[0] = sample->num_bytes;
    while (sample->num < len) {
        size_t k = test_below(rng, num);

        append(sample, cd, characters[k],
               (size_t)(characters[k + 1] - characters[k]));
    }
    iconv_close(cd);
}

static void
check_sample(struct test_rng *rng, struct wcp_decoder *decoder,
             const struct sample *sample, const char *label)
{
    static uint64_t places[MOST_CHARS + 1], want[MOST_CHARS + 1];
    wcp_encoding enc = wcp_encoding_by_name(label, strlen(label));
    unsigned every = 1 + (unsigned)test_below(rng, 20);
    bool found, same = true;
    size_t num = 0;

    for (size_t i = 0; i <= sample->num; i++)
        if (test_below(rng, every) == 0) {
            places[num] = sample->in_utf8[i];
            want[num++] = sample->in_bytes[i];
        }
    found = wcp_decode_places(decoder, enc, sample->bytes, sample->num_bytes,
                              places, num);
    for (size_t i = 0; found && i < num; i++)
        same &= places[i] == want[i];
    if (!found || !same)
        fprintf(stderr, "%s, %zu characters, %zu places\n", label, sample->num,
                num);
    CU_ASSERT(found && same);
}

static void
test_against_iconv(void)
{
    static const struct {
        const char *iconv_name, *label, *alphabet;
        size_t mark_len;
    } cases[] = {
        { "UTF-8", "UTF-8", "a é中文𠀀\n😀ß", 0 },
        { "UTF-8", "UTF-8", "a é中文𠀀\n😀ß", 3 },
        { "UTF-16LE", "UTF-16LE", "a é中文𠀀\n😀ß", 0 },
        { "UTF-16LE", "UTF-16LE", "a é中文𠀀\n😀ß", 2 },
        { "UTF-16BE", "UTF-16BE", "a é中文𠀀\n😀ß", 2 },
        { "UTF-16BE", "UTF-16LE", "a é中文𠀀\n😀ß", 2 },
        { "UTF-32LE", "UTF-32LE", "a é中文𠀀\n😀ß", 4 },
        { "UTF-32BE", "UTF-32BE", "a é中文𠀀\n😀ß", 0 },
        { "GB18030", "GB18030", "a 新闻，Ａ€한𠀀ñ\n", 0 },
        { "GB18030", "GB18030", "a 新闻，Ａ€한𠀀ñ\n", 4 },
        { "GBK", "GBK", "a 新聞，报 \n", 0 },
        { "CP950", "Big5", "a 新聞，報／﹨ \n", 0 },
        { "BIG5-HKSCS", "Big5-HKSCS", "a 香港嘅報紙。\n", 0 },
        { "EUC-TW", "EUC-TW", "a 新聞，報 \n", 0 },
        { "SHIFT_JIS", "Shift_JIS", "a 東京のカタ、\n", 0 },
        { "EUC-JP", "EUC-JP", "a 東京のカタ、\n", 0 },
        { "UHC", "CP949", "a 서울의 뷁.\n", 0 },
        { "CP1251", "windows-1251", "a Газета.\n", 0 },
        { "CP1252", "latin1", "déjà vu, ß\n", 0 },
    };
    static struct sample sample;
    struct test_rng rng = { test_seed() };
    struct wcp_decoder *decoder = NULL;

    CU_ASSERT_EQUAL_FATAL(wcp_decoder_new(&wcp_memory_libc, &decoder, NULL),
                          WCP_CODE_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int k = 0; k < 8; k++) {
            make_sample(&rng, &sample, cases[i].iconv_name, cases[i].alphabet,
                        cases[i].mark_len);
            check_sample(&rng, decoder, &sample, cases[i].label);
        }
    wcp_decoder_free(decoder);
}

/* What has no exact way back says so. */
static void
test_no_way_back(void)
{
    static const struct {
        const char *label, *bytes;
        size_t len;
        uint64_t place;
    } cases[] = {
        { "ISO-2022-JP", "\x1B$B8l\x1B(B", 8, 3 },
        { "HZ", "~{VP~}", 6, 3 },
        { "UTF-7", "+Ti0-", 5, 3 },
        { "UTF-8", "abc", 3, 4 },         /* behind the end */
        { "GBK", "a\xD6\xD0 b", 5, 2 },   /* in a character */
        { "GBK", "a\xFF\xD6\xD0", 4, 4 }, /* behind an illegal byte */
        { "GBK", "a\xD6", 2, 4 },         /* half a character */
        { "GBK", "ab", 2, 3 },
        { "UTF-16LE",
          "a\0\0\xDC"
          "b\0",
          6, 5 },
        { "UTF-16LE", "a\0\0\xD8", 4, 4 },
        { "UTF-16LE", "\x2D\x4E", 2, 1 },
        { "UTF-16LE", "a\0b", 3, 2 },
        { "UTF-32LE", "a\0\0\0\0\0\x11\0", 8, 2 },
    };
    struct wcp_decoder *decoder = NULL;

    CU_ASSERT_EQUAL_FATAL(wcp_decoder_new(&wcp_memory_libc, &decoder, NULL),
                          WCP_CODE_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t places[] = { 0, cases[i].place };
        wcp_encoding enc =
            wcp_encoding_by_name(cases[i].label, strlen(cases[i].label));
        bool found = wcp_decode_places(decoder, enc, cases[i].bytes,
                                       cases[i].len, places, 2);

        if (found)
            fprintf(stderr, "case %zu: %s\n", i, cases[i].label);
        CU_ASSERT_FALSE(found);
    }
    wcp_decoder_free(decoder);
}

void
suite_places(void)
{
    CU_pSuite suite = CU_add_suite("places", NULL, NULL);

    CU_ADD_TEST(suite, test_against_iconv);
    CU_ADD_TEST(suite, test_no_way_back);
}
