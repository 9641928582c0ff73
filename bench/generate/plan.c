/*
 * plan.c - what the document of a number is, with nothing stored
 *
 * Copies and originals stand in the corpus in a fixed rhythm, so that their
 * share is exact and the documents of stories can be counted off.  Which story
 * a copy prints is drawn by rank, with a probability like rank^(-3/4): the few
 * large wires are in thousands of papers, and of most stories that are copied
 * at all there are one or two copies.  A rank is turned into a number by a
 * stride without a common divisor, so that the wires lie all over the corpus.
 *
 * The file is in no order of dates: only the dates say which one is first.
 */
#include "generate.h"

enum { MILLION = 1000000 };

struct bench_random
gen_stream(uint64_t seed, enum gen_purpose purpose, uint64_t number)
{
    struct bench_random random = { seed * 8 + (uint64_t)purpose };

    random.state = bench_random(&random) ^ number;
    random.state = bench_random(&random);
    return random;
}

bool
gen_chance(struct bench_random *random, unsigned percent)
{
    return bench_below(random, 100) < percent;
}

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
    while (b > 0) {
        const uint64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* Octave k holds 2^k ranks and has 2^(1/4) times the weight of the one before;
 * the factor is 19/16, so that all machines have the same sums. */
static void
weigh_octaves(struct gen_plan *plan)
{
    uint64_t weights[40], sum = 0, below = 0;

    while (((uint64_t)2 << plan->octaves) - 1 < plan->stories)
        plan->octaves++;
    plan->octaves++;
    for (unsigned k = 0; k < plan->octaves; k++) {
        weights[k] = k == 0 ? 1 << 20 : weights[k - 1] * 19 / 16;
        sum += weights[k];
    }
    for (unsigned k = 0; k < plan->octaves; k++) {
        below += weights[k];
        plan->limits[k] = (uint32_t)((below << 31) / sum);
    }
}

void
gen_plan_init(struct gen_plan *plan, const struct gen_settings *settings,
              const struct gen_words *words)
{
    *plan = (struct gen_plan){ .words = words,
                               .seed = settings->seed,
                               .lang = settings->lang,
                               .documents = settings->documents,
                               .copies = settings->copies };
    plan->stories = plan->documents - plan->documents * plan->copies / MILLION;
    plan->stride = plan->stories * 618 / 1000 + 1;
    while (common_divisor(plan->stride, plan->stories) != 1)
        plan->stride++;
    plan->offset = plan->stories / 3;
    weigh_octaves(plan);
}

static uint64_t
copies_before(const struct gen_plan *plan, uint64_t document)
{
    return document * plan->copies / MILLION;
}

bool
gen_plan_copies(const struct gen_plan *plan, uint64_t document,
                uint64_t *story_ret)
{
    *story_ret = document - copies_before(plan, document);
    return copies_before(plan, document + 1) > copies_before(plan, document);
}

uint64_t
gen_plan_original(const struct gen_plan *plan, uint64_t story)
{
    uint64_t document = story * MILLION / (MILLION - plan->copies), its_story;

    while (document > 0 && document - copies_before(plan, document) >= story)
        document--;
    while (gen_plan_copies(plan, document, &its_story) || its_story != story)
        document++;
    return document;
}

uint64_t
gen_plan_choose(const struct gen_plan *plan, struct bench_random *random)
{
    uint64_t rank;

    do {
        const uint64_t at = bench_random(random) >> 33;
        unsigned octave = 0;

        while (octave + 1 < plan->octaves && at >= plan->limits[octave])
            octave++;
        rank = ((uint64_t)1 << octave) - 1 +
               bench_below(random, (uint64_t)1 << octave);
    } while (rank >= plan->stories);
    return (rank * plan->stride + plan->offset) % plan->stories;
}

/* ---- time ---- */

enum { DAY = 86400 };
/* 2010-01-01, and ten years. */
static const uint64_t first_second = 14610ull * DAY, seconds = 3652ull * DAY;

uint64_t
gen_plan_when(const struct gen_plan *plan, uint64_t story)
{
    struct bench_random random = gen_stream(plan->seed, GEN_WHEN, story);

    return first_second + bench_below(&random, seconds);
}

void
gen_calendar(uint64_t second, unsigned date_ret[3])
{
    static const unsigned lengths[12] = { 31, 28, 31, 30, 31, 30,
                                          31, 31, 30, 31, 30, 31 };
    uint64_t days = second / DAY;
    unsigned year = 1970, month = 0;

    for (;; year++) { /* no century that is no leap year is near */
        const unsigned in_year = year % 4 == 0 ? 366 : 365;

        if (days < in_year)
            break;
        days -= in_year;
    }
    for (;; month++) {
        const unsigned in_month =
            lengths[month] + (month == 1 && year % 4 == 0);

        if (days < in_month)
            break;
        days -= in_month;
    }
    date_ret[0] = year;
    date_ret[1] = month + 1;
    date_ret[2] = (unsigned)days + 1;
}
