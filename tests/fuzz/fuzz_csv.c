/*
 * fuzz_csv.c - the same rows in one piece, in small ones, from a pipe
 *
 * The first byte is the size of a batch, the second holds policy, format,
 * columns and encoding, the third limits rows; the rest is the file.
 */
#include "reading.h"

static struct wcp_input_options
choose_options(uint8_t byte)
{
    static const wcp_encoding encodings[] = { WCP_ENC_AUTO, WCP_ENC_UTF8,
                                              WCP_ENC_UTF16LE,
                                              WCP_ENC_GB18030 };
    struct wcp_input_options opts = { .format = WCP_FORMAT_CSV,
                                      .max_document = 1 << 16 };

    opts.on_bad_bytes = (enum wcp_bad_bytes)(byte % 3);
    opts.encoding = encodings[byte >> 2 & 3];
    if (byte & 0x10)
        opts.format = WCP_FORMAT_TSV;
    if (byte & 0x20)
        opts.columns = "id,text,date";
    return opts;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wcp_input_options opts;

    if (size < 3)
        return 0;
    opts = choose_options(data[1]);
    check_ways(&opts, data[0] > 0 ? data[0] : 1024, data[2], data + 3,
               size - 3);
    return 0;
}
