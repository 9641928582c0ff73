/*
 * credits.c - the agency that a text credits, and its dateline
 *
 * Two views are looked at: of the beginning of the text, where datelines,
 * by-lines and sources stand, and of its end, where the others do.  At each
 * place where something may begin every pattern is tried that its first
 * character does not rule out.  A pattern's steps only lead onwards and a set
 * of places is carried along (after Thompson, "Regular expression search
 * algorithm", 1968), so that no text makes a pattern go back: the time has a
 * limit that the views and the table set.
 *
 * A dateline that names an agency says more than a source that is named beside
 * the text, which is often the site that the copy was taken from; of two of a
 * kind the first counts.
 */
#include "group/credit_match.h"

#include <string.h>

enum {
    MAX_LINES = 2000,   /* of a file: each takes its time with each text */
    FILTER_BITS = 4096, /* for two characters together */
    FIRST_PLACES = 64,
    HEAD_BYTES = 4096,
    TAIL_BYTES = WCP_VIEW_MAX, /* so that the view goes to the end */
};

/* Patterns by what they may begin with, and where. */
enum row {
    CHARACTERS = 256, /* rows before are of characters, by row_of() */
    ROW_AGENCY = CHARACTERS,
    ROW_ANY,
    ROW_CAPS,
    ROW_PAPER,
    ROW_AT, /* + WCP_AT_... */
    NUM_ROWS = ROW_AT + (WCP_AT_LINE | WCP_AT_WORD | WCP_AT_TAIL) + 1
};

/* In the order of the enum. */
static const char *const unit_sets[WCP_NUM_UNIT_SETS] = {
    "〇零一二三四五六七八九十廿卅",
    "年月日号",
    "今昨前当",
    "日天晚",
    "凌晨清早上中下午晚间夜",
    "的了是在发布播对向援引者为将说本据讯电最",
    "的了是在正说着",
    "者员",
    "报网刊社",
    "视话影台力子器脑网息号问梯池缆车员社录者",
};

struct wcp_credits {
    const struct wcp_memory *mem;
    struct wcp_pattern_pool pool;
    WCP_ARRAY(char *) names;
    WCP_ARRAY(struct wcp_spelling) spellings; /* by first unit */
    WCP_ARRAY(struct wcp_pattern) patterns;
    struct wcp_unit_set sets[WCP_NUM_UNIT_SETS];
    /* By a pair of characters: whether a name or, within a line, a pattern may
     * begin so. */
    uint64_t filter[FILTER_BITS / 64];
    /* By a character, enum row: a bit for each pattern that may begin so. */
    uint64_t *may; /* [NUM_ROWS][num_words] */
    size_t num_words;
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
    if (memchr(text, '{', text_len) == NULL) {
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

/* By first unit: few, and sorted once. */
static void
sort_spellings(struct wcp_credits *credits)
{
    struct wcp_spelling *at = credits->spellings.at;
    const uint16_t *units = credits->pool.units.at;

    for (size_t i = 1; i < credits->spellings.num; i++) {
        struct wcp_spelling spelling = at[i];
        size_t k = i;

        for (; k > 0 && units[at[k - 1].first] > units[spelling.first]; k--)
            at[k] = at[k - 1];
        at[k] = spelling;
    }
}

static uint32_t
filter_place(uint16_t first, uint16_t second)
{
    return (first * UINT32_C(0x9E3779B1) + second * UINT32_C(0x85EBCA77)) >> 20;
}

static void
allow(struct wcp_credits *credits, uint16_t first, uint16_t second)
{
    uint32_t place = filter_place(first, second);

    _Static_assert(FILTER_BITS == 1 << 12, "the shift above");
    credits->filter[place / 64] |= UINT64_C(1) << place % 64;
}

static bool
is_allowed(const struct wcp_credits *credits, const struct wcp_view *view,
           size_t at)
{
    uint32_t one = filter_place(view->units[at], 0);
    uint32_t two = filter_place(view->units[at],
                                at + 1 < view->num ? view->units[at + 1] : 0);

    return (credits->filter[one / 64] >> one % 64 & 1) != 0 ||
           (credits->filter[two / 64] >> two % 64 & 1) != 0;
}

/* What begins with a slot can only stand where a line begins. */
static void
fill_filter(struct wcp_credits *credits)
{
    const uint16_t *units = credits->pool.units.at;

    for (size_t i = 0; i < credits->spellings.num; i++) {
        const struct wcp_spelling *spelling = &credits->spellings.at[i];

        allow(credits, units[spelling->first], units[spelling->first + 1]);
    }
    for (size_t i = 0; i < credits->patterns.num; i++) {
        struct wcp_pattern *pattern = &credits->patterns.at[i];

        if (pattern->first_any || pattern->first_caps || pattern->first_paper)
            pattern->at &= (uint8_t)~WCP_AT_WORD;
        for (size_t k = 0;
             (pattern->at & ~WCP_AT_LINE) != 0 && k < pattern->num_firsts; k++)
            allow(credits, pattern->firsts[k], pattern->seconds[k]);
    }
}

static size_t
row_of(uint16_t unit)
{
    return (unit ^ unit >> 8) % CHARACTERS;
}

static void
add_to_row(struct wcp_credits *credits, size_t row, size_t pattern)
{
    credits->may[row * credits->num_words + pattern / 64] |= UINT64_C(1)
                                                             << pattern % 64;
}

static bool
fill_rows(struct wcp_credits *credits)
{
    credits->num_words = credits->patterns.num / 64 + 1;
    credits->may = wcp_new_zeroed(credits->mem, NUM_ROWS * credits->num_words,
                                  sizeof *credits->may);
    if (credits->may == NULL)
        return false;
    for (size_t i = 0; i < credits->patterns.num; i++) {
        const struct wcp_pattern *pattern = &credits->patterns.at[i];

        for (size_t k = 0; k < pattern->num_firsts; k++)
            add_to_row(credits, row_of(pattern->firsts[k]), i);
        if (pattern->first_agency)
            add_to_row(credits, ROW_AGENCY, i);
        if (pattern->first_any)
            add_to_row(credits, ROW_ANY, i);
        if (pattern->first_caps)
            add_to_row(credits, ROW_CAPS, i);
        if (pattern->first_paper)
            add_to_row(credits, ROW_PAPER, i);
        for (size_t where = 0; where < NUM_ROWS - ROW_AT; where++)
            if ((pattern->at & where) != 0)
                add_to_row(credits, ROW_AT + where, i);
    }
    return true;
}

static bool
add_sets(struct wcp_credits *credits)
{
    uint32_t firsts[WCP_NUM_UNIT_SETS], nums[WCP_NUM_UNIT_SETS];

    for (size_t i = 0; i < WCP_NUM_UNIT_SETS; i++)
        if (!wcp_pattern_add_units(&credits->pool, unit_sets[i],
                                   strlen(unit_sets[i]), &firsts[i], &nums[i]))
            return false;
    for (size_t i = 0; i < WCP_NUM_UNIT_SETS; i++)
        credits->sets[i] =
            (struct wcp_unit_set){ credits->pool.units.at + firsts[i],
                                   nums[i] };
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
    for (size_t i = 0; code == WCP_CODE_OK && wcp_credit_table[i] != NULL; i++)
        code = add_line(credits, wcp_credit_table[i],
                        strlen(wcp_credit_table[i]), fault);
    if (code == WCP_CODE_OK && more != NULL)
        code = add_lines(credits, more, len, path, fault);
    if (code == WCP_CODE_OK && (!add_sets(credits) || !fill_rows(credits)))
        code = wcp_no_memory(fault);
    if (code != WCP_CODE_OK) {
        wcp_credits_free(credits);
        return code;
    }
    sort_spellings(credits);
    fill_filter(credits);
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
    wcp_free_array(mem, credits->may, NUM_ROWS * credits->num_words,
                   sizeof *credits->may);
    wcp_free_array(mem, credits, 1, sizeof *credits);
}

const char *
wcp_credits_name(const struct wcp_credits *credits, uint32_t agency)
{
    return credits->names.at[agency];
}

/* ---- one pattern at one place ---- */

static bool
takes_no_room(enum wcp_pattern_slot slot)
{
    return slot == WCP_SLOT_STOP || slot == WCP_SLOT_WORD ||
           slot == WCP_SLOT_LINE || slot == WCP_SLOT_END ||
           slot == WCP_SLOT_SHUT;
}

/* Whether a step may read the character at 'at'. */
static bool
may_read(const struct wcp_match *match, size_t at)
{
    return at < match->view->num &&
           (at == match->start ||
            (match->view->flags[at] & WCP_VIEW_LINE) == 0 ||
            wcp_places_has(match, &match->crossed, at));
}

static void
run_step(struct wcp_match *match, const struct wcp_pattern_step *step,
         size_t at, struct wcp_places *ends)
{
    size_t end;

    if (step->kind == WCP_STEP_UNITS) {
        end = may_read(match, at)
                  ? wcp_match_units(match, step->first, step->num, at, false)
                  : 0;
        if (end > 0)
            wcp_places_add(match, ends, end);
    } else if (takes_no_room((enum wcp_pattern_slot)step->slot) ||
               may_read(match, at)) {
        wcp_match_slot(match, (enum wcp_pattern_slot)step->slot, at, ends);
    }
}

static void
merge(struct wcp_places *to, const struct wcp_places *from)
{
    to->bits[0] |= from->bits[0];
    to->bits[1] |= from->bits[1];
}

/* The last of a set of places, counted from the start; 0: none beyond it. */
static size_t
last_place(const struct wcp_places *places)
{
    for (size_t half = 2; half-- > 0;)
        if (places->bits[half] != 0)
            return 64 * half + 63 - (size_t)__builtin_clzll(places->bits[half]);
    return 0;
}

/* How far the pattern goes from 'start' at most; 0: it does not fit. */
static size_t
try_pattern(struct wcp_match *match, const struct wcp_pattern *pattern,
            size_t start)
{
    const struct wcp_pattern_step *steps =
        match->pool->steps.at + pattern->steps;
    struct wcp_places at[WCP_MAX_STEPS + 1];

    memset(at, 0, pattern->num * sizeof *at);
    match->start = start;
    match->crossed = (struct wcp_places){ { 0, 0 } };
    match->named = false;
    at[0].bits[0] = 1;
    for (uint32_t i = 0; i + 1 < pattern->num; i++) {
        const struct wcp_pattern_step *step = &steps[i];
        struct wcp_places ends = { { 0, 0 } };

        if ((at[i].bits[0] | at[i].bits[1]) == 0)
            continue;
        if (step->kind == WCP_STEP_FORK) {
            merge(&at[step->next], &at[i]);
            if (step->alt > 0)
                merge(&at[step->alt], &at[i]);
            continue;
        }
        for (size_t half = 0; half < 2; half++)
            for (uint64_t bits = at[i].bits[half]; bits != 0; bits &= bits - 1)
                run_step(match, step,
                         start + 64 * half + (size_t)__builtin_ctzll(bits),
                         &ends);
        merge(&at[step->next], &ends);
    }
    return last_place(&at[pattern->num - 1]);
}

/* ---- a view ---- */

/* What was found so far: datelines that name an agency before credits. */
struct finding {
    const struct wcp_credits *credits;
    struct wcp_match match;
    const struct wcp_view *view;
    size_t offset; /* of the view in the text */
    struct wcp_credit *credit;
    bool is_dated; /* the credit is that of the dateline */
    bool line;     /* nothing but marks since the line began */
};

static bool
is_letter_or_digit(const struct wcp_view *view, size_t at)
{
    return (view->flags[at] & (WCP_VIEW_LETTER | WCP_VIEW_DIGIT)) != 0;
}

/* Marks before a dateline that are none of it. */
static bool
opens(uint16_t unit)
{
    return unit == '(' || unit == '[' || unit == '*' || unit == '"' ||
           unit == '-';
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
    const struct wcp_match *match = &finding->match;
    const struct wcp_view *view = finding->view;

    if (pattern->agency == WCP_NO_AGENCY && !match->named)
        return;
    if (credit->has_credit && (finding->is_dated || !dated))
        return;
    finding->is_dated = dated;
    credit->has_credit = true;
    credit->agency =
        pattern->agency != WCP_NO_AGENCY ? pattern->agency : match->agency;
    if (match->named) {
        credit->begin = finding->offset + view->begins[match->name_begin];
        credit->end = finding->offset + view->ends[match->name_end - 1];
    } else {
        credit->begin = finding->offset + view->begins[match->start];
        credit->end = credit->begin;
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
    uint64_t bits = may[row_of(view->units[at]) * num] | may[ROW_ANY * num];

    if (is_agency)
        bits |= may[ROW_AGENCY * num];
    if ((view->flags[at] & WCP_VIEW_UPPER) != 0)
        bits |= may[ROW_CAPS * num];
    if (wcp_unit_is_east_asian(view->units[at]))
        bits |= may[ROW_PAPER * num];
    return bits & may[(ROW_AT + where) * num];
}

/* Try all patterns at a place; the longest fit counts, of equal ones the
 * first.  It is NULL if none fits; finding->match is its match. */
static const struct wcp_pattern *
best_pattern(struct finding *finding, size_t at, unsigned where,
             size_t *longest_ret)
{
    const struct wcp_credits *credits = finding->credits;
    const struct wcp_pattern *best = NULL;
    struct wcp_match best_match;
    uint32_t agency;
    bool is_agency;

    *longest_ret = 0;
    finding->match.start = at;
    is_agency = wcp_match_agency(&finding->match, at, &agency) > 0;
    for (size_t word = 0; word < credits->num_words; word++)
        for (uint64_t bits = patterns_at(finding, at, where, is_agency, word);
             bits != 0; bits &= bits - 1) {
            const struct wcp_pattern *pattern =
                &credits->patterns
                     .at[64 * word + (size_t)__builtin_ctzll(bits)];
            const size_t len = try_pattern(&finding->match, pattern, at);

            if (len > *longest_ret) {
                *longest_ret = len;
                best = pattern;
                best_match = finding->match;
            }
        }
    if (best != NULL)
        finding->match = best_match;
    return best;
}

/* Take what stands at a place. */
static void
look_at(struct finding *finding, size_t at, unsigned where)
{
    struct wcp_credit *credit = finding->credit;
    size_t longest;
    const struct wcp_pattern *best = best_pattern(finding, at, where, &longest);

    if (best == NULL)
        return;
    take_credit(finding, best, best->is_dateline && !credit->has_dateline);
    if (!best->is_dateline || credit->has_dateline)
        return;
    credit->has_dateline = true;
    while (longest > 1 && ends_dateline(finding->view->units[at + longest - 1]))
        longest--;
    credit->dateline_begin = finding->offset + finding->view->begins[at];
    credit->dateline_end =
        finding->offset + finding->view->ends[at + longest - 1];
}

static bool
is_done(const struct finding *finding)
{
    return finding->credit->has_dateline && finding->credit->has_credit;
}

/* From place 'at' of the view to 'end'. */
static void
look_through(struct finding *finding, bool tail, size_t at, size_t end)
{
    const struct wcp_view *view = finding->view;

    for (; at < end && at < view->num && !is_done(finding); at++) {
        bool mark_before = at > 0 && !is_letter_or_digit(view, at - 1);
        unsigned where = 0;

        /* Within a word, as most places are, nothing begins. */
        if (at > 0 && !mark_before &&
            (view->flags[at] & (WCP_VIEW_SPACE | WCP_VIEW_LINE)) == 0) {
            finding->line = false;
            continue;
        }
        finding->line = (at == 0 && finding->offset == 0) ||
                        (view->flags[at] & WCP_VIEW_LINE) ||
                        (finding->line && at > 0 && opens(view->units[at - 1]));
        if (tail &&
            (finding->line || (mark_before && opens(view->units[at - 1]))))
            where = WCP_AT_TAIL;
        else if (!tail && finding->line)
            where = WCP_AT_LINE | WCP_AT_WORD;
        else if (!tail && (mark_before || (view->flags[at] & WCP_VIEW_SPACE)))
            where = WCP_AT_WORD;
        if ((where & WCP_AT_LINE) != 0 ||
            (where != 0 && is_allowed(finding->credits, view, at)))
            look_at(finding, at, where);
    }
}

void
wcp_credits_find(const struct wcp_credits *credits, const char *text,
                 size_t len, struct wcp_credit *credit)
{
    struct wcp_view view;
    struct finding finding = {
        .credits = credits,
        .match = { .view = &view,
                   .pool = &credits->pool,
                   .spellings = credits->spellings.at,
                   .num_spellings = credits->spellings.num,
                   .sets = credits->sets },
        .view = &view,
        .credit = credit,
    };
    size_t head = len < HEAD_BYTES ? len : HEAD_BYTES, tail = 0;

    *credit = (struct wcp_credit){ .agency = WCP_NO_AGENCY };
    /* Most datelines are where the text begins: first with a short view. */
    wcp_view_make(&view, text, head, 0, FIRST_PLACES + WCP_MATCH_MAX + 1);
    view.at_end &= head == len;
    look_through(&finding, false, 0, FIRST_PLACES);
    if (is_done(&finding))
        return;
    wcp_view_make(&view, text, head, 0, WCP_VIEW_MAX);
    view.at_end &= head == len;
    look_through(&finding, false, FIRST_PLACES, WCP_VIEW_MAX);
    if (is_done(&finding))
        return;
    if (len > TAIL_BYTES)
        tail = len - TAIL_BYTES;
    while (tail < len && ((unsigned char)text[tail] & 0xC0) == 0x80)
        tail++;
    finding.offset = tail;
    finding.line = false;
    if (tail > 0 || head < len) /* else it is the same view */
        wcp_view_make(&view, text, len, tail, WCP_VIEW_MAX);
    look_through(&finding, true, 0, WCP_VIEW_MAX);
}

/* ---- sources and paths ---- */

uint32_t
wcp_credits_agency_of(const struct wcp_credits *credits, const char *name,
                      size_t len)
{
    struct wcp_view view;
    struct wcp_match match = { .view = &view,
                               .pool = &credits->pool,
                               .spellings = credits->spellings.at,
                               .num_spellings = credits->spellings.num,
                               .sets = credits->sets };

    wcp_view_make(&view, name, len, 0, WCP_VIEW_MAX);
    for (size_t at = 0; at < view.num; at++) {
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
