/*
 * compare_rows.c - runs that were cut behind sentences -> rows of two texts
 *
 * A row is a sentence of both texts, or of one that the other lacks.  What was
 * moved stands twice: where A has it, and where B has it, there with A's text
 * beside it.  So the left of all rows but those of B's moves is A from one end
 * to the other, and the right likewise B.
 */
#include "cli/side_by_side.h"

#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

enum { FEW_SENTENCES = 4 };

/* Runs in the order of their rows. */
struct builder {
    struct cli_rows *rows;
    const struct cli_runs *runs;
    struct cli_compared_row row; /* at hand */
    bool open;
    const struct wcp_run **moved; /* by their place in B */
    size_t num_moved, next_moved;
    const struct wcp_run **alone; /* only in A, in order */
    size_t num_alone;
    const struct wcp_run *last_moved_in;
    uint8_t *seen_out, *seen_in; /* by piece: its rows stand above */
    size_t done[2];              /* bytes of either text that rows have */
    size_t ends[2];              /* of the last letters among them */
};

static void *
more_room(void *list, size_t num, size_t *cap, size_t size)
{
    size_t wanted = *cap > 0 ? 2 * *cap : 64;
    void *more;

    if (num < *cap)
        return list;
    more = wanted <= SIZE_MAX / size ? realloc(list, wanted * size) : NULL;
    if (more != NULL)
        *cap = wanted;
    return more;
}

static void
close_row(struct builder *to)
{
    struct cli_rows *rows = to->rows;
    void *more;

    if (!to->open || rows->no_memory)
        return;
    to->open = false;
    more = more_room(rows->list, rows->num, &rows->cap, sizeof *rows->list);
    if (more == NULL) {
        rows->no_memory = true;
        return;
    }
    rows->list = more;
    rows->list[rows->num++] = to->row;
}

/* Close the row at hand unless it is of this kind and piece. */
static void
open_row(struct builder *to, enum cli_row_kind kind, uint64_t piece, bool above)
{
    bool main = kind <= CLI_ROW_ONLY_B,
         main_now = to->row.kind <= CLI_ROW_ONLY_B;

    if (to->open && (main != main_now || (!main && (kind != to->row.kind ||
                                                    piece != to->row.piece))))
        close_row(to);
    if (to->open)
        return;
    to->open = true;
    to->row = (struct cli_compared_row){
        .kind = kind,
        .piece = piece,
        .above = above,
        .first = { to->rows->num_parts[0], to->rows->num_parts[1] },
    };
}

/* Brackets and quotes that open, which go with what follows; and &nbsp; does,
 * which many an archive has left as it was. */
static bool
is_opening(const char *text, size_t len)
{
    static const char *const openers[] = { "(",
                                           "[",
                                           "&",
                                           "{",
                                           "\xE3\x80\x8C",
                                           "\xE3\x80\x8E",
                                           "\xE2\x80\x9C",
                                           "\xE2\x80\x98",
                                           "\xEF\xBC\x88",
                                           "\xE3\x80\x8A",
                                           "\xE3\x80\x88",
                                           "\xE3\x80\x90",
                                           "\xE3\x80\x94" };

    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++)
        if (strlen(openers[i]) <= len &&
            memcmp(text, openers[i], strlen(openers[i])) == 0)
            return true;
    return false;
}

/* Where the stretch that ends at 'end' hands over to the one at 'next': behind
 * the signs between them that close it. */
static size_t
hand_over(const struct cli_operand *operand, size_t end, size_t next)
{
    while (end < next && !is_opening(operand->text + end, next - end))
        end++;
    return end;
}

static void
add_part(struct builder *to, int side, struct cli_part part)
{
    struct cli_rows *rows = to->rows;
    struct cli_part *last;
    void *more;

    if (part.begin >= part.end || rows->no_memory)
        return;
    last = rows->num_parts[side] > to->row.first[side]
               ? &rows->parts[side][rows->num_parts[side] - 1]
               : NULL;
    if (last != NULL && last->end == part.begin && last->style == part.style) {
        last->end = part.end;
        return;
    }
    more = more_room(rows->parts[side], rows->num_parts[side],
                     &rows->cap_parts[side], sizeof part);
    if (more == NULL) {
        rows->no_memory = true;
        return;
    }
    rows->parts[side] = more;
    rows->parts[side][rows->num_parts[side]++] = part;
    to->row.num[side]++;
}

static void
span_of(const struct wcp_run *run, int side, size_t *begin_ret, size_t *end_ret)
{
    *begin_ret = (size_t)(side == 0 ? run->a_begin : run->b_begin);
    *end_ret = (size_t)(side == 0 ? run->a_end : run->b_end);
}

/* Where a text goes on behind a run: signs up to the next letter, which the
 * run has if they close it. */
static size_t
end_of_signs(const struct cli_operand *operand, size_t end)
{
    size_t next = end;

    while (next < operand->text_len) {
        unsigned char c = (unsigned char)operand->text[next];
        size_t bytes;
        uint32_t point;

        if ((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))
            break;
        point = cli_take_character(operand->text + next,
                                   operand->text_len - next, &bytes);
        if (c >= 0x80 && !(point == 0xA0 || point == 0xB7 ||
                           (point >= 0x2010 && point <= 0x203A) ||
                           (point >= 0x3000 && point <= 0x301F) ||
                           (point >= 0xFF01 && point <= 0xFF0F) ||
                           (point >= 0xFF1A && point <= 0xFF1F)))
            break;
        next += bytes;
    }
    return hand_over(operand, end, next);
}

/* The same, to the left: what opens the run. */
static size_t
begin_of_signs(const struct cli_operand *operand, size_t begin)
{
    for (;;) {
        size_t before = begin >= 3 ? begin - 3 : 0;

        if (begin > 0 && is_opening(operand->text + begin - 1, 1))
            begin--;
        else if (begin >= 3 && is_opening(operand->text + before, 3))
            begin = before;
        else
            return begin;
    }
}

/* A stretch of its own text: all from where the last one ended.  Signs are
 * marked in no case. */
static void
add_own(struct builder *to, int side, const struct wcp_run *run,
        enum cli_part_style style)
{
    const struct cli_operand *operand = &to->rows->operands[side];
    size_t begin, end, signs_end, from = to->done[side];

    span_of(run, side, &begin, &end);
    signs_end = end_of_signs(operand, end);
    if (begin < from) /* the row has the word already */
        begin = from;
    add_part(to, side, (struct cli_part){ from, begin, CLI_PART_SAME });
    add_part(to, side, (struct cli_part){ begin, end, style });
    if (end < from)
        end = from;
    add_part(
        to, side,
        (struct cli_part){ end, signs_end,
                           style == CLI_PART_CHANGED ? CLI_PART_SAME : style });
    if (signs_end > from)
        to->done[side] = signs_end;
    to->ends[side] = end;
}

static void
add_other(struct builder *to, int side, const struct wcp_run *run,
          enum cli_part_style style)
{
    size_t begin, end;

    span_of(run, side, &begin, &end);
    begin = begin_of_signs(&to->rows->operands[side], begin);
    add_part(to, side,
             (struct cli_part){
                 begin, end_of_signs(&to->rows->operands[side], end), style });
}

static void
finish_if(struct builder *to, const struct wcp_run *run)
{
    to->row.letters += run->length;
    if (run->ends_sentence)
        close_row(to);
}

/* ---- each kind of run ---- */

static void
add_both(struct builder *to, const struct wcp_run *run)
{
    open_row(to, CLI_ROW_SAME, 0, false);
    if (to->row.kind == CLI_ROW_ONLY_A || to->row.kind == CLI_ROW_ONLY_B)
        to->row.kind = CLI_ROW_CHANGED;
    to->row.shared = true;
    add_own(to, 0, run, CLI_PART_SAME);
    add_own(to, 1, run, CLI_PART_SAME);
    finish_if(to, run);
}

static void
add_alone(struct builder *to, const struct wcp_run *run)
{
    int side = run->in == WCP_IN_A ? 0 : 1;
    enum cli_row_kind kind = side == 0 ? CLI_ROW_ONLY_A : CLI_ROW_ONLY_B;

    open_row(to, kind, 0, false);
    if (to->row.kind != kind)
        to->row.kind = CLI_ROW_CHANGED;
    add_own(to, side, run, CLI_PART_CHANGED);
}

/* ---- whole words ---- */

/* Letters and digits of scripts that write words. */
static bool
is_word(uint32_t p)
{
    return (p >= '0' && p <= '9') || ((p | 32) >= 'a' && (p | 32) <= 'z') ||
           p == '\'' || p == 0x2019 ||
           (p >= 0xC0 && p < 0x590 && p != 0xD7 && p != 0xF7) ||
           (p >= 0x1E00 && p < 0x2000);
}

/* Where the word begins that goes on at 'at', but not before 'least'. */
static size_t
word_begin(const struct cli_operand *operand, size_t at, size_t least)
{
    while (at > least) {
        size_t before = at - 1, len;

        while (before > least &&
               ((unsigned char)operand->text[before] & 0xC0) == 0x80)
            before--;
        if (!is_word(
                cli_take_character(operand->text + before, at - before, &len)))
            break;
        at = before;
    }
    return at;
}

static size_t
word_end(const struct cli_operand *operand, size_t at)
{
    while (at < operand->text_len) {
        size_t len;

        if (!is_word(cli_take_character(operand->text + at,
                                        operand->text_len - at, &len)))
            break;
        at += len;
    }
    return at;
}

/* Whether a change begins or ends in a word that goes on. */
static bool
is_in_word(const struct builder *to, const struct wcp_run *run, int side)
{
    const struct cli_operand *operand = &to->rows->operands[side];
    size_t begin, end;

    span_of(run, side, &begin, &end);
    return (word_begin(operand, begin, 0) < begin &&
            word_end(operand, begin) > begin) ||
           (word_end(operand, end) > end && word_begin(operand, end, 0) < end);
}

/* Mark the words around the place in which the text stands, whole. */
static void
mark_word(struct builder *to, int side, size_t begin, size_t end)
{
    struct cli_rows *rows = to->rows;
    const struct cli_operand *operand = &rows->operands[side];
    struct cli_part *last = to->open && to->row.num[side] > 0
                                ? &rows->parts[side][rows->num_parts[side] - 1]
                                : NULL;
    size_t least = last != NULL && last->end >= begin ? last->begin : begin;
    size_t rest = 0;

    begin = word_begin(operand, begin, least);
    end = word_end(operand, end);
    if (last != NULL && last->end > begin) {
        rest = last->end;
        last->end = begin;
        if (last->begin == begin) {
            rows->num_parts[side]--;
            to->row.num[side]--;
        }
    }
    if (to->done[side] < begin)
        add_part(to, side,
                 (struct cli_part){ to->done[side], begin, CLI_PART_SAME });
    add_part(to, side, (struct cli_part){ begin, end, CLI_PART_CHANGED });
    add_part(to, side, (struct cli_part){ end, rest, CLI_PART_SAME });
    if (end > to->done[side])
        to->done[side] = end;
}

/* Whether a change goes on from the word before it. */
static bool
is_at_end_of_word(const struct builder *to, const struct wcp_run *run, int side)
{
    const struct cli_operand *operand = &to->rows->operands[side];
    size_t begin, end;

    span_of(run, side, &begin, &end);
    return word_begin(operand, begin, 0) < begin;
}

/* A change within a word is one of the word, in both texts. */
static void
add_words(struct builder *to, const struct wcp_run *a, const struct wcp_run *b)
{
    const struct wcp_run *runs[2] = { a, b };

    if ((a == NULL || !is_in_word(to, a, 0)) &&
        (b == NULL || !is_in_word(to, b, 1)))
        return;
    open_row(to, CLI_ROW_CHANGED, 0, false);
    to->row.kind = CLI_ROW_CHANGED;
    for (int side = 0; side < 2; side++) {
        const struct wcp_run *other = runs[1 - side];
        size_t begin, end;

        if (runs[side] != NULL)
            span_of(runs[side], side, &begin, &end);
        else
            begin = end = is_at_end_of_word(to, other, 1 - side)
                              ? to->ends[side]
                              : to->done[side];
        if (runs[side] == NULL || begin >= to->done[side])
            mark_word(to, side, begin, end);
    }
}

/* Sentences of A and of B in the same place go side by side. */
static void
add_beside(struct builder *to, const struct wcp_run *a, size_t num_a,
           const struct wcp_run *b, size_t num_b)
{
    for (size_t i = 0; i < num_a || i < num_b; i++) {
        bool ends = (i >= num_a || a[i].ends_sentence) &&
                    (i >= num_b || b[i].ends_sentence);
        uint64_t letters = i < num_a ? a[i].length : 0;

        if (i < num_b && b[i].length > letters)
            letters = b[i].length;
        if (num_a <= 1 && num_b <= 1)
            add_words(to, num_a > 0 ? a : NULL, num_b > 0 ? b : NULL);
        if (i < num_a)
            add_alone(to, &a[i]);
        if (i < num_b)
            add_alone(to, &b[i]);
        to->row.letters += letters;
        if (ends)
            close_row(to);
    }
}

/* A few may be versions of one another; many have nothing to do with each
 * other, and those of A come first. */
static void
add_alone_runs(struct builder *to, const struct wcp_run *a, size_t num_a,
               const struct wcp_run *b, size_t num_b)
{
    if (num_a + num_b <= FEW_SENTENCES) {
        add_beside(to, a, num_a, b, num_b);
        return;
    }
    add_beside(to, a, num_a, NULL, 0);
    if (num_a > 0 && num_b > 0)
        close_row(to);
    add_beside(to, NULL, 0, b, num_b);
}

static void
add_moved_out(struct builder *to, const struct wcp_run *run)
{
    open_row(to, CLI_ROW_MOVED_OUT, run->piece, to->seen_in[run->piece]);
    add_own(to, 0, run, CLI_PART_SAME);
    to->seen_out[run->piece] = 1;
    finish_if(to, run);
}

/* What only A has between two runs that B has elsewhere. */
static const struct wcp_run *
alone_between(const struct builder *to, uint64_t begin, uint64_t end)
{
    size_t low = 0, high = to->num_alone;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (to->alone[middle]->a_begin < begin)
            low = middle + 1;
        else
            high = middle;
    }
    return low < to->num_alone && to->alone[low]->a_begin < end ? to->alone[low]
                                                                : NULL;
}

static void
add_moved_in(struct builder *to, const struct wcp_run *run)
{
    const struct wcp_run *last = to->last_moved_in;

    open_row(to, CLI_ROW_MOVED_IN, run->piece, to->seen_out[run->piece]);
    if (last != NULL && last->piece == run->piece &&
        last->a_end <= run->a_begin) {
        const struct wcp_run *between =
            alone_between(to, last->a_end, run->a_begin);

        if (between != NULL)
            add_other(to, 0, between, CLI_PART_CHANGED);
    }
    add_other(to, 0, run, CLI_PART_OTHER);
    add_own(to, 1, run, CLI_PART_SAME);
    to->seen_in[run->piece] = 1;
    to->last_moved_in = run;
    finish_if(to, run);
}

static void
add_again(struct builder *to, const struct wcp_run *run)
{
    int side = run->in == WCP_AGAIN_IN_A ? 0 : 1;

    open_row(to, side == 0 ? CLI_ROW_AGAIN_A : CLI_ROW_AGAIN_B, run->piece,
             false);
    add_own(to, side, run, CLI_PART_SAME);
    add_other(to, 1 - side, run, CLI_PART_OTHER);
    finish_if(to, run);
}

/* ---- all of them ---- */

/* What was moved to before this place of B. */
static void
add_moved_before(struct builder *to, uint64_t b_begin)
{
    while (to->next_moved < to->num_moved &&
           to->moved[to->next_moved]->b_begin < b_begin)
        add_moved_in(to, to->moved[to->next_moved++]);
}

/* Whether a run only in B lies within what was moved there. */
static bool
lies_within_move(const struct builder *to, const struct wcp_run *run)
{
    const struct wcp_run *last = to->last_moved_in;

    return to->open && to->row.kind == CLI_ROW_MOVED_IN && last != NULL &&
           to->next_moved < to->num_moved &&
           to->moved[to->next_moved]->piece == last->piece &&
           run->b_begin >= last->b_end;
}

static bool
lies_within_move_out(const struct builder *to, size_t i)
{
    const struct wcp_run *list = to->runs->list;

    return to->open && to->row.kind == CLI_ROW_MOVED_OUT &&
           i + 1 < to->runs->num && list[i + 1].in == WCP_MOVED &&
           list[i + 1].piece == to->row.piece;
}

static size_t
count_kind(const struct cli_runs *runs, size_t from, enum wcp_run_place in)
{
    size_t num = 0;

    while (from + num < runs->num && runs->list[from + num].in == in)
        num++;
    return num;
}

/* Runs of B that no row of a move comes between. */
static size_t
count_before_move(const struct builder *to, size_t from, size_t num)
{
    for (size_t i = 0; i < num; i++)
        if (to->next_moved < to->num_moved &&
            to->moved[to->next_moved]->b_begin <
                to->runs->list[from + i].b_begin)
            return i;
    return num;
}

/* Add run i and what belongs beside it; returns how many. */
static size_t
add_run(struct builder *to, size_t i)
{
    const struct wcp_run *run = &to->runs->list[i];
    size_t num_a, num_b;

    switch (run->in) {
    case WCP_IN_BOTH:
        add_moved_before(to, run->b_begin);
        add_both(to, run);
        break;
    case WCP_MOVED:
        add_moved_out(to, run);
        break;
    case WCP_AGAIN_IN_A:
        add_again(to, run);
        break;
    case WCP_AGAIN_IN_B:
        add_moved_before(to, run->b_begin);
        add_again(to, run);
        break;
    case WCP_IN_A:
        if (lies_within_move_out(to, i)) {
            add_own(to, 0, run, CLI_PART_CHANGED);
            break;
        }
        num_a = count_kind(to->runs, i, WCP_IN_A);
        num_b = count_before_move(to, i + num_a,
                                  count_kind(to->runs, i + num_a, WCP_IN_B));
        add_alone_runs(to, run, num_a, run + num_a, num_b);
        return num_a + num_b;
    case WCP_IN_B:
        add_moved_before(to, run->b_begin);
        if (lies_within_move(to, run)) {
            add_own(to, 1, run, CLI_PART_CHANGED);
            break;
        }
        add_alone_runs(to, NULL, 0, run, 1);
        break;
    }
    return 1;
}

static int
compare_by_b(const void *x, const void *y)
{
    const struct wcp_run *p = *(const struct wcp_run *const *)x;
    const struct wcp_run *q = *(const struct wcp_run *const *)y;

    return p->b_begin < q->b_begin ? -1 : p->b_begin > q->b_begin;
}

static bool
builder_init(struct builder *to)
{
    size_t num = to->runs->num;
    uint64_t pieces = 0;

    to->moved = calloc(num + 1, sizeof(struct wcp_run *));
    to->alone = calloc(num + 1, sizeof(struct wcp_run *));
    if (to->moved == NULL || to->alone == NULL)
        return false;
    for (size_t i = 0; i < num; i++) {
        const struct wcp_run *run = &to->runs->list[i];

        if (run->in == WCP_MOVED)
            to->moved[to->num_moved++] = run;
        if (run->in == WCP_IN_A)
            to->alone[to->num_alone++] = run;
        pieces = run->piece > pieces ? run->piece : pieces;
    }
    if (to->num_moved > 0)
        qsort(to->moved, to->num_moved, sizeof(struct wcp_run *), compare_by_b);
    to->seen_out = calloc((size_t)pieces + 1, 1);
    to->seen_in = calloc((size_t)pieces + 1, 1);
    return to->seen_out != NULL && to->seen_in != NULL;
}

bool
cli_rows_make(struct cli_rows *rows, const struct cli_operand operands[2],
              const struct cli_runs *runs)
{
    struct builder to = { .rows = rows, .runs = runs };

    *rows = (struct cli_rows){ .operands = operands };
    rows->no_memory = !builder_init(&to);
    for (size_t i = 0; !rows->no_memory && i < runs->num;)
        i += add_run(&to, i);
    if (!rows->no_memory) {
        add_moved_before(&to, UINT64_MAX);
        close_row(&to);
    }
    free(to.moved);
    free(to.alone);
    free(to.seen_out);
    free(to.seen_in);
    return !rows->no_memory;
}

void
cli_rows_release(struct cli_rows *rows)
{
    free(rows->list);
    free(rows->parts[0]);
    free(rows->parts[1]);
}
