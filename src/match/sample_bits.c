/*
 * sample_bits.c - who is in most of some long lists, in bits
 *
 * A form that thousands fill in has samples that all of them have.  Who has
 * how many of these would be counted class by class and list by list.  So such
 * lists have a bit for each class as well, and 64 classes are counted at once:
 * the counts are numbers of six bits, one word for each of these.
 *
 * The bits are made when a class asks that has to count long lists; in most
 * collections none does.  Where there is no room for them, it is done without.
 */
#include "match/sample_index.h"

#include <string.h>

enum {
    LEAST_LONG = 1 << 9, /* classes of a list that is long */
    SHARE = 64,          /* of which more than one in so many is in it */
    PLANES = 6,          /* bits of a count */
    CHUNK = 64,          /* words that are counted in the L1 cache */
};

#define MOST_BYTES ((uint64_t)64 << 20) /* of all bits */

_Static_assert(WCP_SAMPLES_ASKED < 1 << PLANES, "counts have room");

enum { UNMADE, MADE, NO_ROOM };

void
wcp_sample_bits_init(struct wcp_sample_bits *bits, size_t num_classes)
{
    const size_t most = (1 << WCP_FREQUENCY_BITS) - 1;
    size_t least = num_classes / SHARE;

    if (least < LEAST_LONG)
        least = LEAST_LONG;
    bits->least = (uint32_t)(least < most ? least : most);
    bits->num_words = (num_classes + 63) / 64;
    pthread_mutex_init(&bits->lock, NULL);
}

void
wcp_sample_bits_release(struct wcp_sample_bits *bits,
                        const struct wcp_memory *mem)
{
    if (bits->num_words == 0) /* it was not begun */
        return;
    wcp_free_array(mem, bits->places, bits->num, sizeof *bits->places);
    wcp_free_array(mem, bits->words, bits->num * bits->num_words,
                   sizeof *bits->words);
    pthread_mutex_destroy(&bits->lock);
}

/* List the places of long lists, unless 'places' is NULL; how many. */
static size_t
list_long(const struct wcp_sample_index *index, uint64_t *places)
{
    size_t num = 0;

    for (uint64_t owner = 0; owner < index->store->opts.num_threads; owner++) {
        const struct wcp_sample_lists *lists = &index->lists[owner];

        for (size_t at = 0; at < lists->num;
             at += lists->at[at] + WCP_LIST_HEAD) {
            if (lists->at[at] < index->bits.least)
                continue;
            if (places != NULL)
                places[num] = owner << WCP_LIST_BITS | at;
            num++;
        }
    }
    return num;
}

static void
set_bits(uint64_t *words, const uint32_t *list)
{
    const uint32_t *classes = list + WCP_LIST_HEAD;

    for (uint32_t i = 0; i < list[0]; i++)
        words[classes[i] / 64] |= UINT64_C(1) << classes[i] % 64;
}

static bool
make(struct wcp_sample_index *index)
{
    struct wcp_sample_bits *bits = &index->bits;
    const struct wcp_memory *mem = index->store->mem;
    const uint64_t left = wcp_quota_left(index->store->opts.memory) / 4;
    const size_t num = list_long(index, NULL);
    const size_t num_bytes = (bits->num_words + 1) * sizeof *bits->words;

    if (num == 0 || num > (left < MOST_BYTES ? left : MOST_BYTES) / num_bytes)
        return false;
    bits->num = num;
    bits->places = wcp_new_array(mem, num, sizeof *bits->places);
    bits->words =
        wcp_new_zeroed(mem, num * bits->num_words, sizeof *bits->words);
    if (bits->places == NULL || bits->words == NULL)
        return false;
    list_long(index, bits->places);
    for (size_t i = 0; i < num; i++)
        set_bits(bits->words + i * bits->num_words,
                 wcp_sample_index_list(index, bits->places[i]));
    return true;
}

bool
wcp_sample_bits_have(struct wcp_sample_index *index)
{
    struct wcp_sample_bits *bits = &index->bits;
    int state = atomic_load_explicit(&bits->state, memory_order_acquire);

    if (state == UNMADE) {
        pthread_mutex_lock(&bits->lock);
        state = atomic_load_explicit(&bits->state, memory_order_relaxed);
        if (state == UNMADE) {
            state = make(index) ? MADE : NO_ROOM;
            atomic_store_explicit(&bits->state, state, memory_order_release);
        }
        pthread_mutex_unlock(&bits->lock);
    }
    return state == MADE;
}

const uint64_t *
wcp_sample_bits_of(const struct wcp_sample_bits *bits, uint64_t place)
{
    size_t low = 0, high = bits->num;

    while (low + 1 < high) {
        const size_t middle = low + (high - low) / 2;

        if (bits->places[middle] <= place)
            low = middle;
        else
            high = middle;
    }
    return bits->words + low * bits->num_words;
}

/* Add one to the counts of those in a list, which are below 2^num_planes. */
static void
add_list(uint64_t planes[PLANES][CHUNK], size_t num_planes,
         const uint64_t *words, size_t num_words)
{
    for (size_t i = 0; i < num_words; i++) {
        uint64_t carry = words[i];

        for (size_t p = 0; p < num_planes; p++) {
            const uint64_t before = planes[p][i];

            planes[p][i] = before ^ carry;
            carry &= before;
        }
    }
}

/* Those of a word whose count is 'least' or more: adding what is missing to
 * the next power of two carries. */
static uint64_t
find_least(uint64_t planes[PLANES][CHUNK], size_t word, uint32_t least)
{
    const uint32_t missing = (1 << PLANES) - least;
    uint64_t carry = 0;

    for (size_t p = 0; p < PLANES; p++)
        carry = (missing >> p & 1) != 0 ? carry | planes[p][word]
                                        : carry & planes[p][word];
    return carry;
}

static uint32_t
count_of(uint64_t planes[PLANES][CHUNK], size_t word, unsigned bit)
{
    uint32_t count = 0;

    for (size_t p = 0; p < PLANES; p++)
        count |= (uint32_t)(planes[p][word] >> bit & 1) << p;
    return count;
}

static void
visit_word(uint64_t planes[PLANES][CHUNK], size_t word, uint32_t first,
           const struct wcp_sample_visit *visit)
{
    uint64_t left = find_least(planes, word, visit->least);

    for (; left != 0; left &= left - 1) {
        const unsigned bit = (unsigned)__builtin_ctzll(left);

        visit->body(visit->ctx, first + bit, count_of(planes, word, bit));
    }
}

void
wcp_sample_bits_visit(const struct wcp_sample_bits *bits,
                      const uint64_t *const *lists, size_t num,
                      const struct wcp_sample_visit *visit)
{
    uint64_t planes[PLANES][CHUNK];

    for (size_t at = 0; at < bits->num_words; at += CHUNK) {
        const size_t left = bits->num_words - at;
        const size_t num_words = left < CHUNK ? left : CHUNK;
        size_t num_planes = 0;

        memset(planes, 0, sizeof planes);
        for (size_t i = 0; i < num; i++) {
            num_planes += (i + 1) >> num_planes != 0;
            add_list(planes, num_planes, lists[i] + at, num_words);
        }
        for (size_t i = 0; i < num_words; i++)
            visit_word(planes, i, (uint32_t)(64 * (at + i)), visit);
    }
}
