/*
 * credits.c - the agency that a text credits, and its dateline
 *
 * Two views are looked at: of the beginning of the text, where datelines,
 * by-lines and sources stand, and of its end, where the others do.  At each
 * place where something may begin every pattern is tried that its first
 * character does not rule out.
 *
 * A dateline that names an agency says more than a source that is named beside
 * the text, which is often the site that the copy was taken from; of two of a
 * kind the first counts.
 */
#include "group/credit_match.h"

#include <string.h>

enum {
    MAX_LINES = 2000, /* of a file: each takes its time with each text */
    HEAD_BYTES = 4096,
    TAIL_BYTES = WCP_VIEW_MAX, /* so that the view goes to the end */
};

/* In the order of the enum. */
static const char *const unit_sets[WCP_NUM_UNIT_SETS] = {
    "〇零一二三四五六七八九十廿卅",
    "年月日号",
    "今昨前当",
    "日天晚",
    "凌晨清早上中下午晚间夜",
    "的了是在发布播对向援引者为将说本据讯电最",
    "的了是在正说着获悉",
    "者员",
    "报网刊社",
    "视话影台力子器脑网息号问梯池缆车员社录者",
};

/* ---- the table ---- */

/* The number of an agency, new or not. */
static bool
name_agency(struct wcp_credits *credits, const char *name, size_t len,
            uint32_t *agency_ret)
{
    char *copy;

    for (size_t i = credits->names.num; i-- > 0;)
        if (strlen(credits->names.at[i]) == len &&
            memcmp(credits->names.at[i], name, len) == 0) {
            *agency_ret = (uint32_t)i;
            return true;
        }
    copy = wcp_new_array(credits->mem, len + 1, 1);
    if (copy == NULL || !wcp_array_grow(credits->mem, &credits->names)) {
        wcp_free_array(credits->mem, copy, len + 1, 1);
        return false;
    }
    memcpy(copy, name, len);
    copy[len] = '\0';
    *agency_ret = (uint32_t)credits->names.num;
    credits->names.at[credits->names.num++] = copy;
    return true;
}

/* Two letters or more, and none of them small. */
static bool
is_capitals(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < 'A' || text[i] > 'Z')
            return false;
    return true;
}

static enum wcp_code
add_spelling(struct wcp_credits *credits, uint32_t agency, const char *text,
             size_t len, struct wcp_fault *fault)
{
    struct wcp_spelling spelling = { .agency = agency,
                                     .capitals = is_capitals(text, len) };

    if (!wcp_pattern_add_units(&credits->pool, text, len, &spelling.first,
                               &spelling.num) ||
        !wcp_array_grow(credits->mem, &credits->spellings))
        return wcp_no_memory(fault);
    if (spelling.num < 2)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "a spelling has two characters or more");
    credits->spellings.at[credits->spellings.num++] = spelling;
    return WCP_CODE_OK;
}

/* No name begins with what says where a pattern may stand. */
static bool
is_pattern(const char *text, size_t len)
{
    return memchr(text, '{', len) != NULL || text[0] == '^' || text[0] == '~' ||
           text[0] == '$';
}

static enum wcp_code
add_line(struct wcp_credits *credits, const char *line, size_t len,
         struct wcp_fault *fault)
{
    const char *tab = memchr(line, '\t', len);
    size_t name_len = tab != NULL ? (size_t)(tab - line) : 0;
    const char *text = tab != NULL ? tab + 1 : "";
    size_t text_len = tab != NULL ? len - name_len - 1 : 0;
    uint32_t agency = WCP_NO_AGENCY;
    struct wcp_pattern pattern;
    enum wcp_code code;

    if (wcp_utf8_valid_prefix(line, len) < len)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "the line is not UTF-8");
    if (text_len == 0 || memchr(text, '\t', text_len) != NULL)
        return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                        "a line is a name, a tab, and a spelling or a pattern");
    if (name_len > 0 && !name_agency(credits, line, name_len, &agency))
        return wcp_no_memory(fault);
    if (!is_pattern(text, text_len)) {
        if (agency == WCP_NO_AGENCY)
            return wcp_fail(fault, WCP_CODE_BAD_RECORD, 0,
                            "a spelling has no name before it");
        return add_spelling(credits, agency, text, text_len, fault);
    }
    code = wcp_pattern_make(&credits->pool, text, text_len, &pattern, fault);
    if (code != WCP_CODE_OK)
        return code;
    pattern.agency = agency;
    if (!wcp_array_grow(credits->mem, &credits->patterns))
        return wcp_no_memory(fault);
    credits->patterns.at[credits->patterns.num++] = pattern;
    return WCP_CODE_OK;
}

/* Lines that are empty or begin with # are left out. */
static enum wcp_code
add_lines(struct wcp_credits *credits, const char *text, size_t len,
          const char *path, struct wcp_fault *fault)
{
    size_t number = 0, num = 0;

    for (size_t at = 0; at < len;) {
        const char *line = text + at, *end = memchr(line, '\n', len - at);
        size_t line_len = end != NULL ? (size_t)(end - line) : len - at;
        struct wcp_fault cause = { 0 };
        enum wcp_code code;

        at += line_len + 1;
        number++;
        if (line_len > 0 && line[line_len - 1] == '\r')
            line_len--;
        if (line_len == 0 || line[0] == '#')
            continue;
        code = ++num > MAX_LINES
                   ? wcp_fail(&cause, WCP_CODE_BAD_RECORD, 0,
                              "more than %d names and patterns", MAX_LINES)
                   : add_line(credits, line, line_len, &cause);
        if (code == WCP_CODE_BAD_RECORD)
            return wcp_fail(fault, code, 0, "%.80s:%zu: %.120s", path, number,
                            cause.text);
        if (code != WCP_CODE_OK)
            return wcp_no_memory(fault);
    }
    return WCP_CODE_OK;
}

static bool
add_sets(struct wcp_credits *credits)
{
    uint32_t firsts[WCP_NUM_UNIT_SETS], nums[WCP_NUM_UNIT_SETS];

    for (size_t i = 0; i < WCP_NUM_UNIT_SETS; i++)
        if (!wcp_pattern_add_units(&credits->pool, unit_sets[i],
                                   strlen(unit_sets[i]), &firsts[i], &nums[i]))
            return false;
    for (size_t i = 0; i < WCP_NUM_UNIT_SETS; i++) {
        const uint16_t *units = credits->pool.units.at + firsts[i];

        credits->sets[i] = (struct wcp_unit_set){ units, nums[i] };
        for (size_t k = 0; k < nums[i]; k++)
            credits->set_rows[wcp_credit_row_of(units[k])] |=
                (uint16_t)(1U << i);
    }
    return true;
}

enum wcp_code
wcp_credits_new(const struct wcp_memory *mem, const char *more, size_t len,
                const char *path, struct wcp_credits **credits_ret,
                struct wcp_fault *fault)
{
    struct wcp_credits *credits = wcp_new_zeroed(mem, 1, sizeof *credits);
    enum wcp_code code = WCP_CODE_OK;

    if (credits == NULL)
        return wcp_no_memory(fault);
    credits->mem = credits->pool.mem = mem;
    /* Of equal matches the first counts. */
    if (more != NULL)
        code = add_lines(credits, more, len, path, fault);
    for (size_t i = 0; code == WCP_CODE_OK && wcp_credit_table[i] != NULL; i++)
        code = add_line(credits, wcp_credit_table[i],
                        strlen(wcp_credit_table[i]), fault);
    if (code == WCP_CODE_OK &&
        (!add_sets(credits) || !wcp_credits_index(credits)))
        code = wcp_no_memory(fault);
    if (code != WCP_CODE_OK) {
        wcp_credits_free(credits);
        return code;
    }
    *credits_ret = credits;
    return WCP_CODE_OK;
}

void
wcp_credits_free(struct wcp_credits *credits)
{
    const struct wcp_memory *mem;

    if (credits == NULL)
        return;
    mem = credits->mem;
    for (size_t i = 0; i < credits->names.num; i++)
        wcp_free_array(mem, credits->names.at[i],
                       strlen(credits->names.at[i]) + 1, 1);
    wcp_array_release(mem, &credits->names);
    wcp_array_release(mem, &credits->spellings);
    wcp_array_release(mem, &credits->patterns);
    wcp_array_release(mem, &credits->pool.units);
    wcp_array_release(mem, &credits->pool.spaces);
    wcp_array_release(mem, &credits->pool.steps);
    wcp_free_array(mem, credits->may, WCP_NUM_ROWS * credits->num_words,
                   sizeof *credits->may);
    wcp_free_array(mem, credits, 1, sizeof *credits);
}

const char *
wcp_credits_name(const struct wcp_credits *credits, uint32_t agency)
{
    return credits->names.at[agency];
}

/* ---- a view ---- */

/* What was found so far: datelines that name an agency before credits. */
struct finding {
    const struct wcp_credits *credits;
    struct wcp_match *match;
    struct wcp_view *view;
    struct wcp_credit *credit;
    bool is_dated; /* the credit is that of the dateline */
    bool narrow;   /* nothing in the view is wide */
    bool tail;     /* else it is the beginning of the text */
    /* A line begins, but for marks, at this place of the view, or does not. */
    size_t known;
    bool line;
};

static bool
is_letter_or_digit(const struct wcp_view *view, size_t at)
{
    return (view->flags[at] & (WCP_VIEW_LETTER | WCP_VIEW_DIGIT)) != 0;
}

/* Marks between a dateline and the text. */
static bool
ends_dateline(uint16_t unit)
{
    return unit == '-' || unit == '_' || unit == ':';
}

static void
take_credit(struct finding *finding, const struct wcp_pattern *pattern,
            bool dated)
{
    struct wcp_credit *credit = finding->credit;
    const struct wcp_found_name *name = &finding->match->name;
    const struct wcp_view *view = finding->view;

    if (pattern->agency == WCP_NO_AGENCY && !name->named)
        return;
    if (credit->has_credit && (finding->is_dated || !dated))
        return;
    finding->is_dated = dated;
    credit->has_credit = true;
    credit->agency =
        pattern->agency != WCP_NO_AGENCY ? pattern->agency : name->agency;
    if (name->named) {
        credit->begin = view->begins[name->begin];
        credit->end = wcp_view_end(view, name->end - 1);
    } else {
        credit->begin = credit->end = view->begins[finding->match->start];
    }
}

/* The patterns of 64 that may begin at a place; some of them may not. */
static uint64_t
patterns_at(const struct finding *finding, size_t at, unsigned where,
            bool is_agency, size_t word)
{
    const struct wcp_credits *credits = finding->credits;
    const struct wcp_view *view = finding->view;
    const uint64_t *may = credits->may + word;
    const size_t num = credits->num_words;
    uint64_t bits =
        may[wcp_credit_row_of(view->units[at]) * num] | may[WCP_ROW_ANY * num];

    if (is_agency)
        bits |= may[WCP_ROW_AGENCY * num];
    if ((view->flags[at] & WCP_VIEW_UPPER) != 0 &&
        wcp_view_has(finding->view, at + 1) &&
        ((view->flags[at + 1] & WCP_VIEW_UPPER) != 0 ||
         wcp_joins_names(view->units[at + 1])))
        bits |= may[WCP_ROW_CAPS * num];
    if (wcp_unit_is_east_asian(view->units[at]) &&
        wcp_match_paper(finding->match, at) > 0)
        bits |= may[WCP_ROW_PAPER * num];
    if (finding->narrow)
        bits &= may[WCP_ROW_NARROW * num];
    return bits & may[(WCP_ROW_AT + where) * num];
}

/* Try all patterns at a place; the longest fit counts, of equal ones the
 * first.  It is NULL if none fits; finding->match is its match. */
static const struct wcp_pattern *
best_pattern(struct finding *finding, size_t at, unsigned where,
             size_t *longest_ret)
{
    const struct wcp_credits *credits = finding->credits;
    const struct wcp_pattern *best = NULL;
    struct wcp_found_name best_name = { 0 };
    bool is_agency;

    *longest_ret = 0;
    wcp_match_begin(finding->match, at);
    is_agency = finding->match->agency_end > 0;
    for (size_t word = 0; word < credits->num_words; word++)
        for (uint64_t bits = patterns_at(finding, at, where, is_agency, word);
             bits != 0; bits &= bits - 1) {
            const struct wcp_pattern *pattern =
                &credits->patterns
                     .at[64 * word + (size_t)__builtin_ctzll(bits)];
            const size_t len = wcp_match_pattern(finding->match, pattern);

            if (len > *longest_ret) {
                *longest_ret = len;
                best = pattern;
                best_name = finding->match->name;
            }
        }
    if (best != NULL)
        finding->match->name = best_name;
    return best;
}

/* Take what stands at a place. */
static void
look_at(struct finding *finding, size_t at, unsigned where)
{
    struct wcp_credit *credit = finding->credit;
    const struct wcp_view *view = finding->view;
    size_t longest;
    const struct wcp_pattern *best = best_pattern(finding, at, where, &longest);

    if (best == NULL)
        return;
    take_credit(finding, best, best->is_dateline && !credit->has_dateline);
    if (!best->is_dateline || credit->has_dateline)
        return;
    credit->has_dateline = true;
    while (longest > 1 && ends_dateline(view->units[at + longest - 1]))
        longest--;
    credit->dateline_begin = view->begins[at];
    credit->dateline_end = wcp_view_end(view, at + longest - 1);
}

static bool
is_done(const struct finding *finding)
{
    return finding->credit->has_dateline && finding->credit->has_credit;
}

/* Whether there is nothing but marks since the line began.  Places are asked
 * for in order, so that a row of marks is gone back over once. */
static bool
begins_line(struct finding *finding, size_t at)
{
    const struct wcp_view *view = finding->view;
    size_t i = at;

    while ((view->flags[i] & WCP_VIEW_LINE) == 0 && i > finding->known &&
           wcp_opens_dateline(view->units[i - 1]))
        i--;
    finding->line = (view->flags[i] & WCP_VIEW_LINE) != 0 ||
                    (i == finding->known && finding->line);
    finding->known = at;
    return finding->line;
}

static bool
has_space_before(const struct wcp_view *view, size_t at)
{
    return (view->flags[at] & (WCP_VIEW_SPACE | WCP_VIEW_LINE)) != 0;
}

/* There, as most places are, nothing begins. */
static bool
is_in_word(const struct wcp_view *view, size_t at)
{
    return at > 0 && is_letter_or_digit(view, at - 1) &&
           !has_space_before(view, at);
}

/* Where a place of the view is: WCP_AT_..., 0: nothing may begin there. */
static unsigned
where_is(struct finding *finding, size_t at)
{
    const struct wcp_view *view = finding->view;
    bool space = has_space_before(view, at);
    bool mark_before = at > 0 && !is_letter_or_digit(view, at - 1);
    bool line;

    if (is_in_word(view, at))
        return 0;
    line = begins_line(finding, at);
    if (finding->tail)
        return line || (mark_before && wcp_opens_dateline(view->units[at - 1]))
                   ? WCP_AT_TAIL
                   : 0;
    return line                   ? WCP_AT_LINE | WCP_AT_WORD
           : mark_before || space ? WCP_AT_WORD
                                  : 0;
}

static void
look_if_any(struct finding *finding, size_t at)
{
    unsigned where = where_is(finding, at);

    if ((where & WCP_AT_LINE) != 0 ||
        (where != 0 &&
         wcp_credits_may_begin(finding->credits, finding->view, at)))
        look_at(finding, at, where);
}

/* Look at a view that begins where the stretch does. */
static void
look_through(struct finding *finding, const struct wcp_stretch *stretch)
{
    struct wcp_view *view = finding->view;
    size_t at = 0;

    finding->known = 0;
    finding->line = stretch->begin == 0;
    while (wcp_view_has(view, at))
        for (; at < view->num; at++) {
            if (is_in_word(view, at))
                continue;
            look_if_any(finding, at);
            if (is_done(finding))
                return;
        }
}

/* Look at the few places of a narrow stretch where something may begin, each
 * in a view of its own if its bytes tell how far that goes. */
static void
look_here_and_there(struct finding *finding, const struct wcp_stretch *stretch)
{
    struct wcp_view *view = finding->view;
    struct wcp_scan scan;
    size_t byte;

    finding->known = 0;
    finding->line = stretch->begin == 0;
    wcp_scan_begin(&scan, finding->credits, stretch,
                   finding->tail ? WCP_AT_TAIL : WCP_AT_LINE | WCP_AT_WORD);
    while (!is_done(finding) && (byte = wcp_scan_next(&scan)) < stretch->end) {
        size_t at;

        if (stretch->plain) {
            size_t begin = wcp_scan_word(&scan, byte);

            wcp_view_begin(view, (const char *)stretch->bytes, stretch->end,
                           begin);
            finding->known = 0;
            finding->line = begin == 0;
        }
        at = wcp_view_find(view, byte);
        if (wcp_view_has(view, at))
            look_if_any(finding, at);
    }
}

/* Look at the stretch that text[begin .. end) has room for. */
static void
look_over(struct finding *finding, const char *text, size_t len, size_t begin,
          size_t end)
{
    struct wcp_stretch stretch = wcp_credit_stretch(text, end, begin);

    finding->narrow = stretch.narrow;
    finding->match->cut = (stretch.plain ? stretch.end : end) < len;
    if (stretch.narrow) {
        wcp_view_begin(finding->view, text, end, begin);
        look_here_and_there(finding, &stretch);
        return;
    }
    /* The end of a short text is all of it, which is there already. */
    if (!finding->tail || begin > 0 || finding->view->len != end)
        wcp_view_begin(finding->view, text, end, begin);
    look_through(finding, &stretch);
}

void
wcp_credits_find(const struct wcp_credits *credits, const char *text,
                 size_t len, struct wcp_credit *credit)
{
    struct wcp_view view;
    size_t tail = len > TAIL_BYTES ? len - TAIL_BYTES : 0;
    struct wcp_match match;
    struct finding finding = {
        .credits = credits, .match = &match, .view = &view, .credit = credit
    };

    match.credits = credits;
    match.view = &view;
    *credit = (struct wcp_credit){ .agency = WCP_NO_AGENCY };
    look_over(&finding, text, len, 0, len < HEAD_BYTES ? len : HEAD_BYTES);
    if (is_done(&finding))
        return;
    while (tail < len && ((unsigned char)text[tail] & 0xC0) == 0x80)
        tail++;
    finding.tail = true;
    look_over(&finding, text, len, tail, len);
}

/* ---- sources and paths ---- */

uint32_t
wcp_credits_agency_of(const struct wcp_credits *credits, const char *name,
                      size_t len)
{
    struct wcp_view view;
    struct wcp_match match = { .credits = credits, .view = &view };

    wcp_view_begin(&view, name, len, 0);
    for (size_t at = 0; wcp_view_has(&view, at); at++) {
        uint32_t agency;

        if (at > 0 && is_letter_or_digit(&view, at - 1) &&
            !(view.flags[at] & WCP_VIEW_SPACE))
            continue;
        match.start = at;
        if (wcp_match_agency(&match, at, &agency) > 0)
            return agency;
    }
    return WCP_NO_AGENCY;
}
