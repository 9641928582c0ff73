/*
 * wcs_block.c - a chunk of signed documents <-> the sections of a block
 *
 * Both ways run on the threads that sign, or that load, so that only bytes go
 * one after another.
 */
#include "store/wcs.h"

#include <string.h>

enum { HEAD_BYTES = 48, ENTRY_BYTES = 72, NOTICE_BYTES = 46 };
enum { STARTS_SOURCE = 1 };
enum {
    STRING_FLAGS = WCP_ENTRY_HAS_ID | WCP_ENTRY_HAS_TITLE | WCP_ENTRY_HAS_DATE |
                   WCP_ENTRY_HAS_SOURCE
};

/* ---- writing ---- */

static void
store_entry(uint8_t *to, const struct wcp_entry *entry)
{
    memset(to, 0, ENTRY_BYTES);
    wcp_store64(to, entry->digest[0]);
    wcp_store64(to + 8, entry->digest[1]);
    wcp_store64(to + 16, (uint64_t)entry->date_ms);
    wcp_store64(to + 24, entry->offset);
    wcp_store64(to + 32, entry->len);
    wcp_store32(to + 40, entry->num_units);
    wcp_store32(to + 44, entry->line);
    wcp_store32(to + 48, entry->source);
    wcp_store32(to + 52, entry->id_len);
    wcp_store32(to + 56, entry->title_len);
    wcp_store32(to + 60, entry->date_len);
    wcp_store32(to + 64, entry->source_len);
    to[68] = entry->flags & STRING_FLAGS;
}

static struct wcp_buffer *
new_part(struct wcp_wcs_block *block, const struct wcp_memory *mem,
         uint32_t tag, size_t num_bytes)
{
    struct wcp_wcs_part *part = &block->parts[block->num_parts++];

    part->tag = tag;
    wcp_buffer_init(&part->bytes, mem, 0);
    return wcp_buffer_reserve(&part->bytes, num_bytes) ? &part->bytes : NULL;
}

static bool
encode_entries(struct wcp_wcs_block *block, const struct wcp_memory *mem,
               const struct wcp_chunk *chunk)
{
    const size_t num = chunk->entries.num;
    struct wcp_buffer *bytes =
        new_part(block, mem, WCP_WCS_DOCS, HEAD_BYTES + num * ENTRY_BYTES);
    uint8_t *to;

    if (bytes == NULL)
        return false;
    to = bytes->data;
    wcp_store32(to, (uint32_t)num);
    wcp_store32(to + 4, chunk->info.starts_source ? STARTS_SOURCE : 0);
    wcp_store64(to + 8, chunk->info.num_lines);
    wcp_store64(to + 16, chunk->info.num_bytes);
    wcp_store64(to + 24, chunk->counts.shingles);
    wcp_store64(to + 32, chunk->counts.repaired);
    wcp_store64(to + 40, chunk->counts.skipped);
    for (size_t i = 0; i < num; i++) {
        const struct wcp_entry *entry = &chunk->entries.at[i];

        store_entry(to + HEAD_BYTES + i * ENTRY_BYTES, entry);
        if (entry->source != UINT32_MAX && entry->source >= block->end_source)
            block->end_source = entry->source + 1;
    }
    bytes->len = HEAD_BYTES + num * ENTRY_BYTES;
    return true;
}

static bool
encode_bytes(struct wcp_wcs_block *block, const struct wcp_memory *mem,
             uint32_t tag, const struct wcp_buffer *from)
{
    struct wcp_buffer *bytes = new_part(block, mem, tag, from->len);

    return bytes != NULL && wcp_buffer_append(bytes, from->data, from->len);
}

static bool
encode_u32(struct wcp_wcs_block *block, const struct wcp_memory *mem,
           uint32_t tag, const uint32_t *values, size_t num)
{
    struct wcp_buffer *bytes = new_part(block, mem, tag, 4 * num);

    if (bytes == NULL)
        return false;
    for (size_t i = 0; i < num; i++)
        wcp_store32(bytes->data + 4 * i, values[i]);
    bytes->len = 4 * num;
    return true;
}

static bool
encode_signatures(struct wcp_wcs_block *block, const struct wcp_memory *mem,
                  const struct wcp_store_options *opts,
                  const struct wcp_chunk *chunk)
{
    struct wcp_buffer *bytes;

    if (opts->kind != WCP_SIG_SIMHASH && opts->signs_only)
        return encode_u32(block, mem, WCP_WCS_MINH, chunk->whole.at,
                          chunk->whole.num);
    if (opts->kind != WCP_SIG_SIMHASH)
        return encode_bytes(block, mem, WCP_WCS_MINB, &chunk->values) &&
               encode_u32(block, mem, WCP_WCS_KEYS, chunk->keys.at,
                          chunk->keys.num);
    bytes = new_part(block, mem, WCP_WCS_SIMH, 8 * chunk->simhashes.num);
    if (bytes == NULL)
        return false;
    for (size_t i = 0; i < chunk->simhashes.num; i++)
        wcp_store64(bytes->data + 8 * i, chunk->simhashes.at[i]);
    bytes->len = 8 * chunk->simhashes.num;
    return true;
}

static bool
encode_samples(struct wcp_wcs_block *block, const struct wcp_memory *mem,
               const struct wcp_chunk *chunk)
{
    const size_t num = chunk->entries.num;
    struct wcp_buffer *bytes =
        new_part(block, mem, WCP_WCS_SMPL, 4 * (num + chunk->samples.num));
    uint8_t *to;

    if (bytes == NULL)
        return false;
    to = bytes->data;
    for (size_t i = 0; i < num; i++, to += 4)
        wcp_store32(to, chunk->entries.at[i].num_sample);
    for (size_t i = 0; i < chunk->samples.num; i++, to += 4)
        wcp_store32(to, chunk->samples.at[i]);
    bytes->len = 4 * (num + chunk->samples.num);
    return true;
}

static bool
encode_notices(struct wcp_wcs_block *block, const struct wcp_memory *mem,
               const struct wcp_chunk *chunk)
{
    struct wcp_buffer *bytes = new_part(block, mem, WCP_WCS_NOTE, 0);

    for (size_t i = 0; i < chunk->notices.num; i++) {
        const struct wcp_kept_notice *kept = &chunk->notices.at[i];
        const size_t len = strlen(kept->notice.text);
        uint8_t fixed[NOTICE_BYTES];

        wcp_store16(fixed, (uint16_t)kept->notice.kind);
        wcp_store16(fixed + 2, (uint16_t)kept->notice.code);
        wcp_store32(fixed + 4, kept->notice.source);
        wcp_store64(fixed + 8, kept->notice.line);
        wcp_store64(fixed + 16, kept->notice.column);
        wcp_store64(fixed + 24, kept->notice.offset);
        wcp_store64(fixed + 32, kept->num_dropped);
        wcp_store32(fixed + 40, (uint32_t)len);
        wcp_store16(fixed + 44, 0);
        if (bytes == NULL || !wcp_buffer_append(bytes, fixed, sizeof fixed) ||
            !wcp_buffer_append(bytes, kept->notice.text, len))
            return false;
        if (kept->notice.source != UINT32_MAX &&
            kept->notice.source >= block->end_source)
            block->end_source = kept->notice.source + 1;
    }
    return bytes != NULL;
}

struct wcp_wcs_block *
wcp_wcs_encode(const struct wcp_memory *mem,
               const struct wcp_store_options *opts,
               const struct wcp_chunk *chunk, bool with_notices)
{
    struct wcp_wcs_block *block = wcp_new_zeroed(mem, 1, sizeof *block);

    if (block == NULL)
        return NULL;
    block->number = chunk->info.number;
    block->num_documents = (uint32_t)chunk->entries.num;
    block->num_bytes = chunk->info.num_bytes;
    block->end_source = chunk->info.end_source;
    if (!encode_entries(block, mem, chunk) ||
        !encode_bytes(block, mem, WCP_WCS_STRS, &chunk->strings) ||
        !encode_signatures(block, mem, opts, chunk) ||
        (opts->sample && !encode_samples(block, mem, chunk)) ||
        (with_notices && !encode_notices(block, mem, chunk))) {
        wcp_wcs_block_free(mem, block);
        return NULL;
    }
    for (unsigned i = 0; i < block->num_parts; i++)
        block->parts[i].hash = wcp_wcs_hash(&block->parts[i].bytes);
    return block;
}

void
wcp_wcs_block_free(const struct wcp_memory *mem, struct wcp_wcs_block *block)
{
    if (block == NULL)
        return;
    for (unsigned i = 0; i < block->num_parts; i++)
        wcp_buffer_release(&block->parts[i].bytes);
    wcp_free_array(mem, block, 1, sizeof *block);
}

enum wcp_code
wcp_wcs_put_block(struct wcp_wcs_writer *writer,
                  const struct wcp_wcs_block *block, struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;

    for (unsigned i = 0; code == WCP_CODE_OK && i < block->num_parts; i++)
        code = wcp_wcs_put(writer, &block->parts[i], fault);
    writer->num_documents += block->num_documents;
    return code;
}

/* ---- reading ---- */

/* What the sections of one block are read with. */
struct decoding {
    const struct wcp_wcs_file *file;
    const struct wcp_wcs_sections *sections;
    const struct wcp_store *store;
    struct wcp_buffer *bytes; /* the payload at hand */
    const struct wcp_wcs_section *section;
    struct wcp_chunk *chunk;
    struct wcp_fault *fault;
};

static enum wcp_code
damaged(const struct decoding *decoding, uint64_t at, const char *what)
{
    return wcp_wcs_damaged(decoding->file, decoding->section->at + at, what,
                           decoding->fault);
}

/* Whether the entry names strings of these lengths. */
static bool
load_entry(const struct decoding *decoding, const uint8_t *from,
           struct wcp_entry *entry)
{
    const struct wcp_wcs_sections *sections = decoding->sections;

    *entry = (struct wcp_entry){
        .digest = { wcp_load64(from), wcp_load64(from + 8) },
        .date_ms = (int64_t)wcp_load64(from + 16),
        .offset = wcp_load64(from + 24),
        .len = wcp_load64(from + 32),
        .num_units = wcp_load32(from + 40),
        .line = wcp_load32(from + 44),
        .source = wcp_load32(from + 48),
        .id_len = wcp_load32(from + 52),
        .title_len = wcp_load32(from + 56),
        .date_len = wcp_load32(from + 60),
        .source_len = wcp_load32(from + 64),
        .class_number = WCP_NO_CLASS,
        .flags = from[68],
    };
    if ((entry->flags & ~STRING_FLAGS) != 0)
        return false;
    if (entry->num_units > 0)
        entry->class_number = 0;
    if (entry->source == UINT32_MAX)
        return true;
    if (entry->source >= sections->num_sources)
        return false;
    entry->source += sections->first_source;
    if (!wcp_source_holds(decoding->store->reader, entry->source, entry->offset,
                          entry->len))
        return false;
    entry->encoding =
        wcp_source_encoding(decoding->store->reader, entry->source);
    return true;
}

static enum wcp_code
decode_entries(struct decoding *decoding)
{
    const uint8_t *from = decoding->bytes->data;
    struct wcp_chunk *chunk = decoding->chunk;
    size_t num;

    if (decoding->bytes->len < HEAD_BYTES)
        return damaged(decoding, 0, "it is too short");
    num = wcp_load32(from);
    if ((decoding->bytes->len - HEAD_BYTES) / ENTRY_BYTES != num ||
        (decoding->bytes->len - HEAD_BYTES) % ENTRY_BYTES != 0)
        return damaged(decoding, 0, "its documents do not fill it");
    if (!wcp_array_reserve(decoding->store->mem, &chunk->entries, num))
        return wcp_no_memory(decoding->fault);
    chunk->info.starts_source = (wcp_load32(from + 4) & STARTS_SOURCE) != 0;
    chunk->info.num_lines = wcp_load64(from + 8);
    chunk->info.num_bytes = wcp_load64(from + 16);
    chunk->counts.shingles = wcp_load64(from + 24);
    chunk->counts.repaired = wcp_load64(from + 32);
    chunk->counts.skipped = wcp_load64(from + 40);
    for (size_t i = 0; i < num; i++) {
        struct wcp_entry *entry = &chunk->entries.at[i];
        const size_t at = HEAD_BYTES + i * ENTRY_BYTES;

        if (!load_entry(decoding, from + at, entry))
            return damaged(decoding, at, "this is no document");
        if (entry->source == UINT32_MAX && !decoding->store->opts.estimate)
            return wcp_fail(decoding->fault, WCP_CODE_IO, 0,
                            "'%.120s' has texts that were in memory and cannot "
                            "be read again",
                            decoding->file->name);
        chunk->counts.bad_dates += (entry->flags & WCP_ENTRY_HAS_DATE) != 0 &&
                                   entry->date_ms == WCP_NO_DATE;
    }
    chunk->entries.num = num;
    return WCP_CODE_OK;
}

/* Whether a string of this length and its NUL stand at *at, which then is what
 * stands behind them. */
static bool
pass_string(const struct wcp_buffer *bytes, size_t *at, uint32_t len)
{
    const size_t rest = bytes->len - *at;
    const char *string = (const char *)bytes->data + *at;

    if (rest <= len || string[len] != '\0' ||
        wcp_utf8_valid_prefix(string, len) != len)
        return false;
    *at += (size_t)len + 1;
    return true;
}

static enum wcp_code
decode_strings(struct decoding *decoding)
{
    struct wcp_chunk *chunk = decoding->chunk;
    size_t at = 0;

    for (size_t i = 0; i < chunk->entries.num; i++) {
        struct wcp_entry *entry = &chunk->entries.at[i];
        const uint32_t lens[] = { entry->id_len, entry->title_len,
                                  entry->date_len, entry->source_len };
        const size_t begin = at;

        entry->strings = (const char *)(uintptr_t)at;
        for (unsigned k = 0; k < 4; k++)
            if ((entry->flags >> k & 1) != 0 &&
                !pass_string(decoding->bytes, &at, lens[k]))
                return damaged(decoding, begin, "this is no string");
    }
    if (at != decoding->bytes->len)
        return damaged(decoding, at, "this is a string of no document");
    if (!wcp_buffer_append(&chunk->strings, decoding->bytes->data, at))
        return wcp_no_memory(decoding->fault);
    return WCP_CODE_OK;
}

/* Whole MinHash values: what the store keeps of them. */
static enum wcp_code
decode_whole(struct decoding *decoding)
{
    const struct wcp_store_options *opts = &decoding->store->opts;
    struct wcp_chunk *chunk = decoding->chunk;
    const size_t num = chunk->entries.num;
    const uint8_t *from = decoding->bytes->data;
    uint32_t minhash[WCP_NUM_BINS];

    if (!wcp_buffer_reserve(&chunk->values, num * WCP_NUM_BINS) ||
        !wcp_array_reserve(decoding->store->mem, &chunk->keys,
                           num * opts->num_bands))
        return wcp_no_memory(decoding->fault);
    for (size_t i = 0; i < num; i++) {
        uint8_t *values = chunk->values.data + i * WCP_NUM_BINS;

        for (size_t k = 0; k < WCP_NUM_BINS; k++, from += 4) {
            minhash[k] = wcp_load32(from);
            values[k] = (uint8_t)minhash[k];
        }
        wcp_band_keys(minhash, opts->num_bands, opts->num_rows,
                      chunk->keys.at + i * opts->num_bands);
    }
    chunk->values.len = num * WCP_NUM_BINS;
    chunk->keys.num = num * opts->num_bands;
    return WCP_CODE_OK;
}

static enum wcp_code
decode_keys(struct decoding *decoding)
{
    struct wcp_chunk *chunk = decoding->chunk;
    const size_t num = decoding->bytes->len / 4;

    if (!wcp_array_reserve(decoding->store->mem, &chunk->keys, num))
        return wcp_no_memory(decoding->fault);
    for (size_t i = 0; i < num; i++)
        chunk->keys.at[i] = wcp_load32(decoding->bytes->data + 4 * i);
    chunk->keys.num = num;
    return WCP_CODE_OK;
}

static enum wcp_code
decode_simhashes(struct decoding *decoding)
{
    struct wcp_chunk *chunk = decoding->chunk;
    const size_t num = decoding->bytes->len / 8;

    if (!wcp_array_reserve(decoding->store->mem, &chunk->simhashes, num))
        return wcp_no_memory(decoding->fault);
    for (size_t i = 0; i < num; i++)
        chunk->simhashes.at[i] = wcp_load64(decoding->bytes->data + 8 * i);
    chunk->simhashes.num = num;
    return WCP_CODE_OK;
}

static enum wcp_code
decode_samples(struct decoding *decoding)
{
    const struct wcp_buffer *bytes = decoding->bytes;
    struct wcp_chunk *chunk = decoding->chunk;
    const size_t num = chunk->entries.num;
    uint64_t total = 0;

    if (bytes->len % 4 != 0 || bytes->len / 4 < num)
        return damaged(decoding, 0, "its samples are not those of documents");
    for (size_t i = 0; i < num; i++)
        total += wcp_load32(bytes->data + 4 * i);
    if (total != bytes->len / 4 - num)
        return damaged(decoding, 0, "its samples are not those of documents");
    if (!decoding->store->opts.sample)
        return WCP_CODE_OK;
    if (!wcp_array_reserve(decoding->store->mem, &chunk->samples,
                           (size_t)total))
        return wcp_no_memory(decoding->fault);
    for (size_t i = 0; i < num; i++)
        chunk->entries.at[i].num_sample = wcp_load32(bytes->data + 4 * i);
    for (size_t i = 0; i < total; i++)
        chunk->samples.at[i] = wcp_load32(bytes->data + 4 * (num + i));
    chunk->samples.num = (size_t)total;
    return WCP_CODE_OK;
}

static enum wcp_code
decode_notices(struct decoding *decoding)
{
    const struct wcp_buffer *bytes = decoding->bytes;
    struct wcp_chunk *chunk = decoding->chunk;
    size_t at = 0;

    while (at < bytes->len) {
        const uint8_t *from = bytes->data + at;
        struct wcp_kept_notice kept = { 0 };
        uint32_t len;

        if (bytes->len - at < NOTICE_BYTES)
            return damaged(decoding, at, "this is no message");
        len = wcp_load32(from + 40);
        kept.notice.kind = (enum wcp_notice_kind)wcp_load16(from);
        kept.notice.code = (enum wcp_code)wcp_load16(from + 2);
        kept.notice.source = wcp_load32(from + 4);
        kept.notice.line = wcp_load64(from + 8);
        kept.notice.column = wcp_load64(from + 16);
        kept.notice.offset = wcp_load64(from + 24);
        kept.num_dropped = wcp_load64(from + 32);
        if (wcp_load16(from) > WCP_NOTICE_DETAIL ||
            kept.notice.source >= decoding->sections->num_sources ||
            len >= sizeof kept.notice.text ||
            bytes->len - at - NOTICE_BYTES < len)
            return damaged(decoding, at, "this is no message");
        kept.notice.source += decoding->sections->first_source;
        memcpy(kept.notice.text, from + NOTICE_BYTES, len);
        if (!wcp_array_grow(decoding->store->mem, &chunk->notices))
            return wcp_no_memory(decoding->fault);
        chunk->notices.at[chunk->notices.num++] = kept;
        at += NOTICE_BYTES + len;
    }
    return WCP_CODE_OK;
}

/* The sections that a block must have, by the store's kind of signature. */
static enum wcp_code
decode_part(struct decoding *decoding)
{
    const struct wcp_store_options *opts = &decoding->store->opts;
    const bool simhash = opts->kind == WCP_SIG_SIMHASH;
    const uint64_t num = decoding->chunk->entries.num;
    const uint64_t len = decoding->section->len;

    switch (decoding->section->tag) {
    case WCP_WCS_DOCS:
        return decode_entries(decoding);
    case WCP_WCS_STRS:
        return decode_strings(decoding);
    case WCP_WCS_MINH:
        if (!simhash && len == num * 4 * WCP_NUM_BINS)
            return decode_whole(decoding);
        break;
    case WCP_WCS_MINB:
        if (simhash || len != num * WCP_NUM_BINS)
            break;
        return wcp_buffer_append(&decoding->chunk->values,
                                 decoding->bytes->data, (size_t)len)
                   ? WCP_CODE_OK
                   : wcp_no_memory(decoding->fault);
    case WCP_WCS_KEYS:
        if (!simhash && len == num * 4 * opts->num_bands)
            return decode_keys(decoding);
        break;
    case WCP_WCS_SIMH:
        if (simhash && len == num * 8)
            return decode_simhashes(decoding);
        break;
    case WCP_WCS_SMPL:
        if (!simhash)
            return decode_samples(decoding);
        break;
    case WCP_WCS_NOTE:
        return decode_notices(decoding);
    default:
        break;
    }
    return damaged(decoding, 0, "this section does not belong here");
}

/* Each tag at most once, and those that are needed. */
static enum wcp_code
check_parts(struct decoding *decoding)
{
    const struct wcp_store_options *opts = &decoding->store->opts;
    const struct wcp_wcs_sections *sections = decoding->sections;
    const struct wcp_chunk *chunk = decoding->chunk;
    const size_t num = chunk->entries.num;
    bool strings = false, samples = !opts->sample, twice = false;

    for (unsigned i = 0; i < sections->num; i++) {
        strings |= sections->at[i].tag == WCP_WCS_STRS;
        samples |= sections->at[i].tag == WCP_WCS_SMPL;
        for (unsigned k = 0; k < i; k++)
            twice |= sections->at[i].tag == sections->at[k].tag;
    }
    decoding->section = &sections->at[0];
    if (!strings || !samples || twice ||
        (opts->kind == WCP_SIG_SIMHASH
             ? chunk->simhashes.num != num
             : chunk->values.len != num * WCP_NUM_BINS ||
                   chunk->keys.num != num * opts->num_bands))
        return damaged(decoding, 0, "this block is not complete");
    return WCP_CODE_OK;
}

enum wcp_code
wcp_wcs_decode(const struct wcp_wcs_file *file,
               const struct wcp_wcs_sections *sections,
               const struct wcp_store *store, struct wcp_buffer *bytes,
               struct wcp_chunk *chunk, struct wcp_fault *fault)
{
    struct decoding decoding = { .file = file,
                                 .sections = sections,
                                 .store = store,
                                 .bytes = bytes,
                                 .chunk = chunk,
                                 .fault = fault };
    enum wcp_code code = WCP_CODE_OK;

    for (unsigned i = 0; code == WCP_CODE_OK && i < sections->num; i++) {
        decoding.section = &sections->at[i];
        code = wcp_wcs_load(file, decoding.section, bytes, fault);
        if (code == WCP_CODE_OK)
            code = decode_part(&decoding);
    }
    return code == WCP_CODE_OK ? check_parts(&decoding) : code;
}
