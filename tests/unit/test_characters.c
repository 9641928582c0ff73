/*
 * test_characters.c - where characters begin, against the text as it was made
 */
#include "made_corpus.h"
#include "text/text.h"

#include <stdlib.h>

enum { MOST = 3000 };

/* One character of one to four bytes; its length. */
static size_t
put_character(struct test_rng *rng, char *to)
{
    static const char *const some[] = { "a",  "\n", "\0", "é",  "ß", "я",
                                        "新", "。", "한", "𠮷", "😀" };
    const size_t which =
        test_below(rng, 2) * test_below(rng, sizeof some / sizeof *some);
    const size_t len = which < 3 ? 1 : which < 6 ? 2 : which < 9 ? 3 : 4;

    memcpy(to, some[which], len);
    return len;
}

static void
check_text(struct test_rng *rng, size_t num, uint64_t number)
{
    char *text = malloc(4 * num + 1);
    size_t *ends = malloc((num + 1) * sizeof *ends), len = 0, at = 0;
    struct wcp_characters characters;
    bool right = true;

    CU_ASSERT_FATAL(text != NULL && ends != NULL);
    for (size_t i = 0; i < num; i++)
        ends[i] = len += put_character(rng, text + len);
    CU_ASSERT_FATAL(
        wcp_characters_init(&characters, &wcp_memory_libc, text, len));
    for (size_t i = 0; i <= num; i++) {
        right &= wcp_characters_before(&characters, at) == i;
        /* What ends within the next character ends before it. */
        for (size_t most = at; i < num && most < ends[i]; most++)
            right &= wcp_characters_within(text, len, most) == at;
        at = i < num ? ends[i] : at;
    }
    right &= wcp_characters_within(text, len, len) == len &&
             wcp_characters_within(text, len, len + 7) == len;
    MADE_CHECK(right, number);
    wcp_characters_release(&characters);
    free(text);
    free(ends);
}

static void
test_random_texts(void)
{
    /* Around a step and two of them, and at random. */
    static const size_t sizes[] = { 0,    1,    2,    341,  342,  511,
                                    512,  513,  682,  683,  1023, 1024,
                                    1025, 2047, 2048, 2049, MOST };

    for (uint64_t i = 0; i < 200; i++) {
        struct test_rng rng = made_rng(8800 + i);
        const size_t num = i < sizeof sizes / sizeof *sizes
                               ? sizes[i]
                               : test_below(&rng, MOST);

        check_text(&rng, num, 8800 + i);
    }
}

static void
test_out_of_memory(void)
{
    static const char text[5000];
    int left = 0;
    const struct wcp_memory mem = { test_ration, &left };
    struct wcp_characters characters;

    CU_ASSERT(!wcp_characters_init(&characters, &mem, text, sizeof text));
    wcp_characters_release(&characters);
}

void
suite_characters(void)
{
    CU_pSuite suite = CU_add_suite("characters", NULL, NULL);

    CU_add_test(suite, "random texts", test_random_texts);
    CU_add_test(suite, "out of memory", test_out_of_memory);
}
