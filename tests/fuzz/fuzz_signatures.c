/*
 * fuzz_signatures.c - signature files from anywhere, through the public API
 *
 * The first byte chooses what is asked of the file that the others are.  Hashes
 * keep most damage from being looked at, so the file is also tried with its
 * hashes made right, section by section: then what the hashes cannot tell must
 * be found.  The texts that the seeds were made of are there to be read again.
 */
#include "fuzz.h"

#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/base.h"
#include "wirecopy.h"

enum { HEADER = 24, SECTION = 32 };

static char folder[] = "/tmp/wirecopy-fuzz-XXXXXX";

static const struct {
    const char *name, *text;
} texts[] = {
    { "t.jsonl", "{\"id\":\"a\",\"text\":\"the quick brown fox jumps over\"}\n"
                 "{\"id\":\"b\",\"date\":\"2020-01-02\",\"text\":\"the quick "
                 "brown fox jumped over\"}\n"
                 "{\"text\":\"the quick brown fox jumps over\"}\n" },
    { "t.csv", "id,text\nc,the quick brown fox jumps over it\n"
               "d,\"the quick, brown fox\"\n" },
    { "t.txt", "the quick brown fox jumps over it all" },
};

static void
path_of(const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", folder, name);
}

static void
write_file(const char *name, const void *data, size_t len)
{
    char path[128];
    FILE *to;

    path_of(name, path, sizeof path);
    to = fopen(path, "wb");
    MUST(to != NULL);
    MUST(fwrite(data, 1, len, to) == len);
    MUST(fclose(to) == 0);
}

static void
remove_folder(void)
{
    char path[128];

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        path_of(texts[i].name, path, sizeof path);
        unlink(path);
    }
    path_of("f.wcs", path, sizeof path);
    unlink(path);
    rmdir(folder);
}

static void
make_folder(void)
{
    static bool made;

    if (made)
        return;
    MUST(mkdtemp(folder) != NULL);
    made = true;
    MUST(atexit(remove_folder) == 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        write_file(texts[i].name, texts[i].text, strlen(texts[i].text));
}

/* ---- results ---- */

static void
check_document(const struct wcp_document_info *document)
{
    MUST(fuzz_is_utf8(document->id, document->id_len));
    MUST(document->id[document->id_len] == '\0');
    MUST(document->path == NULL ||
         fuzz_is_utf8(document->path, strlen(document->path)));
    MUST(fuzz_is_utf8(document->title, document->title_len));
    MUST(fuzz_is_utf8(document->date, document->date_len));
    MUST(fuzz_is_utf8(document->source, document->source_len));
}

static int32_t
on_group(void *ctx, const struct wcp_group *group)
{
    const struct wcp_group_member *member;

    (void)ctx;
    MUST(group->size >= 2 && group->weakest > 0 && group->weakest <= 1);
    for (uint64_t i = 0; i < group->size; i++) {
        MUST(wcp_group_get(group, i, &member) == WCP_OK);
        check_document(member->document);
        MUST(member->jaccard >= group->weakest && member->jaccard <= 1);
    }
    return 0;
}

static int32_t
on_pair(void *ctx, const struct wcp_pair *pair)
{
    (void)ctx;
    check_document(pair->a);
    check_document(pair->b);
    MUST(pair->jaccard > 0 && pair->jaccard <= 1);
    return 0;
}

static void
ask(unsigned what)
{
    struct wcp_options opts;
    struct wcp_corpus *corpus = NULL;
    struct wcp_error err = { 0 };
    enum wcp_status status;
    char path[128];

    path_of("f.wcs", path, sizeof path);
    wcp_options_init(&opts, sizeof opts);
    opts.threads = 1 + (what >> 2 & 1);
    opts.estimate = what & 1;
    opts.threshold = what & 8 ? .3 : .8;
    opts.texts = folder;
    MUST(wcp_corpus_new(&opts, &corpus, &err) == WCP_OK);
    status = wcp_corpus_add_signatures(corpus, path, &err);
    if (status == WCP_OK)
        status = what & 2 ? wcp_corpus_pairs(corpus, on_pair, NULL, &err)
                          : wcp_corpus_find(corpus, on_group, NULL, &err);
    MUST(status == WCP_OK || err.text[0] != '\0');
    wcp_corpus_free(corpus);
}

/* ---- hashes that are right ---- */

/* Number the sections of a file and give them the hashes of what they hold,
 * as far as their lengths lead. */
static void
mend(uint8_t *data, size_t size)
{
    uint64_t chain = 0;
    uint32_t number = 0;
    size_t at = HEADER;

    if (size < HEADER)
        return;
    memcpy(data, "\x89WCS\r\n\x1A\n", 8);
    wcp_store32(data + 8, 1);
    wcp_store32(data + 12, WCP_SIGNATURE_VERSION);
    wcp_store64(data + 16, XXH3_64bits(data, 16));
    while (size - at >= SECTION) {
        uint8_t *head = data + at, *payload = head + SECTION;
        uint64_t len = wcp_load64(head + 8);

        if (len > size - at - SECTION)
            len = size - at - SECTION;
        wcp_store32(head + 4, number++);
        wcp_store64(head + 8, len);
        if (memcmp(head, "ENDS", 4) == 0 && len == 24)
            wcp_store64(payload + 16, chain);
        wcp_store64(head + 16, XXH3_64bits(payload, (size_t)len));
        wcp_store64(head + 24, XXH3_64bits(head, 24));
        chain = XXH3_64bits_withSeed(head, SECTION, chain);
        at += SECTION + (size_t)len;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *mended;

    make_folder();
    if (size == 0)
        return 0;
    write_file("f.wcs", data + 1, size - 1);
    ask(data[0]);
    mended = malloc(size);
    MUST(mended != NULL);
    memcpy(mended, data + 1, size - 1);
    mend(mended, size - 1);
    write_file("f.wcs", mended, size - 1);
    free(mended);
    for (unsigned what = 0; what < 4; what++)
        ask((data[0] & 12u) | what);
    return 0;
}
