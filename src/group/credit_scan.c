/*
 * credit_scan.c - where in a text something may begin, by its bytes
 *
 * Most of what is looked through is English prose, and nearly all of its words
 * are the beginning of nothing: two bytes tell, without a branch, before they
 * are made a view.  That holds for text of which no character is Chinese,
 * Japanese or Korean; then many patterns cannot fit at all, for they need one.
 */
#include "group/credit_match.h"

#include <string.h>

enum { SCAN = 64 }; /* bytes at a time */

/* What a block of bytes has. */
struct traits {
    unsigned num; /* bytes that are a character of the view each */
    bool ascii;
    bool odd; /* bytes to be looked at one by one */
};

static struct traits
look_at_block(const uint8_t *bytes)
{
    uint8_t count = 0, all = 0, odd = 0;

    for (size_t i = 0; i < SCAN; i++) {
        uint8_t byte = bytes[i];

        count = (uint8_t)(count + ((byte > 0x20) & (byte < 0x7F)));
        all |= byte;
        odd |= (uint8_t)((byte >= 0xE2) | (byte == '&'));
    }
    return (struct traits){ count, all < 0x80, odd != 0 };
}

static bool
is_letter_or_digit(uint8_t byte)
{
    return (uint8_t)(byte - '0') < 10 || (uint8_t)((byte | 0x20) - 'a') < 26;
}

/* Whether the ampersand at bytes[i] may begin an entity: those of AT&T and S&P
 * do not. */
static bool
may_be_entity(const uint8_t *bytes, size_t i, size_t len)
{
    if (i + 2 >= len)
        return true;
    return bytes[i + 1] == '#' || (is_letter_or_digit(bytes[i + 1]) &&
                                   is_letter_or_digit(bytes[i + 2]));
}

/* Whether what begins with bytes[i] may be wide: three bytes or more, but for
 * quotation marks, dashes and signs of currencies; or an entity. */
static bool
is_wide(const uint8_t *bytes, size_t i, size_t len)
{
    if (bytes[i] == '&')
        return may_be_entity(bytes, i, len);
    return bytes[i] > 0xE2 ||
           (bytes[i] == 0xE2 && (i + 1 == len || bytes[i + 1] > 0x82));
}

static bool
is_blank(uint8_t byte)
{
    return byte <= 0x20 || byte == 0x7F;
}

/* Behind the last of 'num' characters, which are in [begin, end), and behind
 * the blanks that follow. */
static size_t
cut_off(const uint8_t *bytes, size_t len, size_t end, unsigned num)
{
    for (; num > WCP_VIEW_MAX; end--)
        num -= !is_blank(bytes[end - 1]);
    while (end < len && is_blank(bytes[end]))
        end++;
    return end;
}

struct wcp_stretch
wcp_credit_stretch(const char *text, size_t len, size_t begin)
{
    struct wcp_stretch stretch = { (const uint8_t *)text, begin, begin, true,
                                   true };
    const uint8_t *bytes = stretch.bytes;
    uint8_t copy[SCAN];
    unsigned num = 0;

    while (stretch.end < len && (num < WCP_VIEW_MAX || !stretch.plain)) {
        size_t rest = len - stretch.end, size = rest < SCAN ? rest : SCAN;
        struct traits traits;

        if (size < SCAN) {
            memset(copy, ' ', sizeof copy);
            memcpy(copy, bytes + stretch.end, size);
            traits = look_at_block(copy);
        } else {
            traits = look_at_block(bytes + stretch.end);
        }

        stretch.plain &= traits.ascii;
        for (size_t i = stretch.end; traits.odd && i < stretch.end + size;
             i++) {
            if (is_wide(bytes, i, len)) {
                stretch.narrow = stretch.plain = false;
                stretch.end = len;
                return stretch;
            }
        }
        num += traits.num;
        stretch.end += size;
    }
    if (stretch.plain)
        stretch.end = cut_off(bytes, len, stretch.end, num);
    return stretch;
}

/* ---- openings ---- */

/* Whether a word may end with a byte, as 'behind' of the table says.  This is
 * written out because compilers make vectors of it, as they do below of one
 * comparison at a time. */
static uint8_t
ends_word(uint8_t byte)
{
    return ((uint8_t)((byte | 0x20) - 'a') >= 26) &
           ((uint8_t)(byte - '0') >= 10);
}

static void
mark_equal(uint8_t *restrict starts, const uint8_t *restrict before,
           uint8_t byte)
{
    for (size_t i = 0; i < SCAN; i++)
        starts[i] |= before[i] == byte;
}

/* Whether a line may end, or a mark open. */
static void
mark_ends_and_opens(uint8_t *restrict starts, const uint8_t *restrict before)
{
    for (size_t i = 0; i < SCAN; i++)
        starts[i] = before[i] >> 7;
    mark_equal(starts, before, '\n');
    mark_equal(starts, before, '\r');
    mark_equal(starts, before, '(');
    mark_equal(starts, before, '[');
    mark_equal(starts, before, '*');
    mark_equal(starts, before, '"');
    mark_equal(starts, before, '-');
}

/* A bit for each of 'num' bytes, at most SCAN, before which a word may end or,
 * near the end of the text, a line or a mark that opens. */
static uint64_t
starts_of(const uint8_t *before, size_t num, bool tail)
{
    uint8_t starts[SCAN], copy[SCAN];
    uint64_t mask = 0;

    if (num < SCAN) {
        memset(copy, 'x', sizeof copy);
        memcpy(copy, before, num);
        before = copy;
    }
    if (tail)
        mark_ends_and_opens(starts, before);
    else
        for (size_t i = 0; i < SCAN; i++)
            starts[i] = ends_word(before[i]);
    /* The lowest bits of eight bytes side by side. */
    for (size_t i = 0; i < SCAN; i += 8) {
        uint64_t eight = 0;

        for (size_t k = 0; k < 8; k++)
            eight |= (uint64_t)starts[i + k] << 8 * k;
        mask |= (eight * UINT64_C(0x0102040810204080) >> 56) << i;
    }
    return mask;
}

void
wcp_scan_begin(struct wcp_scan *scan, const struct wcp_credits *credits,
               const struct wcp_stretch *stretch, unsigned where)
{
    scan->credits = credits;
    scan->stretch = stretch;
    scan->where = where;
    scan->block = scan->next = stretch->begin;
    scan->mask = 0;
}

/* Whether something may begin with bytes[at], behind what 'behind' stands
 * for. */
static bool
may_open(const struct wcp_scan *scan, size_t at, unsigned behind)
{
    const struct wcp_credits *credits = scan->credits;
    const uint8_t *bytes = scan->stretch->bytes;
    size_t rest = scan->stretch->end - at;
    uint8_t first, second, third;

    if (rest > 0 && is_blank(bytes[at]) && (behind & WCP_BEHIND_BLANKS) != 0) {
        while (rest > 0 && is_blank(bytes[at])) {
            at++;
            rest--;
        }
    }
    if (rest == 0)
        return false;
    first = credits->kinds[bytes[at]];
    second = rest > 1 ? credits->kinds[bytes[at + 1]] : 0;
    behind &= credits->openings[first][second];
    if (behind == 0)
        return false;
    third = rest > 2 ? credits->kinds[bytes[at + 2]] : 0;
    return (behind &
            (credits->seconds[second][third] | credits->loose[first])) != 0;
}

size_t
wcp_scan_next(struct wcp_scan *scan)
{
    const struct wcp_stretch *stretch = scan->stretch;
    const uint8_t *bytes = stretch->bytes;

    for (;;) {
        size_t rest, at;

        while (scan->mask == 0) {
            scan->block = scan->next;
            if (scan->block >= stretch->end)
                return stretch->end;
            if (scan->block == stretch->begin) {
                scan->next++;
                if (stretch->begin == 0 &&
                    may_open(scan, 0, scan->where | WCP_BEHIND_BLANKS))
                    return 0;
                continue;
            }
            rest = stretch->end - scan->block;
            scan->next = scan->block + (rest < SCAN ? rest : SCAN);
            scan->mask =
                starts_of(bytes + scan->block - 1, scan->next - scan->block,
                          (scan->where & WCP_AT_TAIL) != 0);
        }
        at = scan->block + (size_t)__builtin_ctzll(scan->mask);
        scan->mask &= scan->mask - 1;
        if (may_open(scan, at,
                     scan->credits->behind[bytes[at - 1]] &
                         (scan->where | WCP_BEHIND_BLANKS)))
            return at;
    }
}

size_t
wcp_scan_word(const struct wcp_scan *scan, size_t at)
{
    const uint8_t *bytes = scan->stretch->bytes;

    while (at > scan->stretch->begin && scan->credits->behind[bytes[--at]])
        ;
    return at;
}
