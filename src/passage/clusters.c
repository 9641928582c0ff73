/*
 * clusters.c - hits that lie close together, but for those that lead nowhere
 *
 * A cluster is hits of one text that are no farther apart there than those of
 * a chain.  Of most that have several hits, these are one run of units, a
 * phrase: if it is short, and what stands on either side of it has next to
 * nothing in common, it cannot become a span, and nobody need chain it.
 *
 * Each cluster is of another text, which as a rule is in no cache.  So all are
 * gone through three times: that the one fetches which the next looks at.
 */
#include "passage/engine.h"

void
wcp_clusters_release(struct wcp_clusters *clusters)
{
    wcp_array_release(clusters->mem, &clusters->list);
}

static uint32_t
place_of(uint64_t hit)
{
    return (uint32_t)(hit >> 32);
}

/* How many hits, from the first on, belong together. */
static size_t
num_near(const uint64_t *hits, size_t num)
{
    size_t end = 1;

    while (end < num &&
           place_of(hits[end]) - place_of(hits[end - 1]) <= WCP_CHAIN_GAP)
        end++;
    return end;
}

static size_t
num_before(const uint64_t *hits, size_t num, uint32_t end_place)
{
    size_t end = 1;

    while (end < num && place_of(hits[end]) < end_place)
        end++;
    return end;
}

/* The clusters among hits that are near one another. */
static bool
add_near(struct wcp_clusters *clusters, const struct wcp_places *places,
         const uint64_t *hits, uint32_t begin, uint32_t end)
{
    for (uint32_t num; begin < end; begin += num) {
        const uint32_t place = place_of(hits[begin]);
        const uint32_t number = wcp_place_text(places, place);
        const struct wcp_units *text = &places->texts[number];
        const size_t at = place - places->begins[number];

        num = (uint32_t)num_before(hits + begin, end - begin,
                                   places->begins[number + 1]);
        if (num < clusters->least)
            continue;
        __builtin_prefetch((const uint8_t *)text->at +
                           (text->narrow ? at : 2 * at));
        if (!wcp_array_grow(clusters->mem, &clusters->list))
            return false;
        clusters->list.at[clusters->list.num++] =
            (struct wcp_hit_cluster){ begin, num, number };
    }
    return true;
}

bool
wcp_clusters_list(struct wcp_clusters *clusters,
                  const struct wcp_places *places, const uint64_t *hits,
                  size_t num)
{
    clusters->list.num = 0;
    for (size_t i = 0, near; i < num; i += near) {
        near = num_near(hits + i, num - i);
        if (near >= clusters->least)
            __builtin_prefetch(
                &places->coarse[place_of(hits[i]) >> WCP_COARSE_BITS]);
    }
    for (size_t i = 0, near; i < num; i += near) {
        near = num_near(hits + i, num - i);
        if (near >= clusters->least &&
            !add_near(clusters, places, hits, (uint32_t)i,
                      (uint32_t)(i + near)))
            return false;
    }
    return true;
}

bool
wcp_cluster_matches(const uint64_t *hits, uint32_t num, uint32_t last_len,
                    uint32_t least, const struct wcp_units *a,
                    const struct wcp_units *b, uint32_t b_begin)
{
    const uint32_t p = (uint32_t)hits[0];
    const uint32_t len = (uint32_t)hits[num - 1] - p + last_len;

    if (len >= least)
        return true;
    for (uint32_t i = 1; i < num; i++)
        if ((hits[i] - hits[0]) >> 32 != (uint32_t)(hits[i] - hits[0]))
            return true;
    return wcp_match_most(a->at, a->num, b, p, place_of(hits[0]) - b_begin,
                          len) >= least;
}
