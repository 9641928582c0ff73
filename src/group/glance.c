/*
 * glance.c - whether a glance shows that no figure was exchanged
 *
 * Copies are the same text but for a few stretches.  What lies between these is
 * compared as it stands, and figures are read in the stretches alone: if in
 * each of them those of the one text stand in the same order among the other's,
 * they do in all.  So it is with nine pairs of ten, and takes a tenth of what
 * it takes to read all figures of both.
 *
 * Behind a difference the texts go on where they have RUN units in common, of
 * which a probe is looked for: close by first, for most often a word was put
 * for another, then as far as paragraphs go.
 */
#include "group/slots.h"

#include <string.h>

enum {
    /* Units around a stretch that are read with it: as many as the longest
     * word has, so that none is cut that reaches into it. */
    MARGIN = 9,
    RUN = 3 * MARGIN, /* stretches do not meet, nor do words across an end */
    NUM_PROBES = 6,
    MAX_STRETCHES = 64
};

/* Units of the one text to be passed over, and how far around that place the
 * probe is looked for in the other. */
static const struct {
    uint32_t skip, around;
} probes[NUM_PROBES] = { { 8, 16 },    { 24, 32 },   { 64, 96 },
                         { 160, 192 }, { 320, 384 }, { 640, 768 } };

/* Two texts, how far they were compared, and whose figures follow in the
 * other's so far. */
struct glance {
    const struct wcp_figure_reader *reader;
    const struct wcp_folded *texts[2];
    size_t at[2];
    struct wcp_figures *figures[2]; /* room for those of a stretch */
    bool follow[2];
    bool no_memory;
};

static size_t
lesser(size_t x, size_t y)
{
    return x < y ? x : y;
}

static size_t
common_units(const uint16_t *x, const uint16_t *y, size_t num)
{
    size_t i = 0;

    for (; i + 32 <= num; i += 32)
        if (memcmp(x + i, y + i, 32 * sizeof *x) != 0)
            break;
    while (i < num && x[i] == y[i])
        i++;
    return i;
}

static bool
is_numeral(uint16_t unit)
{
    return wcp_is_digit(unit) ||
           (unit >= 0x3007 && wcp_is_chinese_numeral(unit));
}

/* Whether a run of numerals goes over a place of a text. */
static bool
splits_run(const struct wcp_folded *text, size_t at)
{
    return at > 0 && at < text->num && is_numeral(text->units[at - 1]) &&
           is_numeral(text->units[at]);
}

/* Compare the figures of two stretches that begin at begins[] and end at
 * ends[], of which the margins are common to both.  False: they say nothing. */
static bool
compare_stretch(struct glance *g, const size_t begins[2], const size_t ends[2])
{
    for (int i = 0; i < 2; i++) {
        const struct wcp_folded *text = g->texts[i];
        struct wcp_folded part = { .units = text->units + begins[i],
                                   .num = ends[i] - begins[i] };

        if (splits_run(text, begins[i]) || splits_run(text, ends[i]))
            return false;
        if (!wcp_figures_read(g->figures[i], g->reader, &part)) {
            g->no_memory = true;
            return false;
        }
    }
    for (int i = 0; i < 2; i++)
        g->follow[i] = g->follow[i] &&
                       g->figures[i]->num <= g->figures[1 - i]->num &&
                       wcp_figures_follow(g->figures[i], g->figures[1 - i]);
    return g->follow[0] || g->follow[1];
}

/* Look for units of text a behind 'skip' more in text b; false: not there. */
static bool
find_probe(const struct glance *g, int a, const size_t skip, size_t around,
           size_t ends[2])
{
    const struct wcp_folded *x = g->texts[a], *y = g->texts[1 - a];
    const size_t from = g->at[a] + skip;
    const size_t middle = g->at[1 - a] + skip;
    const size_t begin = skip > around ? middle - around : g->at[1 - a];
    uint64_t probe, there;

    if (from + RUN > x->num)
        return false;
    memcpy(&probe, x->units + from, sizeof probe);
    for (size_t i = begin; i < middle + around && i + RUN <= y->num; i++) {
        memcpy(&there, y->units + i, sizeof there);
        if (there == probe && memcmp(x->units + from, y->units + i,
                                     RUN * sizeof *x->units) == 0) {
            ends[a] = from;
            ends[1 - a] = i;
            return true;
        }
    }
    return false;
}

/* Where the texts go on together; to their ends if nowhere. */
static void
find_end(const struct glance *g, size_t ends[2])
{
    for (size_t i = 0; i < NUM_PROBES; i++)
        for (int a = 0; a < 2; a++)
            if (find_probe(g, a, probes[i].skip, probes[i].around, ends)) {
                while (ends[0] > g->at[0] && ends[1] > g->at[1] &&
                       g->texts[0]->units[ends[0] - 1] ==
                           g->texts[1]->units[ends[1] - 1]) {
                    ends[0]--;
                    ends[1]--;
                }
                return;
            }
    ends[0] = g->texts[0]->num;
    ends[1] = g->texts[1]->num;
}

bool
wcp_figures_glance(const struct wcp_figure_reader *reader,
                   const struct wcp_folded *x, const struct wcp_folded *y,
                   struct wcp_figures room[2], bool *follow_ret)
{
    struct glance g = { .reader = reader,
                        .texts = { x, y },
                        .figures = { &room[0], &room[1] },
                        .follow = { true, true } };
    bool says = true;

    for (size_t i = 0; says && i < MAX_STRETCHES; i++) {
        const size_t run =
            common_units(x->units + g.at[0], y->units + g.at[1],
                         lesser(x->num - g.at[0], y->num - g.at[1]));
        size_t begins[2], ends[2];

        for (int k = 0; k < 2; k++) {
            g.at[k] += run;
            begins[k] = g.at[k] - lesser(MARGIN, run);
        }
        if (g.at[0] == x->num && g.at[1] == y->num)
            break;
        find_end(&g, ends);
        for (int k = 0; k < 2; k++) {
            g.at[k] = ends[k];
            ends[k] = lesser(ends[k] + MARGIN, g.texts[k]->num);
        }
        says = compare_stretch(&g, begins, ends);
    }
    *follow_ret = says && g.at[0] == x->num && g.at[1] == y->num;
    return !g.no_memory;
}
