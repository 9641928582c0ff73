/*
 * sift.c - groups lose what is no copy of their original
 *
 * Members of a group are alike to its original; forms and captions are too.
 * Each member is judged against it (judge.c).  Those that the verdict takes
 * out are looked at once more among themselves, for one of them may be printed
 * twice: each joins the most similar earlier one that it is a copy of, or is
 * an original.  Only the MAX_NEAR that seem most similar are compared: what
 * was printed twice is more alike than two issues of a form.
 */
#include "group/judge.h"
#include "group/stories.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NEAR = 8 };

/* Of a form with more issues than that, no two are looked at again. */
enum { MANY_ISSUES = 64 };

/* A document that was taken out. */
struct outcast {
    uint32_t document, group;
    uint32_t original; /* its own number: it is one */
};

struct sifting {
    struct wcp_judge *judge;
    struct wcp_store *store;
    const struct wcp_copy_rules *rules;
    struct wcp_groups *groups;
    WCP_ARRAY(struct wcp_class_pair) judged; /* a: the original; sorted */
    WCP_ARRAY(struct wcp_member) copies;
    WCP_ARRAY(struct outcast) outcasts;    /* by group, in order */
    WCP_ARRAY(struct wcp_class_pair) near; /* a: the earlier outcast's */
    WCP_ARRAY(uint8_t) values;  /* of the outcasts of the group at hand */
    size_t first;               /* of these */
    WCP_ARRAY(uint64_t) places; /* class << 32 | outcast, ascending */
    WCP_ARRAY(uint64_t)
    joins; /* class << 32 | pair in 'near' of which it is
            * b, ascending */
    uint64_t num_verified;
};

static uint32_t
class_of(const struct sifting *s, uint32_t document)
{
    return wcp_document_class(s->store, document);
}

static bool
is_allowed(const struct sifting *s, int32_t relation)
{
    return relation == 0 ||
           (s->rules->relations & WCP_REL_BIT((unsigned)relation)) != 0;
}

static int
compare_pairs(const void *a, const void *b)
{
    const struct wcp_class_pair *x = a, *y = b;

    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

/* Sort pairs and leave each once; how many are left. */
static size_t
sort_pairs(struct wcp_class_pair *pairs, size_t num)
{
    size_t kept = 0;

    wcp_class_pairs_sort(pairs, num);
    for (size_t i = 0; i < num; i++)
        if (kept == 0 || compare_pairs(&pairs[kept - 1], &pairs[i]) != 0)
            pairs[kept++] = pairs[i];
    return kept;
}

static const struct wcp_class_pair *
find_pair(const struct wcp_class_pair *pairs, size_t num, uint32_t a,
          uint32_t b)
{
    const struct wcp_class_pair wanted = { .a = a, .b = b };

    return pairs != NULL
               ? bsearch(&wanted, pairs, num, sizeof wanted, compare_pairs)
               : NULL;
}

/* ---- members against their originals ---- */

/* The classes of members further on are asked for soon. */
static void
look_ahead(const struct sifting *s, size_t i)
{
    enum { AHEAD = 16 };
    const struct wcp_store *store = s->store;

    if (store->outline == NULL && i + AHEAD < s->groups->members.num)
        wcp_prefetch(&store->entries[s->groups->members.at[i + AHEAD].document]
                          .class_number);
}

/* Judge what was not judged when it was found. */
static enum wcp_code
judge_members(struct sifting *s, struct wcp_fault *fault)
{
    for (size_t i = 0; i < s->groups->members.num; i++) {
        const struct wcp_member *member = &s->groups->members.at[i];
        const struct wcp_overlap *overlap = &member->overlap;
        uint32_t original, c;

        if (member->relation != 0 || member->document == member->original)
            continue;
        look_ahead(s, i);
        original = class_of(s, member->original);
        c = class_of(s, member->document);
        if (c == original)
            continue;
        if (!wcp_array_grow(s->store->mem, &s->judged))
            return wcp_no_memory(fault);
        s->judged.at[s->judged.num++] = (struct wcp_class_pair){
            .a = original,
            .b = c,
            .overlap = { overlap->common, overlap->size_b, overlap->size_a },
        };
    }
    s->judged.num = sort_pairs(s->judged.at, s->judged.num);
    return wcp_judge_pairs(s->judge, s->judged.at, s->judged.num, fault);
}

/* What was said of a class and its original; 'places' has for each class where
 * its last pair stands, and most have one. */
static int32_t
judged_relation(const struct sifting *s, const uint32_t *places,
                uint32_t original, uint32_t c)
{
    const struct wcp_class_pair *pair = &s->judged.at[places[c]];

    if (pair->a != original)
        pair = find_pair(s->judged.at, s->judged.num, original, c);
    return pair->relation;
}

static bool
cast_out(struct sifting *s, uint32_t document, size_t group)
{
    if (!wcp_array_grow(s->store->mem, &s->outcasts))
        return false;
    s->outcasts.at[s->outcasts.num++] =
        (struct outcast){ .document = document, .group = (uint32_t)group };
    return true;
}

/* Whether a member stays in its group.  What it is, if it has been judged, is
 * in its relation then. */
static bool
stays(const struct sifting *s, const uint32_t *places,
      struct wcp_member *member)
{
    if (member->relation == 0) {
        const uint32_t original = class_of(s, member->original);
        const uint32_t c = class_of(s, member->document);

        if (c == original)
            return true;
        member->relation =
            (enum wcp_relation_kind)judged_relation(s, places, original, c);
    }
    return member->relation == WCP_REL_IDENTICAL ||
           member->relation == WCP_REL_REPRINT ||
           is_allowed(s, (int32_t)member->relation);
}

/* Copies stay in their groups, outcasts leave them. */
static bool
part_in_place(struct sifting *s, const uint32_t *places)
{
    struct wcp_groups *groups = s->groups;
    struct wcp_member *members = groups->members.at;
    size_t *const begins = groups->begins.at;
    size_t num_groups = 0, at = 0;

    for (size_t i = 0, k = 0; i < groups->begins.num; i++) {
        const size_t end = begins[i + 1], begin = at;

        members[at++] = members[k++];
        for (; k < end; k++) {
            struct wcp_member member = members[k];

            if (stays(s, places, &member))
                members[at++] = member;
            else if (!cast_out(s, member.document, i))
                return false;
        }
        if (at - begin > 1)
            begins[num_groups++] = begin;
        else
            at = begin;
    }
    begins[num_groups] = at;
    groups->begins.num = num_groups;
    groups->members.num = at;
    return true;
}

static bool
part_members(struct sifting *s)
{
    const struct wcp_memory *mem = s->store->mem;
    const size_t n = s->judged.num > 0 ? s->store->num_classes : 0;
    const struct wcp_class_pair *judged = s->judged.at;
    uint32_t *places = wcp_new_array(mem, n, sizeof *places);
    bool parted;

    for (size_t i = 0; places != NULL && judged != NULL && i < s->judged.num;
         i++)
        places[judged[i].b] = (uint32_t)i;
    parted = places != NULL && part_in_place(s, places);
    wcp_free_array(mem, places, n, sizeof *places);
    return parted;
}

/* ---- outcasts among themselves ---- */

/* The earlier outcasts that seem most similar to the one at hand. */
struct nearest {
    size_t places[MAX_NEAR];
    unsigned equal[MAX_NEAR]; /* bins, descending */
    size_t num;
};

static void
keep_nearest(struct nearest *nearest, size_t place, unsigned equal)
{
    size_t at = nearest->num;

    if (at == MAX_NEAR && nearest->equal[at - 1] >= equal)
        return;
    at -= at == MAX_NEAR;
    nearest->num += nearest->num < MAX_NEAR;
    for (; at > 0 && nearest->equal[at - 1] < equal; at--) {
        nearest->equal[at] = nearest->equal[at - 1];
        nearest->places[at] = nearest->places[at - 1];
    }
    nearest->equal[at] = equal;
    nearest->places[at] = place;
}

/* The values of outcast i, behind those of the earlier ones of its group; NULL:
 * there are none. */
static const uint8_t *
add_values(struct sifting *s, size_t i)
{
    uint8_t room[WCP_NUM_BINS];
    const uint8_t *values = wcp_class_values(
        s->store, class_of(s, s->outcasts.at[i].document), room);
    uint8_t *to;

    if (i == 0 || s->outcasts.at[i].group != s->outcasts.at[i - 1].group) {
        s->values.num = 0;
        s->first = i;
    }
    to = s->values.at + s->values.num;
    s->values.num += WCP_NUM_BINS;
    if (values == NULL)
        memset(to, 0, WCP_NUM_BINS);
    else
        memcpy(to, values, WCP_NUM_BINS);
    return values != NULL ? to : NULL;
}

/* List pairs of an outcast and earlier ones of its group.  Only signatures can
 * say what is near; SimHash, which is for what is nearly the same, does not. */
static bool
list_near(struct sifting *s, size_t i)
{
    const uint32_t c = class_of(s, s->outcasts.at[i].document);
    struct nearest nearest = { .num = 0 };
    const uint8_t *values;

    if (!wcp_array_reserve(s->store->mem, &s->values,
                           s->values.num + WCP_NUM_BINS))
        return false;
    values = add_values(s, i);
    for (size_t k = i; values != NULL && k-- > s->first;)
        if (class_of(s, s->outcasts.at[k].document) != c)
            keep_nearest(
                &nearest, k,
                wcp_count_equal(values,
                                s->values.at + (k - s->first) * WCP_NUM_BINS));
    for (size_t k = 0; k < nearest.num; k++) {
        if (!wcp_array_grow(s->store->mem, &s->near))
            return false;
        s->near.at[s->near.num++] = (struct wcp_class_pair){
            .a = class_of(s, s->outcasts.at[nearest.places[k]].document),
            .b = c,
        };
    }
    return true;
}

static enum wcp_code
judge_outcasts(struct sifting *s, struct wcp_fault *fault)
{
    size_t num;
    enum wcp_code code;

    for (size_t i = 0; i < s->outcasts.num; i++)
        if (!list_near(s, i))
            return wcp_no_memory(fault);
    num = sort_pairs(s->near.at, s->near.num);
    code = wcp_overlaps_fill(s->store, s->near.at, &num, s->rules->threshold,
                             &s->num_verified, fault);
    s->near.num = num;
    if (code == WCP_CODE_OK)
        code = wcp_judge_pairs(s->judge, s->near.at, num, fault);
    return code;
}

/* Outcasts by class, and what each class may join. */
static bool
sort_places(struct sifting *s)
{
    const struct wcp_memory *mem = s->store->mem;
    const size_t num = s->outcasts.num, num_near = s->near.num;
    const size_t most = num > num_near ? num : num_near;
    uint64_t *scratch = wcp_new_array(mem, most, sizeof *scratch);
    const bool sorted = scratch != NULL &&
                        wcp_array_reserve(mem, &s->places, num) &&
                        wcp_array_reserve(mem, &s->joins, num_near);

    if (sorted) {
        s->places.num = num;
        s->joins.num = num_near;
        for (size_t i = 0; i < num; i++)
            s->places.at[i] =
                (uint64_t)class_of(s, s->outcasts.at[i].document) << 32 | i;
        for (size_t i = 0; i < num_near; i++)
            s->joins.at[i] = (uint64_t)s->near.at[i].b << 32 | i;
        wcp_sort_u64(s->places.at, scratch, num);
        wcp_sort_u64(s->joins.at, scratch, num_near);
    }
    wcp_free_array(mem, scratch, most, sizeof *scratch);
    return sorted;
}

/* The first key of a class, or of one behind it. */
static size_t
find_class(const uint64_t *keys, size_t num, uint32_t c)
{
    size_t low = 0, high = num;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (keys[middle] >> 32 < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whom an outcast joins. */
struct joining {
    size_t place; /* of the outcast */
    size_t to;    /* the place of an earlier one; its own: of none yet */
    struct wcp_overlap overlap;
};

/* Let it join the first original of a class, if none was more alike. */
static void
try_class(const struct sifting *s, struct joining *joining, uint32_t c,
          const struct wcp_overlap *overlap)
{
    const struct outcast *outcasts = s->outcasts.at;
    const bool any = joining->to != joining->place;
    const int order = any ? wcp_overlap_compare(overlap, &joining->overlap) : 1;

    for (size_t at = find_class(s->places.at, s->places.num, c);
         order >= 0 && at < s->places.num && s->places.at[at] >> 32 == c;
         at++) {
        const size_t k = (uint32_t)s->places.at[at];

        if (k >= joining->place || (order == 0 && k >= joining->to))
            return;
        if (outcasts[k].group != outcasts[joining->place].group ||
            outcasts[k].original != outcasts[k].document)
            continue;
        joining->to = k;
        joining->overlap = *overlap;
        return;
    }
}

static bool
place_outcast(struct sifting *s, size_t i)
{
    const struct wcp_overlap same = { 1, 1, 1 };
    struct outcast *outcast = &s->outcasts.at[i];
    const uint32_t c = class_of(s, outcast->document);
    struct joining joining = { .place = i, .to = i };

    outcast->original = outcast->document;
    try_class(s, &joining, c, &same);
    for (size_t at = find_class(s->joins.at, s->joins.num, c);
         at < s->joins.num && s->joins.at[at] >> 32 == c; at++) {
        const struct wcp_class_pair *pair =
            &s->near.at[(uint32_t)s->joins.at[at]];
        const struct wcp_overlap overlap = { pair->overlap.common,
                                             pair->overlap.size_b,
                                             pair->overlap.size_a };

        if (is_allowed(s, pair->relation) &&
            wcp_jaccard(&overlap) >= s->rules->threshold)
            try_class(s, &joining, pair->a, &overlap);
    }
    if (joining.to == i)
        return true;
    outcast->original = s->outcasts.at[joining.to].document;
    if (!wcp_array_grow(s->store->mem, &s->copies))
        return false;
    s->copies.at[s->copies.num++] =
        (struct wcp_member){ .document = outcast->document,
                             .original = outcast->original,
                             .overlap = joining.overlap };
    return true;
}

/* Where the outcasts of a group that begin at i end. */
static size_t
group_end(const struct sifting *s, size_t i)
{
    const uint32_t group = s->outcasts.at[i].group;

    while (i < s->outcasts.num && s->outcasts.at[i].group == group)
        i++;
    return i;
}

/*
 * Which outcasts of very many lie in others is not asked: each pair of them
 * would be looked at, and is what the nearest ones have been looked at for.
 */
static bool
note_issues(struct sifting *s)
{
    struct wcp_judge *judge = s->judge;

    for (size_t i = 0, end; i < s->outcasts.num; i = end) {
        end = group_end(s, i);
        if (end - i <= MANY_ISSUES)
            continue;
        if (judge->form_of == NULL)
            judge->form_of = wcp_new_zeroed(
                s->store->mem, s->store->num_classes, sizeof *judge->form_of);
        if (judge->form_of == NULL)
            return false;
        for (size_t k = i; k < end; k++)
            judge->form_of[class_of(s, s->outcasts.at[k].document)] =
                s->outcasts.at[k].group + 1;
    }
    return true;
}

/* The groups of outcasts that found one another join the others. */
static bool
add_groups(struct sifting *s)
{
    struct wcp_groups more = { .mem = s->store->mem };
    struct wcp_copy_rules all = *s->rules;
    bool added;

    all.relations = UINT_MAX;
    added = wcp_groups_arrange(&more, s->store, &all, s->copies.at,
                               s->copies.num) &&
            wcp_groups_merge(s->groups, &more, s->store, s->rules);
    wcp_groups_release(&more);
    return added;
}

static enum wcp_code
sift(struct sifting *s, struct wcp_fault *fault)
{
    enum wcp_code code = judge_members(s, fault);

    if (code != WCP_CODE_OK)
        return code;
    if (!part_members(s))
        return wcp_no_memory(fault);
    if (s->outcasts.num == 0)
        return WCP_CODE_OK;
    code = judge_outcasts(s, fault);
    if (code == WCP_CODE_OK && !sort_places(s))
        code = wcp_no_memory(fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < s->outcasts.num; i++)
        if (!place_outcast(s, i))
            code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK && !note_issues(s))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK && s->copies.num > 0 && !add_groups(s))
        code = wcp_no_memory(fault);
    return code;
}

enum wcp_code
wcp_groups_sift(struct wcp_groups *groups, struct wcp_judge *judge,
                const struct wcp_copy_rules *rules, struct wcp_fault *fault)
{
    struct wcp_store *store = judge->store;
    struct sifting s = {
        .judge = judge, .store = store, .rules = rules, .groups = groups
    };
    enum wcp_code code = sift(&s, fault);

    groups->num_verified += s.num_verified;
    wcp_array_release(store->mem, &s.judged);
    wcp_array_release(store->mem, &s.copies);
    wcp_array_release(store->mem, &s.outcasts);
    wcp_array_release(store->mem, &s.near);
    wcp_array_release(store->mem, &s.values);
    wcp_array_release(store->mem, &s.places);
    wcp_array_release(store->mem, &s.joins);
    return code;
}
