/*
 * slots.h - what differs between two texts, for the verdict on them
 */
#ifndef WCP_GROUP_SLOTS_H
#define WCP_GROUP_SLOTS_H

#include "group/relation.h"
#include "text/text.h"

/* Longer texts are not aligned: no form is so long.  A text this many times as
 * long as the other is no other issue of its form, see relation.c. */
enum { WCP_SLOTS_MAX_UNITS = 1 << 17, WCP_SLOTS_MAX_RATIO = 4 };

/*
 * Align the texts and count what lies between their main blocks.  The order of
 * the two does not matter.  NO_MEMORY, TOO_LONG (2^32 units together).
 */
enum wcp_code wcp_slots_find(struct wcp_slots *slots,
                             const struct wcp_memory *mem,
                             const struct wcp_folded *a,
                             const struct wcp_folded *b,
                             struct wcp_fault *fault);

/* The same in less time, for who only asks how much differs: figures may be
 * taken for others, as runs of digits that stand in both texts by chance are
 * taken for what both have. */
enum wcp_code wcp_slots_weigh(struct wcp_slots *slots,
                              const struct wcp_memory *mem,
                              const struct wcp_folded *a,
                              const struct wcp_folded *b,
                              struct wcp_fault *fault);

/* ---- figures.c, glance.c ---- */

enum wcp_figure_kind {
    WCP_FIGURE_DIGITS,
    WCP_FIGURE_CHINESE,
    WCP_FIGURE_WORD, /* three, or the ten of often */
    WCP_FIGURE_DATE, /* a word next to digits */
    WCP_FIGURE_NUM_KINDS
};

/* Hashes of a figure, and of it with the characters around it. */
struct wcp_figure {
    uint64_t value, in_place;
    uint32_t around; /* the unit before it, and the one behind; 0: none */
    enum wcp_figure_kind kind;
};

/* The figures of a text, in order. */
struct wcp_figures {
    struct wcp_figure *at;
    size_t num, cap;
};

/* Tables to find figures with, for any number of threads.  NULL when out of
 * memory. */
struct wcp_figure_reader;
struct wcp_figure_reader *wcp_figure_reader_new(const struct wcp_memory *mem);
void wcp_figure_reader_free(struct wcp_figure_reader *reader);
/* Replace the contents, in the reader's memory.  False when out of it. */
bool wcp_figures_read(struct wcp_figures *figures,
                      const struct wcp_figure_reader *reader,
                      const struct wcp_folded *text);
/* Whether the fewer figures stand in the same order among the more. */
bool wcp_figures_follow(const struct wcp_figures *x,
                        const struct wcp_figures *y);

/* Whether a glance shows that wcp_figures_follow() is true; false: it does not
 * show.  room[] is overwritten.  False when out of memory. */
bool wcp_figures_glance(const struct wcp_figure_reader *reader,
                        const struct wcp_folded *x, const struct wcp_folded *y,
                        struct wcp_figures room[2], bool *follow_ret);

/*
 * How many figures of the one may stand in place of others: those that do not
 * stand between the same characters in the other text, and as many again.
 * Words count only next to digits, or where a figure of the other text that is
 * not in this one stands between the same two units.  False when out of memory.
 */
bool wcp_figures_exchanged(const struct wcp_memory *mem,
                           const struct wcp_figures *x,
                           const struct wcp_figures *y, size_t *num_ret);

/* Whether a unit is a digit. */
static inline bool
wcp_is_digit(uint16_t u)
{
    return u >= '0' && u <= '9';
}
/* Whether it is a Chinese numeral. */
bool wcp_is_chinese_numeral(uint16_t u);
/* The value of a number or a month in English; 0: it is none. */
uint32_t wcp_number_word(const char *letters);

#endif /* WCP_GROUP_SLOTS_H */
