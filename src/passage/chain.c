/*
 * chain.c - hits -> collinear chains
 *
 * A hit is a seed of the text at p that stands at place q too.  A chain is
 * hits that ascend in both, with gaps of at most WCP_CHAIN_GAP.  Its score is
 * the units that its seeds cover, less a part of the gaps between them: less
 * for text that was inserted on one side than for text that was replaced.  The
 * best chain that ends in a hit is found from the few hits before it (after Li,
 * "Minimap2", 2018); the chains are then taken off, the best first.
 */
#include "passage/engine.h"

/* Hits before one that are tried. */
enum { MAX_TRIES = 32 };

void
wcp_chainer_release(struct wcp_chainer *chainer)
{
    wcp_array_release(chainer->mem, &chainer->scores);
    wcp_array_release(chainer->mem, &chainer->before);
    wcp_array_release(chainer->mem, &chainer->order);
    wcp_array_release(chainer->mem, &chainer->hits);
    wcp_array_release(chainer->mem, &chainer->chains);
}

/* Places are not spread evenly as what wcp_sort_u64() is made for: what all
 * have in common is taken off, so that the top bits set them apart. */
void
wcp_sort_hits(uint64_t *hits, uint64_t *scratch, size_t num)
{
    uint64_t least = UINT64_MAX, most = 0;
    unsigned shift = 0;
    bool sorted = true;

    for (size_t i = 0; i < num; i++) {
        sorted &= i == 0 || hits[i - 1] <= hits[i];
        least = hits[i] < least ? hits[i] : least;
        most = hits[i] > most ? hits[i] : most;
    }
    if (sorted)
        return;
    while ((most - least) << shift < UINT64_C(1) << 63)
        shift++;
    for (size_t i = 0; i < num; i++)
        hits[i] = (hits[i] - least) << shift;
    wcp_sort_u64(hits, scratch, num);
    for (size_t i = 0; i < num; i++)
        hits[i] = (hits[i] >> shift) + least;
}

static uint32_t
p_of(uint64_t hit)
{
    return (uint32_t)hit;
}

static uint32_t
q_of(uint64_t hit)
{
    return (uint32_t)(hit >> 32);
}

/* What it costs to leave out so many units of either text, in units. */
static int32_t
gap_cost(int32_t p_gap, int32_t q_gap)
{
    int32_t both = p_gap < q_gap ? p_gap : q_gap;
    int32_t one = (p_gap > q_gap ? p_gap : q_gap) - both;

    return both / 16 + one / 16 + (one > 0);
}

static void
link_hit(struct wcp_chainer *chainer, const uint64_t *hits, int32_t i,
         int32_t len)
{
    int32_t best = len, from = -1;

    for (int32_t j = i - 1; j >= 0 && j >= i - MAX_TRIES; j--) {
        uint32_t q_step = q_of(hits[i]) - q_of(hits[j]);
        uint32_t p_step = p_of(hits[i]) - p_of(hits[j]);
        uint32_t least = q_step < p_step ? q_step : p_step;
        int32_t score = chainer->scores.at[j];

        if (q_step > WCP_CHAIN_GAP)
            break;
        if (q_step == 0 || p_of(hits[i]) <= p_of(hits[j]) ||
            p_step > WCP_CHAIN_GAP)
            continue;
        if (least < (uint32_t)len)
            score += (int32_t)least - (q_step != p_step);
        else
            score +=
                len - gap_cost((int32_t)p_step - len, (int32_t)q_step - len);
        if (score > best) {
            best = score;
            from = j;
        }
        if (q_step == p_step && least <= (uint32_t)len && from == j)
            break; /* nothing better can come */
    }
    chainer->scores.at[i] = best;
    chainer->before.at[i] = from;
}

/* Take off the chain that ends in hit i; the scores of hits that are taken
 * become negative. */
static bool
take_chain(struct wcp_chainer *chainer, const struct wcp_seed_plan *plan,
           const uint16_t *a, const uint64_t *hits, int32_t i)
{
    struct wcp_hit_chain chain = { .first = (uint32_t)chainer->hits.num,
                                   .score = chainer->scores.at[i] };
    int32_t end = i, begin = i;
    uint64_t *at;

    for (; i >= 0 && chainer->scores.at[i] > 0; i = chainer->before.at[i]) {
        chain.num++;
        begin = i;
    }
    chain.seed_len = wcp_seed_length(plan, a[p_of(hits[begin])]);
    /* What is before belongs to a better one, and so does the gap. */
    chain.score += (int32_t)chain.seed_len - chainer->scores.at[begin];
    if (!wcp_array_reserve(chainer->mem, &chainer->hits,
                           chainer->hits.num + chain.num) ||
        !wcp_array_grow(chainer->mem, &chainer->chains))
        return false;
    chainer->hits.num += chain.num;
    at = chainer->hits.at + chainer->hits.num;
    for (uint32_t n = 0; n < chain.num; n++) {
        *--at = hits[end];
        chainer->scores.at[end] *= -1;
        end = chainer->before.at[end];
    }
    chainer->chains.at[chainer->chains.num++] = chain;
    return true;
}

/* Hits by their scores, the best first; in order among equals. */
static void
sort_by_score(uint32_t *order, const int32_t *scores, uint32_t num)
{
    for (uint32_t gap = num / 2; gap > 0; gap /= 2)
        for (uint32_t i = gap; i < num; i++) {
            uint32_t x = order[i], k = i;

            for (; k >= gap; k -= gap) {
                uint32_t y = order[k - gap];

                if (scores[y] > scores[x] || (scores[y] == scores[x] && y < x))
                    break;
                order[k] = y;
            }
            order[k] = x;
        }
}

static bool
chain_cluster(struct wcp_chainer *chainer, const struct wcp_seed_plan *plan,
              const uint16_t *a, const uint64_t *hits, uint32_t num)
{
    bool ascending = true;

    if (!wcp_array_reserve(chainer->mem, &chainer->scores, num) ||
        !wcp_array_reserve(chainer->mem, &chainer->before, num) ||
        !wcp_array_reserve(chainer->mem, &chainer->order, num))
        return false;
    for (uint32_t i = 0; i < num; i++) {
        link_hit(chainer, hits, (int32_t)i,
                 (int32_t)wcp_seed_length(plan, a[p_of(hits[i])]));
        /* As a rule the last hit of a chain has the best score. */
        chainer->order.at[num - 1 - i] = i;
        ascending &=
            i == 0 || chainer->scores.at[i] > chainer->scores.at[i - 1];
    }
    if (!ascending)
        sort_by_score(chainer->order.at, chainer->scores.at, num);
    for (uint32_t n = 0; n < num; n++) {
        uint32_t i = chainer->order.at[n];

        if (chainer->scores.at[i] > 0 &&
            !take_chain(chainer, plan, a, hits, (int32_t)i))
            return false;
    }
    return true;
}

bool
wcp_chain_hits(struct wcp_chainer *chainer, const struct wcp_seed_plan *plan,
               const uint16_t *a, const uint64_t *hits, uint32_t num)
{
    uint32_t begin = 0;

    for (uint32_t i = 1; i <= num; i++) {
        if (i < num && q_of(hits[i]) - q_of(hits[i - 1]) <= WCP_CHAIN_GAP)
            continue;
        if (!chain_cluster(chainer, plan, a, hits + begin, i - begin))
            return false;
        begin = i;
    }
    return true;
}
