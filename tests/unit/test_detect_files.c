/*
 * test_detect_files.c - how often detection is right on real files
 *
 * In the shared data the folder's name says the encoding.  A file is right
 * when what was found gives the same text as the folder's encoding.
 */
#include "decoders.h"
#include "support.h"
#include "text/text.h"

#include <CUnit/CUnit.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 512, NUM_VOTERS = 32, MAX_PATH = 512 };

static uint8_t *
read_file(const char *path, size_t *len_ret)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data;
    long len;

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fseek(f, 0, SEEK_END);
    len = ftell(f);
    rewind(f);
    data = malloc((size_t)len + 1);
    CU_ASSERT_FATAL(data != NULL);
    *len_ret = fread(data, 1, (size_t)len, f);
    fclose(f);
    return data;
}

static int
by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The files of a folder in bytewise order. */
static size_t
list_folder(const char *folder, char paths[MAX_FILES][MAX_PATH])
{
    DIR *dir = opendir(folder);
    size_t num = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        if (e->d_name[0] != '.' && num < MAX_FILES)
            snprintf(paths[num++], MAX_PATH, "%.200s/%.250s", folder,
                     e->d_name);
    closedir(dir);
    qsort(paths, num, sizeof paths[0], by_name);
    return num;
}

/* What most of the first files are; WCP_ENC_AUTO for a tie. */
static wcp_encoding
vote(struct wcp_decoder *decoder, char paths[MAX_FILES][MAX_PATH], size_t num)
{
    unsigned votes[256] = { 0 }, best = 0;
    bool tie = false;

    for (size_t i = 0; i < num && i < NUM_VOTERS; i++) {
        enum wcp_enc_reason reason;
        size_t len;
        uint8_t *bytes = read_file(paths[i], &len);
        const wcp_encoding enc =
            wcp_detect(decoder, bytes, len, WCP_ENC_AUTO, &reason);

        if (reason != WCP_ENC_NONE)
            votes[enc]++;
        free(bytes);
    }
    for (unsigned i = 1; i < 256; i++) {
        tie = votes[i] == votes[best] ? tie || votes[i] > 0
                                      : tie && votes[i] < votes[best];
        if (votes[i] > votes[best])
            best = i;
    }
    return tie ? WCP_ENC_AUTO : (wcp_encoding)best;
}

/* How many files of a folder come out as 'enc' would have them. */
static size_t
count_right(struct wcp_decoder *decoder, wcp_encoding enc,
            wcp_encoding neighbours, char paths[MAX_FILES][MAX_PATH],
            size_t num)
{
    size_t right = 0;

    for (size_t i = 0; i < num; i++) {
        enum wcp_enc_reason reason;
        size_t len;
        uint8_t *bytes = read_file(paths[i], &len);
        const wcp_encoding found =
            wcp_detect(decoder, bytes, len, neighbours, &reason);
        struct wcp_buffer a = decode_all(decoder, found, bytes, len);
        struct wcp_buffer b = decode_all(decoder, enc, bytes, len);
        const bool same = a.len == b.len &&
                          (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);

        right += same;
        if (!same)
            printf("\n%s: found %s", paths[i], wcp_encoding_name(found));
        wcp_buffer_release(&a);
        wcp_buffer_release(&b);
        free(bytes);
    }
    return right;
}

/* Folders that must come out right; the others are printed only. */
static const char *const wanted_folders[] = {
    "Big5",        "CP932",        "CP949",     "EUC-JP",      "EUC-KR",
    "EUC-TW",      "GB2312",       "Johab",     "SHIFT_JIS",   "iso-2022-jp",
    "iso-2022-kr", "utf-8",        "utf-8-sig", "UTF-16",      "UTF-16BE",
    "UTF-16LE",    "UTF-32",       "UTF-32BE",  "UTF-32LE",    "ascii",
    "IBM855",      "IBM866",       "KOI8-R",    "MacCyrillic", "TIS-620",
    "iso-8859-1",  "windows-1252",
};
enum { NUM_MUST = 20 }; /* of these */

static void
test_shared_encodings(void)
{
    static char paths[MAX_FILES][MAX_PATH];
    const char *shared = test_shared();
    struct wcp_decoder *decoder;
    size_t num_must = 0, right_must = 0;

    if (shared == NULL) {
        printf("SKIPPED: no shared data (encodings)\n");
        return;
    }
    decoder = new_decoder();
    for (size_t i = 0; i < sizeof wanted_folders / sizeof wanted_folders[0];
         i++) {
        char folder[MAX_PATH];
        wcp_encoding neighbours;
        size_t num, right;

        snprintf(folder, sizeof folder, "%s/encodings/%s", shared,
                 wanted_folders[i]);
        num = list_folder(folder, paths);
        neighbours = vote(decoder, paths, num);
        right = count_right(decoder, named(wanted_folders[i]), neighbours,
                            paths, num);
        if (right < num)
            printf("\n%s: %zu of %zu\n", wanted_folders[i], right, num);
        if (i < NUM_MUST) {
            num_must += num;
            right_must += right;
        }
    }
    CU_ASSERT(num_must > 150);
    CU_ASSERT(right_must * 100 >= num_must * 95);
    wcp_decoder_free(decoder);
}

static void
test_shared_gbk(void)
{
    static char folders[MAX_FILES][MAX_PATH], paths[MAX_FILES][MAX_PATH];
    const char *shared = test_shared();
    struct wcp_decoder *decoder;
    char folder[MAX_PATH];
    size_t num_folders, num_files = 0, right = 0, utf8 = 0;

    if (shared == NULL) {
        printf("SKIPPED: no shared data (sogouc-gbk)\n");
        return;
    }
    decoder = new_decoder();
    snprintf(folder, sizeof folder, "%s/sogouc-gbk", shared);
    num_folders = list_folder(folder, folders);
    for (size_t i = 0; i < num_folders; i++) {
        DIR *dir = opendir(folders[i]);
        size_t num;

        if (dir == NULL)
            continue; /* the labels */
        closedir(dir);
        num = list_folder(folders[i], paths);
        for (size_t k = 0; k < num; k++) {
            enum wcp_enc_reason reason;
            size_t len;
            uint8_t *bytes = read_file(paths[k], &len);
            const wcp_encoding a =
                wcp_detect(decoder, bytes, len, WCP_ENC_AUTO, &reason);
            const wcp_encoding b =
                wcp_detect(decoder, bytes, len, WCP_ENC_GB18030, &reason);

            num_files++;
            right += a == WCP_ENC_GB18030 && b == WCP_ENC_GB18030;
            utf8 += a == WCP_ENC_UTF8 && b == WCP_ENC_UTF8 &&
                    reason == WCP_ENC_STRICT_UTF8;
            free(bytes);
        }
    }
    /* Two are strict UTF-8: one in Chinese, one in plain ASCII. */
    CU_ASSERT_EQUAL(num_files, 3000);
    CU_ASSERT_EQUAL(right, 2998);
    CU_ASSERT_EQUAL(utf8, 2);
    wcp_decoder_free(decoder);
}

void
suite_detect_files(void)
{
    CU_pSuite suite = CU_add_suite("detect_files", NULL, NULL);

    CU_add_test(suite, "encodings", test_shared_encodings);
    CU_add_test(suite, "GBK", test_shared_gbk);
}
