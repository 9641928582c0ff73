/*
 * fold.c - the stream of letters and digits of a text
 *
 * One body serves both functions: compiled with a constant flag, so that the
 * one without offsets pays nothing for the other.  Its loop knows three cases
 * that make up nearly all text: runs of ASCII, three-byte characters, the
 * rest of the basic plane.  Each stores what the table says and advances by
 * one if that was not "dropped": storing always is cheaper than a branch that
 * punctuation makes unpredictable.  Everything else (expansions, Hangul
 * letters, marks, entities, annotations, supplementary planes) leaves the
 * loop through fold_special().
 *
 * Composition and canonical ordering work on what was written, not on what
 * was read: dropped characters between two jamo do not keep them apart.
 * Hence a folded text folds to itself.
 */
#include "text/text.h"

#include <string.h>

#include "text/fold_table.h"
#include "text/text_kernels.h"

enum {
    BLOCK = 1 << 14, /* bytes of input between two looks at the capacity */
    SLACK = WCP_FOLD_SLACK, /* units that a step may write too many */
    /* Kept marks of a class that are allowed in a row; more are dropped.  No
     * language puts that many on a letter, and without a limit reordering
     * is quadratic. */
    MAX_MARKS = 32
};

struct fold_job {
    struct wcp_folded *out;
    const uint8_t *text;
    size_t len;
    const struct wcp_text_kernels *kernels; /* NULL: with offsets */
};

/* One character on its way: its place in the input. */
struct fold_span {
    uint32_t begin, end;
};

void
wcp_folded_init(struct wcp_folded *folded, const struct wcp_memory *mem)
{
    *folded = (struct wcp_folded){ .mem = mem };
}

void
wcp_folded_release(struct wcp_folded *folded)
{
    const struct wcp_memory *mem = folded->mem;

    if (mem == NULL)
        return;
    wcp_free_array(mem, folded->units, folded->cap, sizeof *folded->units);
    wcp_free_array(mem, folded->begins, folded->offsets_cap,
                   sizeof *folded->begins);
    wcp_free_array(mem, folded->ends, folded->offsets_cap,
                   sizeof *folded->ends);
    wcp_folded_init(folded, mem);
}

static bool
grow_offsets(struct wcp_folded *out)
{
    uint32_t *begins = wcp_new_array(out->mem, out->cap, sizeof *begins);
    uint32_t *ends = wcp_new_array(out->mem, out->cap, sizeof *ends);

    if (begins == NULL || ends == NULL) {
        wcp_free_array(out->mem, begins, out->cap, sizeof *begins);
        wcp_free_array(out->mem, ends, out->cap, sizeof *ends);
        return false;
    }
    if (out->num > 0 && out->offsets_cap > 0) {
        memcpy(begins, out->begins, out->num * sizeof *begins);
        memcpy(ends, out->ends, out->num * sizeof *ends);
    }
    wcp_free_array(out->mem, out->begins, out->offsets_cap, sizeof *begins);
    wcp_free_array(out->mem, out->ends, out->offsets_cap, sizeof *ends);
    out->begins = begins;
    out->ends = ends;
    out->offsets_cap = out->cap;
    return true;
}

/* Room for 'more' units past num. */
static bool
reserve(const struct fold_job *job, size_t more)
{
    struct wcp_folded *out = job->out;

    if (more > SIZE_MAX - out->num)
        return false;
    if (out->num + more > out->cap) {
        void *units = out->units;

        if (!wcp_array_reserve_raw(out->mem, &units, &out->cap, out->num + more,
                                   sizeof *out->units))
            return false;
        out->units = units;
    }
    return job->kernels != NULL || out->offsets_cap >= out->num + more ||
           grow_offsets(out);
}

/* ---- one character with care ---- */

static uint8_t
combining_class(uint32_t code)
{
    size_t low = 0, high = wcp_fold_num_classes;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (wcp_fold_classes[mid].last < code)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < wcp_fold_num_classes && wcp_fold_classes[low].first <= code)
        return wcp_fold_classes[low].ccc;
    return 0;
}

static bool
is_high(uint32_t unit)
{
    return unit >= 0xD800 && unit < 0xDC00;
}

static bool
is_low(uint32_t unit)
{
    return unit >= 0xDC00 && unit < 0xE000;
}

/* The character that ends before units[at], at > 0; returns its length. */
static size_t
character_before(const uint16_t *units, size_t at, uint32_t *code_ret)
{
    uint32_t last = units[at - 1];

    if (at >= 2 && is_low(last) && is_high(units[at - 2])) {
        *code_ret =
            0x10000 + ((units[at - 2] - 0xD800U) << 10) + (last - 0xDC00);
        return 2;
    }
    *code_ret = last;
    return 1;
}

/* Write the character's units at 'at', which may lie before the end; what
 * stands there moves up and becomes one span with it. */
static void
insert_code(const struct fold_job *job, size_t at, uint32_t code,
            struct fold_span span)
{
    struct wcp_folded *out = job->out;
    size_t len = code > 0xFFFF ? 2 : 1;

    memmove(out->units + at + len, out->units + at,
            (out->num - at) * sizeof *out->units);
    if (code > 0xFFFF) {
        out->units[at] = (uint16_t)(0xD7C0 + (code >> 10));
        out->units[at + 1] = (uint16_t)(0xDC00 | (code & 0x3FF));
    } else {
        out->units[at] = (uint16_t)code;
    }
    if (job->kernels == NULL) {
        if (at < out->num)
            span.begin = out->begins[at];
        for (size_t i = at; i < out->num + len; i++) {
            out->begins[i] = span.begin;
            out->ends[i] = span.end;
        }
    }
    out->num += len;
}

/* Canonical ordering: before those marks whose class is higher. */
static void
put_mark(const struct fold_job *job, uint32_t code, uint8_t ccc,
         struct fold_span span)
{
    size_t at = job->out->num, insert_at = at;

    for (int i = 0; at > 0; i++) {
        uint32_t before;
        size_t len = character_before(job->out->units, at, &before);
        uint8_t ccc_before = combining_class(before);

        if (ccc_before == 0)
            break;
        if (i == MAX_MARKS - 1)
            return;
        at -= len;
        if (ccc_before > ccc)
            insert_at = at;
    }
    insert_code(job, insert_at, code, span);
}

/* L + V -> LV, LV + T -> LVT; 0 when the two do not compose. */
static uint32_t
compose_hangul(uint32_t last, uint32_t code)
{
    if (code >= 0x1161 && code <= 0x1175 && last >= 0x1100 && last <= 0x1112)
        return 0xAC00 + ((last - 0x1100) * 21 + (code - 0x1161)) * 28;
    if (code >= 0x11A8 && code <= 0x11C2 && last >= 0xAC00 && last <= 0xD7A3 &&
        (last - 0xAC00) % 28 == 0)
        return last + (code - 0x11A7);
    return 0;
}

static void
put_careful(const struct fold_job *job, uint32_t code, struct fold_span span)
{
    struct wcp_folded *out = job->out;
    uint8_t ccc = combining_class(code);
    uint32_t composed = 0;

    if (out->num > 0)
        composed = compose_hangul(out->units[out->num - 1], code);
    if (composed != 0) {
        out->units[out->num - 1] = (uint16_t)composed;
        if (job->kernels == NULL)
            out->ends[out->num - 1] = span.end;
    } else if (ccc != 0) {
        put_mark(job, code, ccc, span);
    } else {
        insert_code(job, out->num, code, span);
    }
}

/* 'left': bytes of the block that are still to come. */
static bool
put_expansion(const struct fold_job *job, size_t index, struct fold_span span,
              size_t left)
{
    struct wcp_fold_expansion expansion = wcp_fold_expansions[index];
    const uint16_t *units = wcp_fold_pool + expansion.start;

    if (!reserve(job, expansion.len + left + SLACK))
        return false;
    for (size_t i = 0; i < expansion.len; i++) {
        uint32_t code = units[i];

        if (is_high(code) && i + 1 < expansion.len)
            code = 0x10000 + ((code - 0xD800) << 10) + (units[++i] - 0xDC00U);
        if (expansion.careful)
            put_careful(job, code, span);
        else
            insert_code(job, job->out->num, code, span);
    }
    return true;
}

static bool
put_supplementary(const struct fold_job *job, uint32_t code,
                  struct fold_span span, size_t left)
{
    size_t low = 0, high = wcp_fold_num_ranges;
    const struct wcp_fold_range *range;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (wcp_fold_ranges[mid].last < code)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == wcp_fold_num_ranges || wcp_fold_ranges[low].first > code)
        return true;
    range = wcp_fold_ranges + low;
    if (range->kind == WCP_FOLD_KIND_EXPAND)
        return put_expansion(job, (size_t)range->by, span, left);
    code = (uint32_t)((int32_t)code + range->by);
    if (range->kind == WCP_FOLD_KIND_CAREFUL)
        put_careful(job, code, span);
    else
        insert_code(job, job->out->num, code, span);
    return true;
}

/* Any character, without a look at what follows it.  There must be room for
 * a character. */
static bool
put_character(const struct fold_job *job, uint32_t code, struct fold_span span,
              size_t left)
{
    uint16_t value;

    if (code > 0xFFFF)
        return put_supplementary(job, code, span, left);
    value = wcp_fold_bmp[code];
    if (value == 0 ||
        (value >= WCP_FOLD_AMPERSAND && value <= WCP_FOLD_LAST_SPECIAL))
        return true;
    if (value >= WCP_FOLD_EXPANSION && value < WCP_FOLD_AMPERSAND)
        return put_expansion(job, value - WCP_FOLD_EXPANSION, span, left);
    insert_code(job, job->out->num, value, span);
    return true;
}

/*
 * What the fast loop leaves: the character at 'at', 'stop' being the end of
 * the block.  Returns where the next begins, SIZE_MAX when out of memory.
 */
static size_t
fold_special(const struct fold_job *job, size_t at, size_t stop)
{
    uint32_t code;
    size_t len = wcp_fold_decode(job->text + at, job->len - at, &code);
    uint16_t value = code > 0xFFFF ? 0 : wcp_fold_bmp[code];
    size_t skipped = 0, next;

    if (value == WCP_FOLD_AMPERSAND)
        skipped = wcp_entity_match(job->text + at, job->len - at, &code);
    else if (value == WCP_FOLD_PARENTHESIS)
        skipped = wcp_pinyin_match(job->text, job->len, at);
    next = at + (skipped != 0 ? skipped : len);
    if (value == WCP_FOLD_PARENTHESIS)
        return next;
    if (!put_character(job, code,
                       (struct fold_span){ (uint32_t)at, (uint32_t)next },
                       stop > next ? stop - next : 0))
        return SIZE_MAX;
    return next;
}

/* ---- the fast loop ---- */

static inline bool
is_special(uint16_t value)
{
    return (value & 0xF800) == WCP_FOLD_EXPANSION;
}

/* True when all of the eight bytes are below 80 and none is '&' or '('.  A
 * borrow may make it false without need, never true. */
static inline bool
is_plain_ascii(const uint8_t *text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word, ampersand, parenthesis;

    memcpy(&word, text, sizeof word);
    ampersand = word ^ ones * '&';
    parenthesis = word ^ ones * '(';
    return ((word | (ampersand - ones) | (parenthesis - ones)) & ones * 0x80) ==
           0;
}

/* Store always, keep by advancing.  Returns the new number of units. */
static inline size_t
put(struct wcp_folded *out, size_t num, uint16_t value, size_t at, size_t bytes,
    const bool offsets)
{
    out->units[num] = value;
    if (offsets) {
        out->begins[num] = (uint32_t)at;
        out->ends[num] = (uint32_t)(at + bytes);
    }
    return num + (value != 0);
}

/* wcp_text_kernels.fold_plain(), also with offsets in out->begins and ends;
 * returns where it ended. */
static inline size_t
fold_plain(struct wcp_folded *out, const uint8_t *text, size_t at, size_t stop,
           size_t len, const bool offsets)
{
    size_t num = out->num;

    while (at < stop) {
        uint32_t code;
        uint16_t value;
        size_t bytes;

        while (len - at >= 8 && at < stop && is_plain_ascii(text + at)) {
            for (size_t i = 0; i < 8; i++) {
                value = wcp_fold_bmp[text[at + i]];
                num = put(out, num, value, at + i, 1, offsets);
            }
            at += 8;
        }
        while (len - at >= 3 && at < stop && (text[at] & 0xF0) == 0xE0) {
            code = (text[at] & 0xFU) << 12 | (text[at + 1] & 0x3FU) << 6 |
                   (text[at + 2] & 0x3FU);
            value = wcp_fold_bmp[code];
            if (is_special(value))
                break;
            num = put(out, num, value, at, 3, offsets);
            at += 3;
        }
        if (at >= stop)
            break;
        bytes = wcp_fold_decode(text + at, len - at, &code);
        value = code > 0xFFFF ? WCP_FOLD_EXPANSION : wcp_fold_bmp[code];
        if (is_special(value))
            break;
        num = put(out, num, value, at, bytes, offsets);
        at += bytes;
    }
    out->num = num;
    return at;
}

void
wcp_fold_plain_portable(struct wcp_fold_run *run)
{
    struct wcp_folded out = { .units = run->units, .num = run->num };

    run->at = fold_plain(&out, run->text, run->at, run->stop, run->len, false);
    run->num = out.num;
}

const struct wcp_text_kernels wcp_text_kernels_portable = {
    .name = "portable",
    .valid_prefix = wcp_utf8_valid_prefix_portable,
    .fold_plain = wcp_fold_plain_portable,
};

/* ---- texts ---- */

/* Fold text[at .. stop), where there is room for it in 'out'.  Returns where
 * it ended, at or a little after stop; SIZE_MAX when out of memory. */
static size_t
fold_block(const struct fold_job *job, size_t at, size_t stop)
{
    struct wcp_folded *out = job->out;
    struct wcp_fold_run run = { .text = job->text,
                                .stop = stop,
                                .len = job->len };

    while (at < stop) {
        if (job->kernels == NULL) {
            at = fold_plain(out, job->text, at, stop, job->len, true);
        } else {
            run.units = out->units; /* may have moved */
            run.num = out->num;
            run.at = at;
            job->kernels->fold_plain(&run);
            out->num = run.num;
            at = run.at;
        }
        if (at < stop)
            at = fold_special(job, at, stop);
    }
    return at;
}

static bool
fold_text(struct wcp_folded *folded, const char *utf8, size_t len,
          const struct wcp_text_kernels *kernels)
{
    struct fold_job job = { folded, (const uint8_t *)utf8, len, kernels };
    size_t at = 0;

    folded->num = 0;
    while (at < len) {
        size_t stop = len - at > BLOCK ? at + BLOCK : len;

        if (!reserve(&job, stop - at + SLACK)) {
            folded->num = 0;
            return false;
        }
        at = fold_block(&job, at, stop);
        if (at == SIZE_MAX) {
            folded->num = 0;
            return false;
        }
    }
    return true;
}

bool
wcp_fold_by(const struct wcp_text_kernels *kernels, struct wcp_folded *folded,
            const char *utf8, size_t len)
{
    return fold_text(folded, utf8, len, kernels);
}

bool
wcp_fold(struct wcp_folded *folded, const char *utf8, size_t len)
{
    return fold_text(folded, utf8, len, wcp_text_kernels_best());
}

bool
wcp_fold_with_offsets(struct wcp_folded *folded, const char *utf8, size_t len)
{
    return fold_text(folded, utf8, len, NULL);
}
