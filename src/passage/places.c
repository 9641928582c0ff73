/*
 * places.c - places counted through all texts, and what a span weighs
 */
#include "passage/engine.h"

enum { SUMMED = 1 << 12 }; /* units that are counted in 16 bits */

enum wcp_code
wcp_places_init(struct wcp_places *places, const struct wcp_memory *mem,
                const struct wcp_units *texts, uint32_t num,
                struct wcp_fault *fault)
{
    uint64_t total = 0;
    uint32_t text = 0;

    for (uint32_t i = 0; i < num; i++)
        total += texts[i].num;
    if (total >= UINT32_MAX)
        return wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                        "the texts have more than 4,294,967,294 letters and "
                        "digits");
    *places = (struct wcp_places){
        .mem = mem,
        .texts = texts,
        .num_texts = num,
        .begins = wcp_new_array(mem, (size_t)num + 1, sizeof(uint32_t)),
        .num_coarse = (size_t)(total >> WCP_COARSE_BITS) + 1,
    };
    places->coarse = wcp_new_array(mem, places->num_coarse, sizeof(uint32_t));
    if (places->begins == NULL || places->coarse == NULL) {
        wcp_places_release(places);
        return wcp_no_memory(fault);
    }
    places->begins[0] = 0;
    for (uint32_t i = 0; i < num; i++)
        places->begins[i + 1] = places->begins[i] + texts[i].num;
    for (size_t i = 0; i < places->num_coarse; i++) {
        while (text + 1 < num &&
               places->begins[text + 1] <= (uint32_t)(i << WCP_COARSE_BITS))
            text++;
        places->coarse[i] = text;
    }
    return WCP_CODE_OK;
}

void
wcp_places_release(struct wcp_places *places)
{
    if (places->mem == NULL)
        return;
    wcp_free_array(places->mem, places->begins, (size_t)places->num_texts + 1,
                   sizeof(uint32_t));
    wcp_free_array(places->mem, places->coarse, places->num_coarse,
                   sizeof(uint32_t));
    *places = (struct wcp_places){ 0 };
}

/* Between two entries of the coarse list may lie many short texts. */
uint32_t
wcp_place_text(const struct wcp_places *places, uint32_t place)
{
    size_t cell = place >> WCP_COARSE_BITS;
    uint32_t low = places->coarse[cell];
    uint32_t high = cell + 1 < places->num_coarse ? places->coarse[cell + 1]
                                                  : places->num_texts - 1;

    /* Without a branch: which half is as good as random. */
    for (uint32_t num = high - low + 1, half; num > 1; num -= half) {
        half = num / 2;
        low += places->begins[low + half] <= place ? half : 0;
    }
    return low;
}

void
wcp_widen(const struct wcp_units *text, uint32_t begin, uint32_t end,
          uint16_t *out)
{
    if (text->narrow) {
        const uint8_t *from = text->at;

        for (uint32_t i = begin; i < end; i++)
            *out++ = from[i];
    } else {
        const uint16_t *from = text->at;

        for (uint32_t i = begin; i < end; i++)
            *out++ = from[i];
    }
}

/* Without a branch, and in sums of 16 bits, for vectors. */
static uint64_t
count_east_asian(const uint16_t *units, size_t num)
{
    uint64_t all = 0;

    for (size_t begin = 0; begin < num; begin += SUMMED) {
        const size_t end = num - begin < SUMMED ? num : begin + SUMMED;
        uint16_t sum = 0;

        for (size_t i = begin; i < end; i++)
            sum = (uint16_t)(sum + wcp_unit_is_east_asian(units[i]));
        all += sum;
    }
    return all;
}

uint64_t
wcp_units_weight(const struct wcp_units *text, uint32_t begin, uint32_t end)
{
    const uint16_t *units = text->at;
    uint64_t num = end - begin, num_han = 0;

    if (!text->narrow && begin < end)
        num_han = count_east_asian(units + begin, end - begin);

    return 2 * num_han >= num
               ? num * WCP_WEIGHT_HAN
               : num_han * WCP_WEIGHT_HAN + (num - num_han) * WCP_WEIGHT_OTHER;
}
