/*
 * alike.c - the copies of a passage that are like its first
 *
 * Loci were linked by pairs, so that the last may be unlike the first.  Those
 * that are not like the first make a passage of their own, with what they were
 * linked to, and so on.
 */
#include "passage/merge.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Passages that the loci of one set may fall into. */
enum { MAX_LEADERS = 32 };

int
wcp_compare_sorting(const void *x, const void *y)
{
    const struct wcp_sorting *p = x, *q = y;

    if (p->span.begin != q->span.begin)
        return p->span.begin < q->span.begin ? -1 : 1;
    return p->span.end > q->span.end ? -1 : p->span.end < q->span.end;
}

static bool
put_copy(struct wcp_merging *m, struct wcp_passages *result,
         struct wcp_span span, double similarity)
{
    uint32_t text = wcp_place_text(m->places, span.begin);

    if (!wcp_array_grow(m->mem, &result->copies))
        return false;
    result->copies.at[result->copies.num++] =
        (struct wcp_text_copy){ text, span.begin - m->places->begins[text],
                                span.end - m->places->begins[text],
                                (float)similarity };
    return true;
}

/*
 * One passage of the loci in 'todo' that are like the first of them.  Those
 * that are not, and what they have most in common with, are left in 'todo'.
 */
static enum wcp_code
put_alike(struct wcp_merging *m, struct wcp_passages *result,
          struct wcp_fault *fault)
{
    struct wcp_text_passage passage = { .first = result->copies.num };
    uint32_t leader = m->todo.at[0];
    size_t num = m->todo.num, num_left = 0;

    for (size_t i = 0; i < num; i++) {
        uint32_t number = m->todo.at[i];
        struct wcp_span span = m->loci.list.at[number].span;
        uint32_t text = wcp_place_text(m->places, span.begin);
        double similarity = 1;
        enum wcp_code code = WCP_CODE_OK;

        if (i > 0)
            code = wcp_match_spans(&m->matcher, m->loci.list.at[leader].span,
                                   span, &similarity, fault);
        if (code != WCP_CODE_OK)
            return code;
        if (similarity < m->opts->min_similarity) {
            m->todo.at[num_left++] = number;
            continue;
        }
        if (!put_copy(m, result, span, similarity))
            return wcp_no_memory(fault);
        passage.num++;
        passage.num_copies += m->counts != NULL ? m->counts[text] : 1;
        if (wcp_span_length(span) > passage.length)
            passage.length = wcp_span_length(span);
    }
    m->todo.num = num_left;
    if (passage.num_copies < m->opts->min_copies) {
        result->copies.num = passage.first;
        return WCP_CODE_OK;
    }
    if (!wcp_array_grow(m->mem, &result->list))
        return wcp_no_memory(fault);
    result->list.at[result->list.num++] = passage;
    return WCP_CODE_OK;
}

static int
compare_numbers(const void *x, const void *y)
{
    const struct wcp_sorting *p = x, *q = y;
    int order = wcp_compare_sorting(x, y);

    return order != 0 ? order
                      : (p->number > q->number) - (p->number < q->number);
}

/* Add their partners to the loci in 'todo', but for those that have led, and
 * put all in order. */
static bool
add_partners(struct wcp_merging *m, const uint32_t *leaders, size_t num_leaders)
{
    size_t num = m->todo.num, num_all = 0;
    struct wcp_sorting *all = wcp_new_array(m->mem, 2 * num, sizeof *all);

    if (all == NULL)
        return false;
    for (size_t i = 0; i < num; i++) {
        uint32_t number = m->todo.at[i];
        uint32_t partner = m->loci.list.at[number].partner;

        all[num_all++] =
            (struct wcp_sorting){ m->loci.list.at[number].span, number };
        for (size_t k = 0; k < num_leaders; k++)
            if (leaders[k] == partner)
                partner = NONE;
        if (partner != NONE)
            all[num_all++] =
                (struct wcp_sorting){ m->loci.list.at[partner].span, partner };
    }
    qsort(all, num_all, sizeof *all, compare_numbers);
    m->todo.num = 0;
    for (size_t i = 0; i < num_all; i++) {
        if (m->todo.num > 0 &&
            all[i].span.begin <
                m->loci.list.at[m->todo.at[m->todo.num - 1]].span.end)
            continue;
        if (!wcp_array_grow(m->mem, &m->todo)) {
            wcp_free_array(m->mem, all, 2 * num, sizeof *all);
            return false;
        }
        m->todo.at[m->todo.num++] = all[i].number;
    }
    wcp_free_array(m->mem, all, 2 * num, sizeof *all);
    return true;
}

/* Loci are linked by pairs, so that the last may be unlike the first: what is
 * makes a passage of its own, and so on. */
static enum wcp_code
put_passage(struct wcp_merging *m, struct wcp_passages *result,
            const struct wcp_merged *from, struct wcp_fault *fault)
{
    uint32_t leaders[MAX_LEADERS];
    enum wcp_code code = WCP_CODE_OK;

    if (!wcp_array_reserve(m->mem, &m->todo, from->loci.num))
        return wcp_no_memory(fault);
    m->todo.num = from->loci.num;
    memcpy(m->todo.at, from->loci.at, from->loci.num * sizeof *m->todo.at);
    for (size_t i = 0;
         code == WCP_CODE_OK && m->todo.num > 0 && i < MAX_LEADERS; i++) {
        if (i > 0 && !add_partners(m, leaders, i))
            return wcp_no_memory(fault);
        leaders[i] = m->todo.at[0];
        code = put_alike(m, result, fault);
    }
    return code;
}

static bool
note_order(struct wcp_merging *m, struct wcp_put_order order)
{
    if (!wcp_array_grow(m->mem, &m->orders))
        return false;
    m->orders.at[m->orders.num++] = order;
    return true;
}

enum wcp_code
wcp_put_orphans(struct wcp_merging *m, struct wcp_passages *result,
                struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;
    size_t num_put = result->list.num;

    for (size_t i = 0; code == WCP_CODE_OK && i < m->orphans.num; i++) {
        m->todo.num = 0;
        if (!wcp_array_grow(m->mem, &m->todo))
            return wcp_no_memory(fault);
        m->todo.at[m->todo.num++] = m->orphans.at[i].locus;
        if (!add_partners(m, NULL, 0))
            return wcp_no_memory(fault);
        if (m->todo.num != 2)
            continue;
        code = put_alike(m, result, fault);
        if (code == WCP_CODE_OK && result->list.num > num_put &&
            !note_order(m, m->orphans.at[i].order))
            code = wcp_no_memory(fault);
        num_put = result->list.num;
    }
    return code;
}

/* ---- all passages, by several threads ---- */

enum { TOGETHER = 16 /* passages */ };

/* What a thread has put, in lists of its own. */
struct put_thread {
    struct wcp_merging m; /* the same, but for what passages are put with */
    struct wcp_passages result;
};

/* What one of the passages has become. */
struct put_piece {
    unsigned thread;
    size_t first, num; /* in the list of the thread */
};

struct wcp_putting {
    struct wcp_merging *m;
    struct put_thread *threads;
    struct put_piece *pieces;
    atomic_size_t next;
    atomic_bool no_memory;
};

static bool
begin_threads(struct wcp_putting *p)
{
    const unsigned num = p->m->opts->num_threads;

    p->threads = wcp_new_zeroed(p->m->mem, num, sizeof *p->threads);
    p->pieces =
        wcp_new_zeroed(p->m->mem, p->m->passages.num, sizeof *p->pieces);
    if (p->threads == NULL || p->pieces == NULL)
        return false;
    for (unsigned t = 0; t < num; t++) {
        struct put_thread *thread = &p->threads[t];

        thread->m = *p->m;
        memset(&thread->m.todo, 0, sizeof thread->m.todo);
        thread->result = (struct wcp_passages){ .mem = p->m->mem };
    }
    return true;
}

struct wcp_putting *
wcp_putting_new(struct wcp_merging *m)
{
    struct wcp_putting *p = wcp_new_zeroed(m->mem, 1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->m = m;
    if (begin_threads(p))
        return p;
    wcp_putting_free(p);
    return NULL;
}

void
wcp_putting_free(struct wcp_putting *p)
{
    const struct wcp_memory *mem;

    if (p == NULL)
        return;
    mem = p->m->mem;
    for (unsigned t = 0; p->threads != NULL && t < p->m->opts->num_threads;
         t++) {
        wcp_array_release(mem, &p->threads[t].m.todo);
        wcp_passages_release(&p->threads[t].result);
    }
    wcp_free_array(mem, p->threads, p->m->opts->num_threads,
                   sizeof *p->threads);
    wcp_free_array(mem, p->pieces, p->m->passages.num, sizeof *p->pieces);
    wcp_free_array(mem, p, 1, sizeof *p);
}

static void
put_one(struct wcp_putting *p, unsigned thread, size_t i)
{
    struct put_thread *to = &p->threads[thread];
    size_t first = to->result.list.num;

    if (p->m->passages.at[i].dropped || atomic_load(&p->no_memory))
        return;
    if (put_passage(&to->m, &to->result, &p->m->passages.at[i], NULL) !=
        WCP_CODE_OK)
        atomic_store(&p->no_memory, true);
    p->pieces[i] =
        (struct put_piece){ thread, first, to->result.list.num - first };
}

bool
wcp_put_some(struct wcp_putting *p, unsigned thread,
             struct wcp_matcher *matcher)
{
    struct put_thread *to = &p->threads[thread];
    const size_t num = p->m->passages.num;
    const size_t begin = atomic_fetch_add(&p->next, TOGETHER);

    to->m.matcher = *matcher;
    for (size_t i = begin; i < num && i < begin + TOGETHER; i++)
        put_one(p, thread, i);
    *matcher = to->m.matcher;
    return begin < num;
}

static bool
take_pieces(const struct wcp_putting *p, struct wcp_passages *result)
{
    for (size_t i = 0; i < p->m->passages.num; i++) {
        const struct wcp_merged *merged = &p->m->passages.at[i];
        const struct wcp_put_order order = { WCP_PUT_PASSAGE,
                                             merged->made_longest,
                                             merged->made_begin };
        const struct put_piece *piece = &p->pieces[i];
        const struct wcp_passages *from = &p->threads[piece->thread].result;

        for (size_t k = piece->first; k < piece->first + piece->num; k++) {
            struct wcp_text_passage passage = from->list.at[k];

            if (!note_order(p->m, order) ||
                !wcp_array_grow(p->m->mem, &result->list) ||
                !wcp_array_reserve(p->m->mem, &result->copies,
                                   result->copies.num + passage.num))
                return false;
            memcpy(result->copies.at + result->copies.num,
                   from->copies.at + passage.first,
                   passage.num * sizeof *result->copies.at);
            passage.first = result->copies.num;
            result->copies.num += passage.num;
            result->list.at[result->list.num++] = passage;
        }
    }
    return true;
}

enum wcp_code
wcp_put_passages(struct wcp_putting *p, struct wcp_passages *result,
                 struct wcp_fault *fault)
{
    return !atomic_load(&p->no_memory) && take_pieces(p, result)
               ? WCP_CODE_OK
               : wcp_no_memory(fault);
}
