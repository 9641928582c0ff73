/*
 * rarest.c - originals looked up by their rarest shingles
 *
 * For very many texts that fill in the same form, which signatures do not tell
 * apart: at a Jaccard index of .5 a quarter of all pairs shares a band.  What
 * they do not have in common is rare.  Order the shingles of each text by how
 * often they occur, the rarest first: two texts whose Jaccard index is t or
 * more have one in common among the first |x| - ceil(t |x|) + 1 of each, since
 * otherwise too few could be left.  So only these are entered and looked up,
 * and nothing is lost.  Any order that is the same for all texts will do; that
 * of frequency makes the lists short.
 *
 * Of what a look-up finds, most goes by how much of it is shared: those of the
 * text's rarest shingles that come before the last one entered for the other
 * text are in common only if they were met in its lists.
 *
 * Frequencies are counted in a table of fixed size in which shingles share
 * places; shingles that share a list only add candidates.
 *
 * Source: Bayardo, Ma, Srikant, "Scaling Up All Pairs Similarity Search"
 * (2007); Chaudhuri, Ganti, Kaushik, "A Primitive Operator for Similarity Joins
 * in Data Cleaning" (2006); Xiao, Wang, Lin, Yu, "Efficient Similarity Joins
 * for Near Duplicate Detection" (2008).
 */
#include "match/match.h"

#include <math.h>

enum {
    COUNT_BITS = 20,     /* of a place in the table of counts */
    MAX_COUNT = 0xFFFFF, /* 20 bits of a token, above 44 of the hash */
    MIN_LIST_BITS = 10,
    MAX_LIST_BITS = 22 /* 32 MB; more entries make longer lists */
};

/*
 * Leaders, in order.  They lie in blocks of 1, 3, 7, 15 and then always 31,
 * the last one first; a word before each block says where the one before it
 * is.  Most lists are of one, and the long ones are read along cache lines.
 */
struct list {
    uint32_t block; /* the last block's place in 'words' */
    uint32_t num;   /* leaders in all blocks */
};
enum { LAST_SIZE = 31, NUM_BEFORE = 1 + 3 + 7 + 15 /* the first such block */ };

/* What is known of a leader. */
struct known {
    uint32_t size;  /* tokens in all */
    uint32_t last;  /* top half of the last of those entered */
    uint32_t stamp; /* the look-up that met it last */
    uint32_t num_met;
};

struct wcp_rarest {
    const struct wcp_memory *mem;
    double threshold;
    uint32_t *counts;
    struct list *lists; /* by hash of the token */
    unsigned list_bits;
    WCP_ARRAY(uint32_t) words;
    WCP_ARRAY(struct known) known; /* by leader */
    WCP_ARRAY(uint64_t) tokens;    /* of the text at hand, the rarest first */
    size_t num_rarest;             /* so many are entered and looked up */
    WCP_ARRAY(uint64_t) scratch;
    uint32_t stamp;
    WCP_ARRAY(uint32_t) found;
};

enum wcp_code
wcp_rarest_new(const struct wcp_memory *mem, double threshold,
               uint64_t num_shingles, struct wcp_rarest **rarest_ret,
               struct wcp_fault *fault)
{
    struct wcp_rarest *rarest = wcp_new_zeroed(mem, 1, sizeof *rarest);

    if (rarest == NULL)
        return wcp_no_memory(fault);
    rarest->mem = mem;
    rarest->threshold = threshold;
    rarest->list_bits = MIN_LIST_BITS;
    while (rarest->list_bits < MAX_LIST_BITS &&
           (double)((size_t)1 << rarest->list_bits) <
               (1 - threshold) * (double)num_shingles)
        rarest->list_bits++;
    rarest->counts =
        wcp_new_zeroed(mem, (size_t)1 << COUNT_BITS, sizeof *rarest->counts);
    rarest->lists = wcp_new_zeroed(mem, (size_t)1 << rarest->list_bits,
                                   sizeof *rarest->lists);
    if (rarest->counts == NULL || rarest->lists == NULL) {
        wcp_rarest_free(rarest);
        return wcp_no_memory(fault);
    }
    *rarest_ret = rarest;
    return WCP_CODE_OK;
}

void
wcp_rarest_free(struct wcp_rarest *rarest)
{
    const struct wcp_memory *mem;

    if (rarest == NULL)
        return;
    mem = rarest->mem;
    wcp_free_array(mem, rarest->counts, (size_t)1 << COUNT_BITS,
                   sizeof *rarest->counts);
    wcp_free_array(mem, rarest->lists, (size_t)1 << rarest->list_bits,
                   sizeof *rarest->lists);
    wcp_array_release(mem, &rarest->words);
    wcp_array_release(mem, &rarest->tokens);
    wcp_array_release(mem, &rarest->scratch);
    wcp_array_release(mem, &rarest->known);
    wcp_array_release(mem, &rarest->found);
    wcp_free_array(mem, rarest, 1, sizeof *rarest);
}

static uint32_t *
count_of(const struct wcp_rarest *rarest, uint64_t hash)
{
    return &rarest->counts[hash & (((size_t)1 << COUNT_BITS) - 1)];
}

void
wcp_rarest_count(struct wcp_rarest *rarest, const uint64_t *hashes, size_t num)
{
    for (size_t i = 0; i < num; i++)
        *count_of(rarest, hashes[i]) +=
            *count_of(rarest, hashes[i]) < MAX_COUNT;
}

/* The least whole number that is not below x; x is a product of a number of
 * shingles and may be off by its rounding. */
static size_t
least(double x)
{
    return (size_t)ceil(x - x * 1e-12);
}

bool
wcp_rarest_take(struct wcp_rarest *rarest, const uint64_t *hashes, size_t num)
{
    uint64_t *tokens;
    size_t n = 0;

    if (!wcp_array_reserve(rarest->mem, &rarest->tokens, num) ||
        !wcp_array_reserve(rarest->mem, &rarest->scratch, num))
        return false;
    tokens = rarest->tokens.at;
    for (size_t i = 0; i < num; i++)
        tokens[i] =
            (uint64_t)*count_of(rarest, hashes[i]) << 44 | hashes[i] >> 20;
    wcp_sort_u64(tokens, rarest->scratch.at, num);
    for (size_t i = 0; i < num; i++)
        if (i == 0 || tokens[i] != tokens[i - 1])
            tokens[n++] = tokens[i];
    rarest->tokens.num = n;
    rarest->num_rarest = n - least(rarest->threshold * (double)n) + 1;
    if (rarest->num_rarest > n)
        rarest->num_rarest = n;
    return true;
}

static struct list *
list_of(const struct wcp_rarest *rarest, uint64_t token)
{
    return &rarest->lists[token * UINT64_C(0x9E3779B97F4A7C15) >>
                          (64 - rarest->list_bits)];
}

uint64_t
wcp_rarest_cost(const struct wcp_rarest *rarest)
{
    uint64_t num = 0;

    for (size_t i = 0; i < rarest->num_rarest; i++)
        num += list_of(rarest, rarest->tokens.at[i])->num;
    return num;
}

static uint32_t
top_half(uint64_t token)
{
    return (uint32_t)(token >> 32);
}

/* How many leaders the last block of a list has room for, and has. */
static void
last_block(uint32_t num, uint32_t *size_ret, uint32_t *used_ret)
{
    uint32_t size = 1;

    if (num > NUM_BEFORE) {
        *size_ret = LAST_SIZE;
        *used_ret = (num - NUM_BEFORE - 1) % LAST_SIZE + 1;
        return;
    }
    while (num > size) {
        num -= size;
        size = 2 * size + 1;
    }
    *size_ret = size;
    *used_ret = num;
}

/* Room for so many words was made. */
static void
append(struct wcp_rarest *rarest, struct list *list, uint32_t leader)
{
    uint32_t *const words = rarest->words.at;
    uint32_t size, used;

    last_block(list->num, &size, &used);
    if (list->num == 0 || used == size) {
        const uint32_t block = (uint32_t)rarest->words.num;

        last_block(list->num + 1, &size, &used);
        words[block] = list->block;
        rarest->words.num += 1 + size;
        list->block = block;
        used = 0;
    }
    words[list->block + 1 + used] = leader;
    list->num++;
}

bool
wcp_rarest_add(struct wcp_rarest *rarest)
{
    const struct wcp_memory *mem = rarest->mem;
    const uint32_t leader = (uint32_t)rarest->known.num;
    const size_t num_rarest = rarest->num_rarest;
    const size_t most = rarest->words.num + num_rarest * (1 + LAST_SIZE);

    if (num_rarest > UINT32_MAX / 64 || most > UINT32_MAX ||
        !wcp_array_reserve(mem, &rarest->words, most) ||
        !wcp_array_grow(mem, &rarest->known))
        return false;
    rarest->known.at[rarest->known.num++] = (struct known){
        .size = (uint32_t)rarest->tokens.num,
        .last =
            num_rarest > 0 ? top_half(rarest->tokens.at[num_rarest - 1]) : 0,
    };
    for (size_t i = 0; i < num_rarest; i++)
        append(rarest, list_of(rarest, rarest->tokens.at[i]), leader);
    return true;
}

/* At least how many of the text's rarest tokens come before the last one of
 * another text. */
static size_t
num_before(const struct wcp_rarest *rarest, uint32_t last)
{
    size_t low = 0, high = rarest->num_rarest;

    if (high > 0 && top_half(rarest->tokens.at[high - 1]) < last)
        return high;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (top_half(rarest->tokens.at[middle]) < last)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether enough can be in common after what was met. */
static bool
may_reach(const struct wcp_rarest *rarest, const struct known *known)
{
    const double t = rarest->threshold;
    const size_t size = rarest->tokens.num;
    const size_t needed =
        least(t / (1 + t) * ((double)size + (double)known->size));
    const size_t before = num_before(rarest, known->last);
    const size_t missed = before > known->num_met ? before - known->num_met : 0;

    return size - missed >= needed && known->size >= needed;
}

/* Note which leaders a token was entered for; room for those that may be met
 * for the first time was made. */
static void
meet(struct wcp_rarest *rarest, const struct list *list, uint32_t from)
{
    uint32_t *const found = rarest->found.at;
    size_t num_found = rarest->found.num;
    uint32_t block = list->block, left = list->num;

    while (left > 0) {
        const uint32_t *const leaders = rarest->words.at + block + 1;
        uint32_t size, used;

        last_block(left, &size, &used);
        for (uint32_t i = used; i-- > 0;) {
            struct known *const known = &rarest->known.at[leaders[i]];
            const bool is_new = known->stamp != rarest->stamp;

            if (leaders[i] < from) {
                left = used; /* all others came before it */
                break;
            }
            found[num_found] = leaders[i];
            num_found += is_new;
            known->num_met = is_new ? 1 : known->num_met + 1;
            known->stamp = rarest->stamp;
        }
        block = leaders[-1];
        left -= used;
    }
    rarest->found.num = num_found;
}

bool
wcp_rarest_lookup(struct wcp_rarest *rarest, uint32_t from,
                  const uint32_t **found_ret, size_t *num_ret)
{
    size_t num = 0;

    rarest->found.num = 0;
    rarest->stamp++;
    /* One more, which is written before it is known to be new. */
    if (!wcp_array_reserve(rarest->mem, &rarest->found, rarest->known.num + 1))
        return false;
    for (size_t i = 0; i < rarest->num_rarest; i++)
        meet(rarest, list_of(rarest, rarest->tokens.at[i]), from);
    for (size_t i = 0; i < rarest->found.num; i++) {
        const uint32_t leader = rarest->found.at[i];

        if (may_reach(rarest, &rarest->known.at[leader]))
            rarest->found.at[num++] = leader;
    }
    *found_ret = rarest->found.at;
    *num_ret = num;
    return true;
}
