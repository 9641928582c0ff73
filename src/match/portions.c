/*
 * portions.c - the components of a store that has left memory, some at a time
 *
 * Components come largest first, so that the first of a portion says what a
 * thread may need at most for one.
 */
#include "match/match.h"

#include "store/portion.h"

/* Shingle sets that a thread keeps at least. */
#define LEAST_KEPT ((size_t)1 << 20)

struct portioning {
    struct wcp_store *store;
    const struct wcp_components *components;
    const struct wcp_portion_costs *costs;
    uint32_t *classes; /* [num_classes], in units of WCP_COST_UNIT */
    uint8_t *units;    /* [num_classes] */
};

/* Some components and what they take. */
struct stretch {
    uint32_t begin, end;
    uint64_t num_bytes;    /* of all */
    uint32_t largest;      /* classes of a component */
    uint32_t num_compared; /* classes, with an earlier one of their component */
    uint8_t longest;       /* text of those that are compared */
};

static void
add_component(const struct portioning *p, struct stretch *stretch, uint32_t i)
{
    const uint32_t *begins = p->components->begins;
    const uint32_t num = begins[i + 1] - begins[i];

    stretch->num_bytes += 2 * sizeof(uint32_t);
    for (uint32_t k = begins[i]; k < begins[i + 1]; k++) {
        const uint32_t c = p->components->classes[k];

        stretch->num_bytes +=
            (uint64_t)p->classes[c] * WCP_COST_UNIT + 2 * sizeof(uint32_t);
        if (num > 1 && stretch->longest < p->units[c])
            stretch->longest = p->units[c];
    }
    if (stretch->largest < num)
        stretch->largest = num;
    stretch->num_compared += num > 0 ? num - 1 : 0;
    stretch->end = i + 1;
}

/* What a stretch takes, with so many bytes of sets kept by each thread.  No
 * more threads compare than there is to compare: two books are a comparison. */
static uint64_t
stretch_bytes(const struct portioning *p, const struct stretch *stretch,
              size_t kept)
{
    const uint32_t num_threads = p->store->opts.num_threads;
    const uint64_t by_thread =
        kept + (uint64_t)p->costs->by_thread_class * stretch->largest;
    const uint64_t by_comparison =
        (uint64_t)WCP_COMPARED_BYTES * wcp_units_of(stretch->longest);

    return stretch->num_bytes + num_threads * by_thread +
           by_comparison * (num_threads < stretch->num_compared
                                ? num_threads
                                : stretch->num_compared);
}

/* Costs of documents and classes for what is done with them are added. */
static void
find_costs(const struct portioning *p)
{
    const struct wcp_portion_costs *costs = p->costs;

    wcp_store_costs(p->store, costs->by_document, costs->by_class, p->classes);
    wcp_store_class_units(p->store, p->units);
}

/* The components of a stretch by the numbers of the portion. */
static enum wcp_code
translate(const struct portioning *p, const struct stretch *stretch,
          struct wcp_components *to, struct wcp_fault *fault)
{
    const struct wcp_components *from = p->components;
    const uint32_t first = from->begins[stretch->begin];
    const struct wcp_memory *mem = p->store->mem;

    *to = (struct wcp_components){ .mem = mem };
    to->num = to->num_begins = stretch->end - stretch->begin;
    to->num_classes = from->begins[stretch->end] - first;
    to->begins = wcp_new_array(mem, (size_t)to->num + 1, sizeof *to->begins);
    to->classes = wcp_new_array(mem, to->num_classes, sizeof *to->classes);
    if (to->begins == NULL || to->classes == NULL) {
        wcp_components_release(to);
        return wcp_no_memory(fault);
    }
    for (uint32_t i = 0; i <= to->num; i++)
        to->begins[i] = from->begins[stretch->begin + i] - first;
    for (uint32_t i = 0; i < to->num_classes; i++)
        to->classes[i] = wcp_portion_class(p->store, from->classes[first + i]);
    return WCP_CODE_OK;
}

struct action {
    enum wcp_code (*each)(void *ctx, struct wcp_store *portion,
                          const struct wcp_components *components,
                          struct wcp_fault *fault);
    void *ctx;
};

static enum wcp_code
do_stretch(const struct portioning *p, const struct stretch *stretch,
           const struct action *action, struct wcp_fault *fault)
{
    const uint32_t *begins = p->components->begins;
    const uint32_t first = begins[stretch->begin];
    struct wcp_components components = { 0 };
    struct wcp_store *portion = NULL;
    enum wcp_code code =
        wcp_store_portion(p->store, p->components->classes + first,
                          begins[stretch->end] - first, &portion, fault);

    if (code == WCP_CODE_OK)
        code = translate(p, stretch, &components, fault);
    if (code == WCP_CODE_OK)
        code = action->each(action->ctx, portion, &components, fault);
    wcp_components_release(&components);
    wcp_store_free(portion);
    return code;
}

/* The components from 'begin' on that fit; at least one, or NO_MEMORY. */
static enum wcp_code
find_stretch(const struct portioning *p, uint32_t begin,
             struct stretch *stretch, struct wcp_fault *fault)
{
    struct wcp_quota *memory = p->store->opts.memory;
    const uint64_t left = wcp_quota_left(memory);
    const size_t kept = p->store->opts.keep_bytes;

    *stretch = (struct stretch){ .begin = begin, .end = begin };
    while (stretch->end < p->components->num) {
        struct stretch more = *stretch;

        add_component(p, &more, stretch->end);
        if (stretch->end > begin && stretch_bytes(p, &more, kept) > left)
            break;
        *stretch = more;
    }
    return wcp_quota_need(memory, stretch_bytes(p, stretch, kept), fault);
}

/* What the component that takes most does, so that too little memory is known
 * before anything is done. */
static enum wcp_code
check_each(const struct portioning *p, struct wcp_fault *fault)
{
    uint64_t most = 0;

    for (uint32_t i = 0; i < p->components->num; i++) {
        struct stretch stretch = { .begin = i, .end = i };
        uint64_t num_bytes;

        add_component(p, &stretch, i);
        num_bytes = stretch_bytes(p, &stretch, LEAST_KEPT);
        if (most < num_bytes)
            most = num_bytes;
    }
    return wcp_quota_need(p->store->opts.memory, most, fault);
}

static enum wcp_code
do_all(struct portioning *p, const struct action *action,
       struct wcp_fault *fault)
{
    struct wcp_store *store = p->store;
    struct stretch stretch = { 0 };
    enum wcp_code code;

    find_costs(p);
    code = check_each(p, fault);
    if (code != WCP_CODE_OK)
        return code;
    wcp_store_limit_kept(store);
    for (uint32_t i = 0; i < p->components->num && code == WCP_CODE_OK;
         i = stretch.end) {
        code = find_stretch(p, i, &stretch, fault);
        if (code != WCP_CODE_OK) {
            store->opts.keep_bytes = LEAST_KEPT;
            code = find_stretch(p, i, &stretch, fault);
        }
        if (code == WCP_CODE_OK)
            code = do_stretch(p, &stretch, action, fault);
        /* Pairs may be more than could be known. */
        while (code == WCP_CODE_NO_MEMORY && stretch.end - i > 1) {
            const uint32_t end = i + (stretch.end - i) / 2;

            stretch = (struct stretch){ .begin = i, .end = i };
            while (stretch.end < end)
                add_component(p, &stretch, stretch.end);
            code = do_stretch(p, &stretch, action, fault);
        }
    }
    return code;
}

enum wcp_code
wcp_portions_each(struct wcp_store *store,
                  const struct wcp_components *components,
                  const struct wcp_portion_costs *costs,
                  enum wcp_code (*each)(void *ctx, struct wcp_store *portion,
                                        const struct wcp_components *components,
                                        struct wcp_fault *fault),
                  void *ctx, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    const size_t n = store->num_classes;
    const struct action action = { each, ctx };
    struct portioning p = { store, components, costs, NULL, NULL };
    enum wcp_code code;

    p.classes = wcp_new_zeroed(mem, n, sizeof *p.classes);
    p.units = wcp_new_zeroed(mem, n, 1);
    code = p.classes == NULL || p.units == NULL ? wcp_no_memory(fault)
                                                : do_all(&p, &action, fault);
    wcp_free_array(mem, p.classes, n, sizeof *p.classes);
    wcp_free_array(mem, p.units, n, 1);
    wcp_portions_end(store);
    wcp_store_limit_kept(store);
    return code;
}
