/*
 * document_pairs.c - pairs of classes -> pairs of documents, in order
 *
 * For each document in order the later documents of its own class and of the
 * classes paired with it are listed, sorted and handed out: nothing but the
 * pairs of classes is held.
 */
#include "group/group.h"

#include <string.h>

struct partner {
    uint32_t class_number;
    const struct wcp_class_pair *pair;
};

struct expansion {
    const struct wcp_store *store;
    uint32_t *order;  /* documents that may have partners, in order */
    uint32_t *places; /* by document: where it stands in 'order' */
    size_t num;
    size_t *begins; /* by class, [num_classes + 1], into partners */
    struct partner *partners;
    WCP_ARRAY(uint32_t) later; /* places */
    WCP_ARRAY(uint32_t) scratch;
    const struct partner **by_class; /* of the document at hand */
};

static bool
list_partners(struct expansion *ex, const struct wcp_class_pairs *pairs)
{
    const struct wcp_store *store = ex->store;
    size_t n = store->num_classes;

    ex->begins = wcp_new_zeroed(store->mem, n + 2, sizeof *ex->begins);
    ex->partners =
        wcp_new_array(store->mem, 2 * pairs->list.num, sizeof *ex->partners);
    if (ex->begins == NULL || ex->partners == NULL)
        return false;
    for (size_t i = 0; i < pairs->list.num; i++) {
        ex->begins[pairs->list.at[i].a + 2]++;
        ex->begins[pairs->list.at[i].b + 2]++;
    }
    for (size_t i = 0; i < n; i++)
        ex->begins[i + 2] += ex->begins[i + 1];
    for (size_t i = 0; i < pairs->list.num; i++) {
        const struct wcp_class_pair *pair = &pairs->list.at[i];

        ex->partners[ex->begins[pair->a + 1]++] =
            (struct partner){ pair->b, pair };
        ex->partners[ex->begins[pair->b + 1]++] =
            (struct partner){ pair->a, pair };
    }
    return true;
}

static bool
order_documents(struct expansion *ex)
{
    const struct wcp_store *store = ex->store;
    size_t n = store->num_documents;

    ex->order = wcp_new_array(store->mem, n, sizeof *ex->order);
    ex->places = wcp_new_array(store->mem, n, sizeof *ex->places);
    ex->by_class =
        wcp_new_zeroed(store->mem, store->num_classes, sizeof *ex->by_class);
    if (ex->order == NULL || ex->places == NULL || ex->by_class == NULL)
        return false;
    for (uint32_t doc = 0; doc < n; doc++) {
        uint32_t c = wcp_document_class(store, doc);

        if (c != WCP_NO_CLASS &&
            (store->class_begins[c + 1] - store->class_begins[c] > 1 ||
             ex->begins[c + 1] > ex->begins[c]))
            ex->order[ex->num++] = doc;
    }
    /* 'places' is free until the order is known. */
    wcp_sort_documents(store, WCP_ORDER_DATE, ex->order, ex->num, ex->places);
    for (uint32_t i = 0; i < ex->num; i++)
        ex->places[ex->order[i]] = i;
    return true;
}

static bool
add_later(struct expansion *ex, uint32_t c, uint32_t place)
{
    const struct wcp_store *store = ex->store;

    for (uint32_t k = store->class_begins[c]; k < store->class_begins[c + 1];
         k++) {
        uint32_t other = ex->places[store->class_documents[k]];

        if (other <= place)
            continue;
        if (!wcp_array_grow(store->mem, &ex->later))
            return false;
        ex->later.at[ex->later.num++] = other;
    }
    return true;
}

static void
sort_places(uint32_t *places, size_t num, uint32_t *scratch)
{
    size_t half = num / 2, left = 0, right = half, at = 0;

    if (num < 2)
        return;
    sort_places(places, half, scratch);
    sort_places(places + half, num - half, scratch);
    memcpy(scratch, places, half * sizeof *places);
    while (left < half && right < num)
        places[at++] =
            scratch[left] <= places[right] ? scratch[left++] : places[right++];
    while (left < half)
        places[at++] = scratch[left++];
}

/* What a is to b, where b is 'relation' to a. */
static enum wcp_relation_kind
turned(enum wcp_relation_kind relation)
{
    if (relation == WCP_REL_ABRIDGED)
        return WCP_REL_EXPANDED;
    return relation == WCP_REL_EXPANDED ? WCP_REL_ABRIDGED : relation;
}

/* The overlap with the first document's class as a. */
static struct wcp_document_pair
make_pair(const struct expansion *ex, uint32_t a, uint32_t b)
{
    uint32_t class_a = wcp_document_class(ex->store, a);
    uint32_t class_b = wcp_document_class(ex->store, b);
    struct wcp_document_pair pair = {
        a, b, { 1, 1, 1 }, true, WCP_REL_IDENTICAL
    };

    if (class_a != class_b) {
        const struct wcp_class_pair *found = ex->by_class[class_b]->pair;

        pair.overlap = found->overlap;
        pair.same_text = false;
        pair.relation = (enum wcp_relation_kind)found->relation;
        if (found->a != class_a) {
            pair.overlap.size_a = found->overlap.size_b;
            pair.overlap.size_b = found->overlap.size_a;
            pair.relation = turned(pair.relation);
        }
    }
    return pair;
}

static enum wcp_code
expand_document(struct expansion *ex, uint32_t place,
                bool (*each)(void *ctx, const struct wcp_document_pair *),
                void *ctx, struct wcp_fault *fault)
{
    uint32_t doc = ex->order[place];
    uint32_t c = wcp_document_class(ex->store, doc);

    ex->later.num = 0;
    if (!add_later(ex, c, place))
        return wcp_no_memory(fault);
    for (size_t i = ex->begins[c]; i < ex->begins[c + 1]; i++) {
        ex->by_class[ex->partners[i].class_number] = &ex->partners[i];
        if (!add_later(ex, ex->partners[i].class_number, place))
            return wcp_no_memory(fault);
    }
    if (!wcp_array_reserve(ex->store->mem, &ex->scratch, ex->later.num))
        return wcp_no_memory(fault);
    sort_places(ex->later.at, ex->later.num, ex->scratch.at);
    for (size_t i = 0; i < ex->later.num; i++) {
        struct wcp_document_pair pair =
            make_pair(ex, doc, ex->order[ex->later.at[i]]);

        if (!each(ctx, &pair))
            return wcp_fail(fault, WCP_CODE_STOPPED, 0, "stopped");
    }
    return WCP_CODE_OK;
}

enum wcp_code
wcp_document_pairs_each(const struct wcp_store *store,
                        const struct wcp_class_pairs *pairs,
                        bool (*each)(void *ctx,
                                     const struct wcp_document_pair *pair),
                        void *ctx, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    struct expansion ex = { .store = store };
    enum wcp_code code = WCP_CODE_OK;

    if (!list_partners(&ex, pairs) || !order_documents(&ex))
        code = wcp_no_memory(fault);
    for (uint32_t place = 0; code == WCP_CODE_OK && place < ex.num; place++)
        code = expand_document(&ex, place, each, ctx, fault);
    wcp_free_array(mem, ex.order, store->num_documents, sizeof *ex.order);
    wcp_free_array(mem, ex.places, store->num_documents, sizeof *ex.places);
    wcp_free_array(mem, ex.begins, (size_t)store->num_classes + 2,
                   sizeof *ex.begins);
    wcp_free_array(mem, ex.partners, 2 * pairs->list.num, sizeof *ex.partners);
    wcp_free_array(mem, ex.by_class, store->num_classes, sizeof *ex.by_class);
    wcp_array_release(mem, &ex.later);
    wcp_array_release(mem, &ex.scratch);
    return code;
}
