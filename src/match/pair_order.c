/*
 * pair_order.c - sorting pairs of classes where they are
 *
 * qsort() may take as much memory again as there is to be sorted, from the C
 * library, where no limit counts it.
 */
#include "match/match.h"

enum { FEW = 12 }; /* are sorted by insertion */

static uint64_t
key_of(const struct wcp_class_pair *pair)
{
    return (uint64_t)pair->a << 32 | pair->b;
}

static void
insertion_sort(struct wcp_class_pair *pairs, size_t num)
{
    for (size_t i = 1; i < num; i++) {
        const struct wcp_class_pair pair = pairs[i];
        size_t at = i;

        for (; at > 0 && key_of(&pairs[at - 1]) > key_of(&pair); at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = pair;
    }
}

static uint64_t
middle_key(const struct wcp_class_pair *pairs, size_t num)
{
    const uint64_t a = key_of(&pairs[0]), b = key_of(&pairs[num / 2]),
                   c = key_of(&pairs[num - 1]);
    const uint64_t less = a < b ? a : b, more = a < b ? b : a;

    return c < less ? less : c > more ? more : c;
}

/* Part the pairs so that no key before the place that is returned is above any
 * other; neither side is empty. */
static size_t
part_pairs(struct wcp_class_pair *pairs, size_t num)
{
    const uint64_t middle = middle_key(pairs, num);
    size_t left = 0, right = num - 1;

    for (;;) {
        struct wcp_class_pair pair;

        while (key_of(&pairs[left]) < middle)
            left++;
        while (key_of(&pairs[right]) > middle)
            right--;
        if (left >= right)
            return right + 1 < num ? right + 1 : right;
        pair = pairs[left];
        pairs[left++] = pairs[right];
        pairs[right--] = pair;
    }
}

void
wcp_class_pairs_sort(struct wcp_class_pair *pairs, size_t num)
{
    while (num > FEW) {
        const size_t at = part_pairs(pairs, num);

        /* The larger side goes on here, so that few calls wait. */
        if (at <= num - at) {
            wcp_class_pairs_sort(pairs, at);
            pairs += at;
            num -= at;
        } else {
            wcp_class_pairs_sort(pairs + at, num - at);
            num = at;
        }
    }
    insertion_sort(pairs, num);
}
