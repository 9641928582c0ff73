/*
 * credit_pattern.c - patterns of datelines, from text to steps
 *
 * A pattern is letters and marks with slots in braces, [a|b] for what may be
 * absent and <a|b> for a choice.  It becomes a graph whose steps only lead
 * onwards: one pass over them in order, each with the set of places where it
 * can begin, finds all ways through a text at once (credits.c).
 */
#include "group/credit.h"

#include <string.h>

enum {
    MAX_DEPTH = 4,
    MAX_CHOICES = 16,
};

static const char *const slot_names[] = {
    [WCP_SLOT_AGENCY] = "agency", [WCP_SLOT_NAME] = "name",
    [WCP_SLOT_PAPER] = "paper",   [WCP_SLOT_PLACE] = "place",
    [WCP_SLOT_CAPS] = "caps",     [WCP_SLOT_DATE] = "date",
    [WCP_SLOT_YEAR] = "year",     [WCP_SLOT_WHO] = "who",
    [WCP_SLOT_BY] = "by",         [WCP_SLOT_DASH] = "dash",
    [WCP_SLOT_STOP] = "stop",     [WCP_SLOT_WORD] = "word",
    [WCP_SLOT_LINE] = "line",     [WCP_SLOT_END] = "end",
    [WCP_SLOT_SHUT] = "shut",
};

/* A pattern that is being read. */
struct parse {
    struct wcp_pattern_pool *pool;
    const char *text;
    size_t len, at;
    size_t base; /* the pattern's first step */
    struct wcp_fault *fault;
};

bool
wcp_pattern_add_units(struct wcp_pattern_pool *pool, const char *text,
                      size_t len, uint32_t *first_ret, uint32_t *num_ret)
{
    struct wcp_view view;

    wcp_view_begin(&view, text, len, 0);
    wcp_view_extend(&view, WCP_VIEW_MAX);
    if (!wcp_array_reserve(pool->mem, &pool->units,
                           pool->units.num + view.num) ||
        !wcp_array_reserve(pool->mem, &pool->spaces,
                           pool->spaces.num + view.num))
        return false;
    *first_ret = (uint32_t)pool->units.num;
    *num_ret = (uint32_t)view.num;
    for (size_t i = 0; i < view.num; i++) {
        pool->units.at[pool->units.num++] = view.units[i];
        pool->spaces.at[pool->spaces.num++] =
            (view.flags[i] & WCP_VIEW_SPACE) != 0;
    }
    return true;
}

/* Append a step that leads to the one behind it. */
static enum wcp_code
add_step(struct parse *parse, struct wcp_pattern_step step)
{
    struct wcp_pattern_pool *pool = parse->pool;
    size_t num = pool->steps.num - parse->base;

    if (num >= WCP_MAX_STEPS)
        return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "the pattern is too long");
    if (!wcp_array_grow(pool->mem, &pool->steps))
        return wcp_no_memory(parse->fault);
    step.next = (uint16_t)(num + 1);
    pool->steps.at[pool->steps.num++] = step;
    return WCP_CODE_OK;
}

static enum wcp_code
read_units(struct parse *parse)
{
    struct wcp_pattern_step step = { .kind = WCP_STEP_UNITS };
    size_t begin = parse->at;
    uint32_t num;

    while (parse->at < parse->len &&
           strchr("{}[]<>|", parse->text[parse->at]) == NULL)
        parse->at++;
    if (!wcp_pattern_add_units(parse->pool, parse->text + begin,
                               parse->at - begin, &step.first, &num))
        return wcp_no_memory(parse->fault);
    step.num = (uint16_t)num;
    return num > 0 ? add_step(parse, step) : WCP_CODE_OK;
}

static enum wcp_code
read_slot(struct parse *parse, struct wcp_pattern *pattern)
{
    struct wcp_pattern_step step = { .kind = WCP_STEP_SLOT };
    const char *name = parse->text + parse->at + 1;
    const char *end = memchr(name, '}', parse->len - parse->at - 1);
    size_t len = end != NULL ? (size_t)(end - name) : 0;

    if (end == NULL)
        return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "a { has no } behind it");
    while (step.slot < WCP_NUM_SLOTS &&
           (strlen(slot_names[step.slot]) != len ||
            memcmp(slot_names[step.slot], name, len) != 0))
        step.slot++;
    if (step.slot == WCP_NUM_SLOTS)
        return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "there is no slot {%.*s}; there are {agency}, {name}, "
                        "{place}, {date}, {who}, {by} and others",
                        (int)(len < 40 ? len : 40), name);
    parse->at += len + 2;
    switch ((enum wcp_pattern_slot)step.slot) {
    case WCP_SLOT_PLACE:
    case WCP_SLOT_CAPS:
    case WCP_SLOT_DATE:
    case WCP_SLOT_WHO:
    case WCP_SLOT_BY:
        pattern->is_dateline = true;
        break;
    case WCP_SLOT_AGENCY:
    case WCP_SLOT_NAME:
    case WCP_SLOT_PAPER:
    case WCP_SLOT_YEAR:
    case WCP_SLOT_DASH:
    case WCP_SLOT_STOP:
    case WCP_SLOT_WORD:
    case WCP_SLOT_LINE:
    case WCP_SLOT_END:
    case WCP_SLOT_SHUT:
    case WCP_NUM_SLOTS:
        break;
    }
    return add_step(parse, step);
}

static enum wcp_code read_sequence(struct parse *parse,
                                   struct wcp_pattern *pattern, int depth);

/*
 * [a|b] or <a|b>: before each choice a fork that leads to it and to the next
 * fork; behind each choice a step that leads to the end of all.
 */
static enum wcp_code
read_choices(struct parse *parse, struct wcp_pattern *pattern, int depth)
{
    struct wcp_pattern_pool *pool = parse->pool;
    bool may_lack = parse->text[parse->at] == '[';
    char close = may_lack ? ']' : '>';
    size_t ends[MAX_CHOICES], num = 0, fork;
    enum wcp_code code = WCP_CODE_OK;
    bool more = true;

    while (more && code == WCP_CODE_OK) {
        if (num == MAX_CHOICES)
            return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                            "more than %d choices", MAX_CHOICES);
        fork = pool->steps.num;
        code =
            add_step(parse, (struct wcp_pattern_step){ .kind = WCP_STEP_FORK });
        parse->at++;
        if (code == WCP_CODE_OK)
            code = read_sequence(parse, pattern, depth + 1);
        ends[num++] = pool->steps.num;
        if (code == WCP_CODE_OK)
            code = add_step(parse,
                            (struct wcp_pattern_step){ .kind = WCP_STEP_FORK });
        if (code != WCP_CODE_OK)
            return code;
        more = parse->at < parse->len && parse->text[parse->at] == '|';
        pool->steps.at[fork].alt = (uint16_t)(pool->steps.num - parse->base);
        if (!more && !may_lack)
            pool->steps.at[fork].alt = 0; /* no other way */
    }
    if (parse->at >= parse->len || parse->text[parse->at] != close)
        return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "a %c has no %c behind it", may_lack ? '[' : '<',
                        close);
    parse->at++;
    for (size_t i = 0; i < num; i++)
        pool->steps.at[ends[i]].next =
            (uint16_t)(pool->steps.num - parse->base);
    return WCP_CODE_OK;
}

/* Up to a mark that ends a choice, or the end. */
static enum wcp_code
read_sequence(struct parse *parse, struct wcp_pattern *pattern, int depth)
{
    enum wcp_code code = WCP_CODE_OK;

    if (depth > MAX_DEPTH)
        return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "choices within choices go too deep");
    while (code == WCP_CODE_OK && parse->at < parse->len) {
        switch (parse->text[parse->at]) {
        case '{':
            code = read_slot(parse, pattern);
            break;
        case '[':
        case '<':
            code = read_choices(parse, pattern, depth);
            break;
        case '|':
        case ']':
        case '>':
            if (depth > 0)
                return WCP_CODE_OK;
            return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                            "a %c with no [ or < before it",
                            parse->text[parse->at]);
        case '}':
            return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                            "a } has no { before it");
        default:
            code = read_units(parse);
            break;
        }
    }
    return code;
}

/* Note what the pattern may begin with. */
static enum wcp_code
note_firsts(struct parse *parse, struct wcp_pattern *pattern)
{
    const struct wcp_pattern_step *steps =
        parse->pool->steps.at + pattern->steps;
    bool reached[WCP_MAX_STEPS + 1] = { true };

    for (uint32_t i = 0; i + 1 < pattern->num; i++) {
        const struct wcp_pattern_step *step = &steps[i];

        if (!reached[i])
            continue;
        if (step->kind == WCP_STEP_FORK) {
            reached[step->next] = true;
            if (step->alt > 0)
                reached[step->alt] = true;
        } else if (step->kind == WCP_STEP_SLOT) {
            if (step->slot == WCP_SLOT_AGENCY)
                pattern->first_agency = true;
            else if (step->slot == WCP_SLOT_CAPS)
                pattern->first_caps = true;
            else if (step->slot == WCP_SLOT_PAPER)
                pattern->first_paper = true;
            else
                pattern->first_any = true;
        } else if (pattern->num_firsts < WCP_MAX_FIRSTS) {
            const uint16_t *units = parse->pool->units.at + step->first;

            pattern->seconds[pattern->num_firsts] =
                step->num > 1 ? units[1] : 0;
            pattern->thirds[pattern->num_firsts] = step->num > 2 ? units[2] : 0;
            pattern->firsts[pattern->num_firsts++] = units[0];
        } else {
            pattern->first_any = true;
        }
    }
    if (reached[pattern->num - 1])
        return wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "all of the pattern may be absent");
    return WCP_CODE_OK;
}

enum wcp_code
wcp_pattern_make(struct wcp_pattern_pool *pool, const char *text, size_t len,
                 struct wcp_pattern *pattern, struct wcp_fault *fault)
{
    struct parse parse = { pool, text, len, 0, pool->steps.num, fault };
    enum wcp_code code;

    *pattern = (struct wcp_pattern){ .agency = WCP_NO_AGENCY };
    for (; parse.at < len; parse.at++) {
        if (text[parse.at] == '^')
            pattern->at |= WCP_AT_LINE;
        else if (text[parse.at] == '~')
            pattern->at |= WCP_AT_WORD;
        else if (text[parse.at] == '$')
            pattern->at |= WCP_AT_TAIL;
        else
            break;
    }
    if (pattern->at == 0)
        pattern->at = WCP_AT_LINE;
    pattern->steps = (uint32_t)parse.base;
    code = read_sequence(&parse, pattern, 0);
    if (code == WCP_CODE_OK && pool->steps.num == parse.base)
        code = wcp_fail(fault, WCP_CODE_BAD_RECORD, 0, "the pattern is empty");
    if (code == WCP_CODE_OK)
        code = add_step(&parse,
                        (struct wcp_pattern_step){ .kind = WCP_STEP_DONE });
    if (code != WCP_CODE_OK)
        return code;
    pattern->num = (uint32_t)(pool->steps.num - parse.base);
    return note_firsts(&parse, pattern);
}
