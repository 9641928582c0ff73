/*
 * fuzz_jsonl.c - the same records in one piece, in small ones, from a pipe
 *
 * The first byte is the size of a batch, the second holds policy, format and
 * encoding, the third limits lines and texts; the rest is the file.  However
 * it is cut, documents and notices must be the same, and every document must
 * be found again.
 */
#include "reading.h"

#include "text/encoding.h"

static struct wcp_input_options
choose_options(uint8_t byte)
{
    static const wcp_encoding encodings[] = {
        WCP_ENC_AUTO,    WCP_ENC_UTF8,    WCP_ENC_UTF16LE, WCP_ENC_UTF16BE,
        WCP_ENC_UTF32LE, WCP_ENC_GB18030, WCP_ENC_AUTO,    WCP_ENC_ISO2022JP
    };
    struct wcp_input_options opts = { .format = WCP_FORMAT_JSONL,
                                      .max_document = 1 << 16 };

    opts.on_bad_bytes = (enum wcp_bad_bytes)(byte % 3);
    opts.encoding = encodings[byte >> 2 & 7];
    if (byte & 0x20)
        opts.format = WCP_FORMAT_AUTO;
    if (byte & 0x40)
        opts.id_field = "meta.id";
    return opts;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wcp_input_options opts;
    uint64_t max_line = 0;

    if (size < 3)
        return 0;
    opts = choose_options(data[1]);
    if (data[2] > 0) {
        max_line = data[2];
        /* Texts have a limit too: a whole file's is that of a document. */
        opts.max_document = opts.format == WCP_FORMAT_AUTO ? 1 << 16 : data[2];
    }
    check_ways(&opts, data[0] > 0 ? data[0] : 1024, max_line, data + 3,
               size - 3);
    return 0;
}
