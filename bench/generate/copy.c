/*
 * copy.c - an original -> what a paper makes of it
 *
 * One copy in eight is left as it is.  The others are edited twice: whole
 * sentences first (another dateline or none, another lead, paragraphs dropped,
 * the end cut off, notices and other stories put in), then characters (the
 * other script, full-width digits, pinyin, columns, misprints).  Each edit has
 * a probability of its own, so that many come together.
 */
#include "generate.h"

#include <string.h>

/* In a hundred copies. */
enum {
    VERBATIM = 12,
    NEW_DATELINE = 35,
    NO_DATELINE = 25, /* of the others */
    NEW_LEAD = 12,
    CUT = 18,
    DROPPED = 12,
    COPYRIGHT = 6,
    ADVERT = 8,
    PAGE = 6,
    KNOWN_STORY = 60, /* of the other stories of a page */
    MISPRINTS = 15,
    TRADITIONAL = 15,
    FULL_WIDTH = 12,
    PINYIN = 4,
    COLUMNS = 6
};

static void
remove_pieces(struct gen_story *story, size_t from, size_t to)
{
    memmove(story->pieces + from, story->pieces + to,
            (story->num - to) * sizeof *story->pieces);
    story->num -= to - from;
}

/* Move the last piece to place 'at'. */
static void
move_last(struct gen_story *story, size_t at)
{
    const struct gen_piece last = story->pieces[--story->num];

    memmove(story->pieces + at + 1, story->pieces + at,
            (story->num - at) * sizeof *story->pieces);
    story->pieces[at] = last;
    story->num++;
}

/* ---- sentences ---- */

static void
change_dateline(const struct gen_plan *plan, uint64_t number,
                struct bench_random *random, struct gen_story *story)
{
    if (gen_chance(random, NEW_DATELINE)) {
        const size_t begin = story->bytes.len;

        gen_dateline(plan, story->lang, gen_plan_when(plan, number), random,
                     &story->bytes);
        gen_add_piece(story, begin, false);
        story->pieces[0] = story->pieces[--story->num];
    } else if (gen_chance(random, NO_DATELINE)) {
        story->pieces[0].len = 0;
    }
}

/* The first sentence in other words. */
static void
change_lead(const struct gen_plan *plan, struct bench_random *random,
            struct gen_story *story)
{
    const size_t begin = story->bytes.len;

    gen_sentence(plan->words, story->lang, random, &story->bytes);
    gen_add_piece(story, begin, story->pieces[1].ends_paragraph);
    story->pieces[1] = story->pieces[--story->num];
}

/* Keep between a third and all of the sentences. */
static void
cut_end(struct bench_random *random, struct gen_story *story)
{
    const size_t least = 2 + (story->num - 2) / 3;

    story->num = least + bench_below(random, story->num - least + 1);
    story->pieces[story->num - 1].ends_paragraph = true;
}

/* One paragraph that is neither the first nor all that is left. */
static void
drop_paragraph(struct bench_random *random, struct gen_story *story)
{
    size_t from = 2 + bench_below(random, story->num), to;

    while (from < story->num && !story->pieces[from - 1].ends_paragraph)
        from++;
    for (to = from + 1; to < story->num; to++)
        if (story->pieces[to - 1].ends_paragraph)
            break;
    if (to <= story->num)
        remove_pieces(story, from, to);
}

static void
add_copyrights(const struct gen_plan *plan, unsigned source,
               struct gen_story *story)
{
    const size_t begin = story->bytes.len;
    struct gen_piece notice;

    gen_notice(plan->words, story->lang, source, GEN_COPYRIGHT, &story->bytes);
    notice = (struct gen_piece){ begin, story->bytes.len - begin, true };
    for (size_t i = story->num; i-- > 0;)
        if (story->pieces[i].ends_paragraph && story->num < GEN_MAX_PIECES) {
            story->pieces[story->num++] = notice;
            move_last(story, i + 1);
        }
}

static void
add_advert(const struct gen_plan *plan, unsigned source,
           struct gen_story *story)
{
    const size_t begin = story->bytes.len;

    gen_notice(plan->words, story->lang, source, GEN_ADVERT, &story->bytes);
    gen_add_piece(story, begin, true);
    move_last(story, 0);
}

static void
edit_sentences(const struct gen_plan *plan, const struct gen_copy *copy,
               struct bench_random *random, struct gen_story *story)
{
    change_dateline(plan, copy->story, random, story);
    if (gen_chance(random, NEW_LEAD))
        change_lead(plan, random, story);
    if (gen_chance(random, DROPPED))
        drop_paragraph(random, story);
    if (gen_chance(random, CUT))
        cut_end(random, story);
    if (gen_chance(random, COPYRIGHT))
        add_copyrights(plan, copy->source, story);
    if (gen_chance(random, ADVERT) && story->num < GEN_MAX_PIECES)
        add_advert(plan, copy->source, story);
}

/* ---- characters: passes over the text behind 'from' ---- */

static bool
is_han(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    return s[0] >= 0xE4 && s[0] <= 0xE9;
}

static size_t
char_len(const char *text)
{
    const unsigned char c = (unsigned char)*text;

    return c < 0x80 ? 1 : c < 0xE0 ? 2 : 3;
}

static void
put_code(char *out, uint32_t code)
{
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
}

/* A converter's slips: one character in 64 stays as it was. */
static void
to_traditional(const struct gen_plan *plan, struct bench_random *random,
               struct bench_bytes *text, size_t from)
{
    for (size_t i = from; i < text->len; i += char_len(text->data + i)) {
        const unsigned char *s = (unsigned char *)text->data + i;
        uint32_t code;

        if (!is_han(text->data + i))
            continue;
        code = (uint32_t)(s[0] & 15) << 12 | (uint32_t)(s[1] & 63) << 6 |
               (s[2] & 63);
        code = plan->words->traditional[code - 0x4E00];
        if (code != 0 && bench_below(random, 64) > 0)
            put_code(text->data + i, code);
    }
}

/* One to five letters or characters are others. */
static void
misprint(const struct gen_plan *plan, struct bench_random *random,
         struct bench_bytes *text, size_t from)
{
    for (uint64_t n = 1 + bench_below(random, 5); n > 0; n--) {
        size_t i = from + (size_t)bench_below(random, text->len - from);

        while (i < text->len && ((unsigned char)text->data[i] & 0xC0) == 0x80)
            i++;
        if (i >= text->len)
            continue;
        if (is_han(text->data + i))
            put_code(text->data + i,
                     plan->words->han[bench_below(random, 1000)]);
        else if (text->data[i] >= 'a' && text->data[i] <= 'z')
            text->data[i] = (char)('a' + (int)bench_below(random, 26));
    }
}

struct additions {
    bool full_width, pinyin, columns;
};

/* Edits that make the text longer, which is written anew behind itself. */
static void
lengthen(const struct additions *what, struct bench_random *random,
         struct bench_bytes *text, size_t from)
{
    static const char *const syllables[] = { "(bā)",  "(lóng)", "(shǔ)",
                                             "(qiè)", "(wēi)",  "(lǚ)" };
    const size_t end = text->len;
    size_t column = 0, len;

    gen_room(text, 3 * (end - from) + 64);
    for (size_t i = from; i < end; i += len) {
        gen_room(text, 16);
        len = char_len(text->data + i);
        if (what->full_width && text->data[i] >= '0' && text->data[i] <= '9') {
            put_code(text->data + text->len,
                     0xFF10 + (uint32_t)(text->data[i] - '0'));
            text->len += 3;
        } else {
            memcpy(text->data + text->len, text->data + i, len);
            text->len += len;
        }
        if (what->pinyin && is_han(text->data + i) &&
            bench_below(random, 12) == 0)
            gen_string(text, syllables[bench_below(random, 6)]);
        if (what->columns && ++column % (len == 1 ? 40 : 18) == 0)
            text->data[text->len++] = '\n';
    }
    memmove(text->data + from, text->data + end, text->len - end);
    text->len = from + text->len - end;
}

static void
edit_characters(const struct gen_plan *plan, enum gen_lang lang,
                struct bench_random *random, struct bench_bytes *text,
                size_t from)
{
    const bool is_zh = lang == GEN_ZH;
    struct additions what = { 0 };

    if (gen_chance(random, TRADITIONAL) && is_zh)
        to_traditional(plan, random, text, from);
    if (gen_chance(random, MISPRINTS))
        misprint(plan, random, text, from);
    what.full_width = gen_chance(random, FULL_WIDTH) && is_zh;
    what.pinyin = gen_chance(random, PINYIN) && is_zh;
    what.columns = gen_chance(random, COLUMNS) && !what.pinyin;
    if (what.full_width || what.pinyin || what.columns)
        lengthen(&what, random, text, from);
}

/* ---- a copy ---- */

/* Other stories of the page: known ones, or some that are nowhere else. */
static void
add_stories(const struct gen_plan *plan, struct gen_copy *copy,
            struct bench_random *random, struct gen_story *work,
            struct bench_bytes *out)
{
    for (uint64_t n = 1 + bench_below(random, GEN_MAX_ALSO); n > 0; n--) {
        uint64_t story = ~bench_below(random, UINT64_MAX);

        if (gen_chance(random, KNOWN_STORY)) {
            bool is_new;

            story = gen_plan_choose(plan, random);
            is_new = story != copy->story;
            for (unsigned i = 0; i < copy->num_also; i++)
                is_new = is_new && story != copy->also[i];
            if (!is_new)
                continue;
            copy->also[copy->num_also++] = story;
        }
        gen_story_make(plan, story, work);
        gen_story_text(work, out);
    }
}

void
gen_copy_make(const struct gen_plan *plan, struct gen_copy *copy,
              struct bench_random *random, struct gen_story *work,
              struct bench_bytes *out)
{
    const size_t from = out->len;

    copy->num_also = 0;
    gen_story_make(plan, copy->story, work);
    if (gen_chance(random, VERBATIM)) {
        gen_story_text(work, out);
        return;
    }
    copy->is_page = gen_chance(random, PAGE);
    if (copy->is_page) {
        gen_story_text(work, out);
        add_stories(plan, copy, random, work, out);
        return;
    }
    edit_sentences(plan, copy, random, work);
    gen_story_text(work, out);
    edit_characters(plan, work->lang, random, out, from);
}
