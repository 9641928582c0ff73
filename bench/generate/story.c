/*
 * story.c - a number -> the story of that number, always the same
 *
 * A story is a dateline and sentences in paragraphs.  Its length is drawn as
 * an octave and a place in it, so that short ones are frequent: with the
 * figures below a record is about 2,000 bytes in the mean.
 */
#include "generate.h"

#include <stdio.h>
#include <string.h>

static enum gen_lang
story_lang(const struct gen_plan *plan, uint64_t story)
{
    struct bench_random random = gen_stream(plan->seed, GEN_WHEN, ~story);

    if (plan->lang != GEN_MIXED)
        return plan->lang;
    return bench_below(&random, 2) == 0 ? GEN_ZH : GEN_EN;
}

void
gen_add_piece(struct gen_story *story, size_t begin, bool ends_paragraph)
{
    story->pieces[story->num++] =
        (struct gen_piece){ begin, story->bytes.len - begin, ends_paragraph };
}

void
gen_dateline(const struct gen_plan *plan, enum gen_lang lang, uint64_t second,
             struct bench_random *random, struct bench_bytes *out)
{
    const unsigned agency = (unsigned)bench_below(random, GEN_AGENCIES);
    unsigned date[3];
    char day[64];

    gen_calendar(second, date);
    if (lang == GEN_ZH) {
        gen_source(plan->words, lang, agency, out);
        gen_word(plan->words, lang, false, random, out);
        snprintf(day, sizeof day, "%u月%u日电　", date[1], date[2]);
        gen_string(out, day);
        return;
    }
    gen_word(plan->words, lang, true, random, out);
    snprintf(day, sizeof day, ", %u.%u. (", date[2], date[1]);
    gen_string(out, day);
    gen_source(plan->words, lang, agency, out);
    gen_string(out, ") - ");
}

/* Bytes of sentences. */
static size_t
draw_length(struct bench_random *random)
{
    const uint64_t least = (uint64_t)320 << bench_below(random, 4);

    return (size_t)(least + bench_below(random, least));
}

void
gen_story_make(const struct gen_plan *plan, uint64_t story,
               struct gen_story *out)
{
    struct bench_random random = gen_stream(plan->seed, GEN_STORY, story);
    const size_t len = draw_length(&random);

    out->lang = story_lang(plan, story);
    out->bytes.len = out->num = 0;
    gen_dateline(plan, out->lang, gen_plan_when(plan, story), &random,
                 &out->bytes);
    gen_add_piece(out, 0, false);
    do {
        const size_t begin = out->bytes.len;

        gen_sentence(plan->words, out->lang, &random, &out->bytes);
        gen_add_piece(out, begin, gen_chance(&random, 40));
    } while (out->bytes.len < len);
    out->pieces[out->num - 1].ends_paragraph = true;
}

void
gen_story_text(const struct gen_story *story, struct bench_bytes *out)
{
    char *end = gen_room(out, 0);

    for (size_t i = 0; i < story->num; i++) {
        const struct gen_piece *piece = &story->pieces[i];

        end = gen_room(out, piece->len + 2);
        memcpy(end, story->bytes.data + piece->begin, piece->len);
        out->len += piece->len;
        if (piece->ends_paragraph)
            out->data[out->len++] = '\n';
    }
}
