/*
 * test_figures.c - figures that stand in another text, against strings
 */
#include "group/slots.h"
#include "made_corpus.h"

#include <string.h>

enum { MAX_UNITS = 60, MAX_FIGURES = 400, MAX_FIGURE = 64 };
enum { MAX_LONG = 400 }; /* units */

static const char *const english[] = {
    "one",      "two",      "three",    "four",    "five",      "six",
    "seven",    "eight",    "nine",     "ten",     "eleven",    "twelve",
    "thirteen", "fourteen", "fifteen",  "twenty",  "thirty",    "forty",
    "fifty",    "january",  "february", "march",   "april",     "may",
    "june",     "july",     "august",   "october", "september", "november",
    "december", "jan",      "feb",      "mar",     "apr",       "jun",
    "jul",      "aug",      "sept",     "oct",     "nov",       "dec",
};
static const uint16_t chinese[] = { 0x3007, 0x4E00, 0x4E03, 0x4E07,
                                    0x4E09, 0x4E5D, 0x4E8C, 0x4E94,
                                    0x4EBF, 0x516B, 0x516D, 0x5341,
                                    0x5343, 0x56DB, 0x767E, 0x96F6 };

enum { NUM_NUMBERS = 19 }; /* months are behind them */
enum { NUM_ENGLISH = sizeof english / sizeof *english };
enum { NUM_CHINESE = sizeof chinese / sizeof *chinese };

/* A figure as it stands; a month and its short form are one. */
struct figure {
    uint16_t units[MAX_FIGURE];
    size_t num;
    size_t begin, len; /* in the text */
};

struct place {
    uint16_t around[6];
};

static int
kind_of(uint16_t unit)
{
    for (size_t i = 0; i < NUM_CHINESE; i++)
        if (chinese[i] == unit)
            return 2;
    return strchr("0123456789", unit) != NULL && unit < 128 && unit != 0;
}

static bool
stands_at(const struct wcp_folded *text, size_t at, const char *word)
{
    const size_t len = strlen(word);

    for (size_t i = 0; i < len; i++)
        if (at + i >= text->num || text->units[at + i] != (uint16_t)word[i])
            return false;
    return true;
}

/* All figures of a text by where they begin. */
static size_t
list_figures(const struct wcp_folded *text, struct figure *figures)
{
    size_t num = 0;

    for (size_t at = 0; at < text->num; at++) {
        const int kind = kind_of(text->units[at]);

        for (size_t i = 0; i < NUM_ENGLISH; i++)
            if (stands_at(text, at, english[i])) {
                figures[num] = (struct figure){ .num = 3,
                                                .begin = at,
                                                .len = strlen(english[i]) };
                for (size_t k = 0; k < 3; k++)
                    figures[num].units[k] = (uint16_t)english[i][k];
                /* Their first letters tell months. */
                if (i < NUM_NUMBERS)
                    figures[num].units[figures[num].num++] = (uint16_t)i;
                num++;
            }
        if (kind == 0 || (at > 0 && kind_of(text->units[at - 1]) == kind))
            continue;
        figures[num] = (struct figure){ .num = 0, .begin = at };
        for (size_t i = at; i < text->num && kind_of(text->units[i]) == kind;
             i++)
            figures[num].units[figures[num].num++] = text->units[i];
        figures[num].len = figures[num].num;
        num++;
    }
    return num;
}

static bool
are_equal(const struct figure *x, const struct figure *y)
{
    return x->num == y->num &&
           memcmp(x->units, y->units, x->num * sizeof *x->units) == 0;
}

/* The longest common subsequence of both is the shorter one. */
static bool
oracle_follow(const struct wcp_folded texts[2])
{
    static struct figure x[MAX_FIGURES], y[MAX_FIGURES];
    static size_t best[MAX_FIGURES + 1][MAX_FIGURES + 1];
    const size_t m = list_figures(&texts[0], x);
    const size_t n = list_figures(&texts[1], y);

    memset(best, 0, sizeof best);
    for (size_t i = 1; i <= m; i++)
        for (size_t k = 1; k <= n; k++) {
            best[i][k] = best[i - 1][k] > best[i][k - 1] ? best[i - 1][k]
                                                         : best[i][k - 1];
            if (are_equal(&x[i - 1], &y[k - 1]) &&
                best[i - 1][k - 1] + 1 > best[i][k])
                best[i][k] = best[i - 1][k - 1] + 1;
        }
    return best[m][n] == (m < n ? m : n);
}

static bool
follow(const struct wcp_folded texts[2])
{
    struct wcp_figures figures[2] = { { 0 }, { 0 } };
    struct wcp_figure_reader *reader = wcp_figure_reader_new(&wcp_memory_libc);
    bool found;

    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_FATAL(wcp_figures_read(&figures[i], reader, &texts[i]));
    found = wcp_figures_follow(&figures[0], &figures[1]);
    CU_ASSERT_EQUAL(wcp_figures_follow(&figures[1], &figures[0]), found);
    for (int i = 0; i < 2; i++)
        wcp_array_release(&wcp_memory_libc, &figures[i]);
    wcp_figure_reader_free(reader);
    return found;
}

/* A figure that the other text has not between the same three characters. */
struct missing {
    int kind; /* as kind_of(); 0: a word */
    bool by_digit;
    uint16_t before, behind;
};

static struct missing
describe(const struct wcp_folded *text, const struct place *at,
         const struct figure *figure)
{
    struct missing m = { .kind = kind_of(text->units[figure->begin]),
                         .before = at->around[2],
                         .behind = at->around[3] };

    m.by_digit = (m.before != 0 && kind_of(m.before) == 1) ||
                 (m.behind != 0 && kind_of(m.behind) == 1);
    return m;
}

static size_t
count_kind(const struct missing *m, size_t num, int kind)
{
    size_t sum = 0;

    for (size_t i = 0; i < num; i++)
        sum += m[i].kind == kind;
    return sum;
}

/* Words next to digits, and those in whose place something may be. */
static size_t
count_words(const struct missing *m, size_t num, const struct missing *other,
            size_t num_other)
{
    size_t sum = 0;

    for (size_t i = 0; i < num; i++) {
        bool counts = m[i].by_digit;

        for (size_t k = 0; k < num_other; k++)
            counts |= other[k].kind != 2 && other[k].before == m[i].before &&
                      other[k].behind == m[i].behind;
        sum += m[i].kind == 0 && counts;
    }
    return sum;
}

static size_t
lesser(size_t x, size_t y)
{
    return x < y ? x : y;
}

/* Of figures with three characters around them, twice those of the one that
 * are not among those of the other and may be exchanged. */
static size_t
oracle_exchanged(const struct wcp_folded texts[2])
{
    static struct figure of[2][MAX_FIGURES];
    static struct place at[2][MAX_FIGURES];
    static struct missing missing[2][MAX_FIGURES];
    size_t nums[2], left[2] = { 0, 0 };

    for (int k = 0; k < 2; k++) {
        nums[k] = list_figures(&texts[k], of[k]);
        for (size_t i = 0; i < nums[k]; i++)
            for (size_t j = 0; j < 6; j++) {
                const size_t place =
                    of[k][i].begin + j - 3 + (j < 3 ? 0 : of[k][i].len);

                at[k][i].around[j] =
                    place < texts[k].num ? texts[k].units[place] : 0;
            }
    }
    for (int k = 0; k < 2; k++) {
        static bool used[MAX_FIGURES];

        memset(used, 0, sizeof used);
        for (size_t i = 0; i < nums[k]; i++) {
            size_t j = 0;

            while (j < nums[1 - k] &&
                   (used[j] || !are_equal(&of[k][i], &of[1 - k][j]) ||
                    memcmp(&at[k][i], &at[1 - k][j], sizeof at[k][i]) != 0))
                j++;
            if (j < nums[1 - k])
                used[j] = true;
            else
                missing[k][left[k]++] =
                    describe(&texts[k], &at[k][i], &of[k][i]);
        }
    }
    return 2 *
           lesser(lesser(left[0], left[1]),
                  lesser(count_kind(missing[0], left[0], 1),
                         count_kind(missing[1], left[1], 1)) +
                      lesser(count_kind(missing[0], left[0], 2),
                             count_kind(missing[1], left[1], 2)) +
                      count_words(missing[0], left[0], missing[1], left[1]) +
                      count_words(missing[1], left[1], missing[0], left[0]));
}

static size_t
exchanged(const struct wcp_folded texts[2])
{
    struct wcp_figures figures[2] = { { 0 }, { 0 } };
    struct wcp_figure_reader *reader = wcp_figure_reader_new(&wcp_memory_libc);
    size_t num = 77;

    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_FATAL(wcp_figures_read(&figures[i], reader, &texts[i]));
    CU_ASSERT_FATAL(wcp_figures_exchanged(&wcp_memory_libc, &figures[0],
                                          &figures[1], &num));
    for (int i = 0; i < 2; i++)
        wcp_array_release(&wcp_memory_libc, &figures[i]);
    wcp_figure_reader_free(reader);
    return num;
}

/* Letters, digits, numerals and words with numbers in them; up to 9 units more
 * than 'most'. */
static size_t
make_units(uint16_t *units, size_t most, struct test_rng *rng)
{
    size_t num = 0;

    while (num < most)
        switch (test_below(rng, 5)) {
        case 0:
            units[num++] = (uint16_t)('0' + test_below(rng, 3));
            break;
        case 1:
            units[num++] = chinese[test_below(rng, NUM_CHINESE)];
            break;
        case 2:
            units[num++] = (uint16_t)(0x6700 + test_below(rng, 9));
            break;
        case 3:
            units[num++] = (uint16_t)('a' + test_below(rng, 26));
            break;
        default:
            for (const char *at = english[test_below(rng, NUM_ENGLISH)];
                 *at != '\0'; at++)
                units[num++] = (uint16_t)*at;
            break;
        }
    return num;
}

static void
test_against_strings(void)
{
    size_t num_follow = 0, num_all = 0;

    for (uint64_t number = 9600; number < 9900; number++) {
        static uint16_t units[2][MAX_UNITS];
        struct test_rng rng = made_rng(number);
        struct wcp_folded texts[2] = { { .units = units[0] },
                                       { .units = units[1] } };
        bool found;

        texts[0].num =
            make_units(units[0], test_below(&rng, MAX_UNITS - 20), &rng);
        memcpy(units[1], units[0], sizeof units[0]);
        texts[1].num = texts[0].num;
        for (uint64_t i = test_below(&rng, 4); i > 0 && texts[1].num > 1; i--) {
            const size_t at = test_below(&rng, texts[1].num);

            if (test_below(&rng, 4) == 0)
                units[1][at] = (uint16_t)('0' + test_below(&rng, 9));
            else
                memmove(&units[1][at], &units[1][at + 1],
                        (--texts[1].num - at) * sizeof **units);
        }
        found = follow(texts);
        MADE_CHECK(found == oracle_follow(texts), number);
        MADE_CHECK(exchanged(texts) == oracle_exchanged(texts), number);
        num_follow += found;
        num_all++;
    }
    CU_ASSERT(num_follow > 0 && num_follow < num_all);
}

/* Put some units in place of some of a text, which has room for both. */
static void
change(struct wcp_folded *text, struct test_rng *rng)
{
    const size_t at = test_below(rng, text->num + 1);
    const size_t most = text->num - at < 40 ? text->num - at : 40;
    const size_t num_out = test_below(rng, most + 1);
    uint16_t units[40];
    const size_t num_in =
        make_units(units, test_below(rng, 2) * test_below(rng, 30), rng);

    memmove(text->units + at + num_in, text->units + at + num_out,
            (text->num - at - num_out) * sizeof *units);
    memcpy(text->units + at, units, num_in * sizeof *units);
    text->num += num_in - num_out;
}

static void
test_glance(void)
{
    struct wcp_figure_reader *reader = wcp_figure_reader_new(&wcp_memory_libc);
    struct wcp_figures room[2] = { { 0 }, { 0 } };
    size_t num_shown = 0, num_follow = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    for (uint64_t number = 9900; number < 11400; number++) {
        static uint16_t units[2][MAX_LONG];
        struct test_rng rng = made_rng(number);
        struct wcp_folded texts[2] = { { .units = units[0] },
                                       { .units = units[1] } };
        bool shown = false, follows;

        texts[0].num =
            make_units(units[0], test_below(&rng, MAX_LONG - 170), &rng);
        memcpy(units[1], units[0], sizeof units[0]);
        texts[1].num = texts[0].num;
        for (uint64_t i = test_below(&rng, 4); i > 0; i--)
            change(&texts[1], &rng);
        CU_ASSERT_FATAL(wcp_figures_glance(
            reader, &texts[number % 2], &texts[1 - number % 2], room, &shown));
        follows = oracle_follow(texts);
        MADE_CHECK(!shown || follows, number);
        num_shown += shown;
        num_follow += follows;
    }
    CU_ASSERT(num_shown > num_follow / 2 && num_follow < 1400);
    for (int i = 0; i < 2; i++)
        wcp_array_release(&wcp_memory_libc, &room[i]);
    wcp_figure_reader_free(reader);
}

void
suite_figures(void)
{
    CU_pSuite suite = CU_add_suite("figures", NULL, NULL);

    CU_add_test(suite, "against strings", test_against_strings);
    CU_add_test(suite, "at a glance", test_glance);
}
