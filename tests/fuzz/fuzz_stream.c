/*
 * fuzz_stream.c - a file of unknown kind: compressed, archive, text, noise
 *
 * The first byte chooses the size of a batch, by which a small file is read
 * by a worker or by the reader; the rest is the file.  Texts above a low limit
 * are skipped, so that what expands hugely costs no memory.
 */
#include "reading.h"

/* Only documents are compared: what is said of a broken stream tells how far
 * it was read, which depends on who read it. */
static void
check_pipe(const struct wcp_input_options *opts, const struct reading *whole,
           const uint8_t *data, size_t size)
{
    struct reading piped;
    const int fd = make_pipe(data, size);

    reading_init(&piped, opts, 0, fd);
    MUST(has_same_documents(&piped, whole));
    reading_release(&piped);
    close(fd);
}

static bool
any(void *ctx, uint32_t source)
{
    (void)ctx;
    (void)source;
    return true;
}

/* Compressed records can be had a second time, but only in order. */
static void
check_second_pass(struct reading *r)
{
    struct wcp_buffer first = r->documents;

    if (!r->all_streamed)
        return;
    wcp_buffer_init(&r->documents, &wcp_memory_libc, 0);
    MUST(wcp_reader_rewind(r->reader, any, NULL, NULL) == WCP_CODE_OK);
    read_all(r);
    MUST(is_same_log(&first, &r->documents));
    wcp_buffer_release(&first);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wcp_input_options opts = { .max_document = 1 << 16,
                                      .tmpdir = fuzz_tmpdir() };
    struct reading whole, pieces;
    size_t batch_bytes;
    int fd;

    if (size < 1)
        return 0;
    batch_bytes = data[0] % 16 > 0 ? data[0] : 4096;
    data++;
    size--;
    if (size > MAX_PIPED)
        size = MAX_PIPED;
    fd = make_file(data, size);
    reading_init(&whole, &opts, 0, fd);
    check_fetches(&whole);
    opts.batch_bytes = batch_bytes;
    reading_init(&pieces, &opts, 0, fd);
    MUST(is_same_log(&pieces.documents, &whole.documents));
    check_fetches(&pieces);
    check_second_pass(&pieces);
    check_pipe(&opts, &whole, data, size);
    reading_release(&whole);
    reading_release(&pieces);
    close(fd);
    return 0;
}
