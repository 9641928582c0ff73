/*
 * generate_main.c - wirecopy-generate: a corpus of any size, copies known
 *
 * Documents are written one after the other, each from its number alone (see
 * plan.c).  With gold, the original of each copy is written once more to be
 * compared with it.
 */
#include "generate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    const char *path; /* NULL: standard output */
    FILE *file;
};

struct generator {
    const struct gen_settings *settings;
    struct gen_plan plan;
    struct gen_story work;
    struct gen_gold *compare;
    struct bench_bytes text, original, line, title;
    struct writer output, gold, values;
};

/* ---- files ---- */

static void
open_writer(struct writer *writer, const char *path)
{
    writer->path = path;
    if (path == NULL)
        return;
    writer->file = fopen(path, "wb");
    if (writer->file == NULL)
        gen_die("cannot write '%s': %s", path, strerror(errno));
}

static void
close_writer(struct writer *writer)
{
    if (writer->file != NULL &&
        (fflush(writer->file) != 0 || ferror(writer->file) ||
         fclose(writer->file) != 0))
        gen_die("cannot write '%s': %s",
                writer->path != NULL ? writer->path : "standard output",
                strerror(errno));
}

static void
put(struct writer *writer, const struct bench_bytes *bytes)
{
    if (fwrite(bytes->data, 1, bytes->len, writer->file) != bytes->len)
        gen_die("cannot write '%s': %s",
                writer->path != NULL ? writer->path : "standard output",
                strerror(errno));
}

/* ---- one document ---- */

/* No quote and no backslash stands in what is generated: only line ends have
 * to be written otherwise, and the last one is left out. */
static void
put_text(struct bench_bytes *line, const struct bench_bytes *text)
{
    const char *at = text->data, *const last = text->data + text->len - 1;

    for (;;) {
        const char *stop = memchr(at, '\n', (size_t)(last - at));
        const size_t len = (size_t)((stop != NULL ? stop : last) - at);

        memcpy(gen_room(line, len + 2), at, len);
        line->len += len;
        if (stop == NULL)
            return;
        line->data[line->len++] = '\\';
        line->data[line->len++] = 'n';
        at = stop + 1;
    }
}

static void
put_record(struct generator *g, uint64_t document, uint64_t second,
           unsigned source)
{
    struct bench_bytes *line = &g->line;
    const unsigned clock = (unsigned)(second % 86400);
    unsigned date[3];

    gen_calendar(second, date);
    line->len = 0;
    gen_room(line, 200);
    line->len =
        (size_t)snprintf(line->data, 40, "{\"id\":\"%010llu\",\"title\":\"",
                         (unsigned long long)document);
    memcpy(gen_room(line, g->title.len), g->title.data, g->title.len);
    line->len += g->title.len;
    gen_room(line, 100);
    line->len += (size_t)snprintf(
        line->data + line->len, 80,
        "\",\"date\":\"%04u-%02u-%02uT%02u:%02u:%02uZ\",\"source\":\"", date[0],
        date[1], date[2], clock / 3600, clock / 60 % 60, clock % 60);
    gen_source(g->plan.words, g->work.lang, source, line);
    gen_string(line, "\",\"text\":\"");
    put_text(line, &g->text);
    gen_string(line, "\"}\n");
}

static void
put_gold(struct generator *g, uint64_t document, uint64_t story, bool is_page)
{
    const unsigned long long copy = document,
                             original = gen_plan_original(&g->plan, story);
    struct gen_likeness likeness;

    gen_story_make(&g->plan, story, &g->work);
    g->original.len = 0;
    gen_story_text(&g->work, &g->original);
    gen_gold_compare(g->compare, &g->original, &g->text, &likeness);
    if (g->gold.file != NULL)
        fprintf(g->gold.file, "%010llu\t%010llu\t%s\n", copy, original,
                gen_relation(&likeness, is_page));
    if (g->values.file != NULL)
        fprintf(g->values.file, "%010llu\t%010llu\t%.6f\t%.6f\t%.6f\n", copy,
                original, likeness.jaccard, likeness.covers, likeness.covered);
}

/* The headline is that of the story or another; most papers have their own. */
static void
make_title(struct generator *g, uint64_t story, bool own,
           struct bench_random *random)
{
    struct bench_random of_story = gen_stream(g->plan.seed, GEN_STORY, ~story);

    g->title.len = 0;
    gen_headline(g->plan.words, g->work.lang, own ? random : &of_story,
                 &g->title);
}

/* Ten minutes to three days later; short delays are frequent. */
static uint64_t
draw_delay(struct bench_random *random)
{
    return (uint64_t)600 +
           bench_below(random, (uint64_t)506 << bench_below(random, 10));
}

static void
make_document(struct generator *g, uint64_t document)
{
    struct bench_random random = gen_stream(g->plan.seed, GEN_EDITS, document);
    struct gen_copy copy = { 0 };
    const bool is_copy = gen_plan_copies(&g->plan, document, &copy.story);
    uint64_t second;

    g->text.len = 0;
    if (!is_copy) {
        copy.source = (unsigned)bench_below(&random, GEN_AGENCIES);
        gen_story_make(&g->plan, copy.story, &g->work);
        gen_story_text(&g->work, &g->text);
    } else {
        copy.story = gen_plan_choose(&g->plan, &random);
        copy.source =
            (unsigned)(GEN_AGENCIES +
                       bench_below(&random, GEN_SOURCES - GEN_AGENCIES));
        gen_copy_make(&g->plan, &copy, &random, &g->work, &g->text);
    }
    second = gen_plan_when(&g->plan, copy.story);
    for (unsigned i = 0; i < copy.num_also; i++) {
        const uint64_t other = gen_plan_when(&g->plan, copy.also[i]);

        second = other > second ? other : second;
    }
    if (is_copy)
        second += draw_delay(&random);
    make_title(g, copy.story, is_copy && gen_chance(&random, 85), &random);
    put_record(g, document, second, copy.source);
    if (!is_copy || g->compare == NULL)
        return;
    put_gold(g, document, copy.story, copy.is_page);
    for (unsigned i = 0; i < copy.num_also; i++)
        put_gold(g, document, copy.also[i], true);
}

/* ---- all of them ---- */

/* The number of documents for a size: what the first ones take in the mean.
 * How many there are changes only which stories are copied. */
static uint64_t
count_for_size(struct generator *g, struct gen_settings *settings)
{
    const uint64_t num = 20000;
    uint64_t sum = 0, documents;

    settings->documents = num;
    gen_plan_init(&g->plan, settings, g->plan.words);
    for (uint64_t i = 0; i < num; i++) {
        make_document(g, i);
        sum += g->line.len;
    }
    documents = (uint64_t)((double)settings->size / (double)sum * (double)num);
    if (documents > 4000000000)
        gen_die("more than 4000000000 documents are too many");
    return documents > 0 ? documents : 1;
}

static void
run(struct generator *g, struct gen_settings *settings)
{
    struct gen_words *words = gen_words_new(settings->seed);

    g->plan.words = words;
    if (settings->documents == 0)
        settings->documents = count_for_size(g, settings);
    gen_plan_init(&g->plan, settings, words);
    open_writer(&g->gold, settings->gold);
    open_writer(&g->values, settings->values);
    open_writer(&g->output, settings->output);
    if (settings->output == NULL)
        g->output.file = stdout;
    if (settings->gold != NULL || settings->values != NULL)
        g->compare = gen_gold_new();
    for (uint64_t i = 0; i < settings->documents; i++) {
        make_document(g, i);
        put(&g->output, &g->line);
    }
    close_writer(&g->output);
    close_writer(&g->gold);
    close_writer(&g->values);
    gen_gold_free(g->compare);
    free(words);
}

int
main(int argc, char **argv)
{
    static struct generator g; /* large: the pieces of a story */
    struct gen_settings settings;
    int status;

    if (!gen_arguments(&settings, argc, argv, &status))
        return status;
    run(&g, &settings);
    free(g.work.bytes.data);
    free(g.text.data);
    free(g.original.data);
    free(g.line.data);
    free(g.title.data);
    return 0;
}
