/*
 * example.c - find the copies among three texts
 *
 * It needs nothing but the installed library:
 *
 *     cc -o example example.c $(pkg-config --cflags --libs wirecopy)
 *
 * and prints what example.expected holds.
 */
#include <stdio.h>
#include <string.h>

#include <wirecopy.h>

/* Text, id and date; where a field is left out there is no value. */
static const struct wcp_text texts[] = {
    { .text = "The ferry to Harrowmere was late again on Monday, and the "
              "harbour master blamed the fog.",
      .id = "post",
      .date = "2019-05-07" },
    { .text = "The tram returns to Dunvale shore next spring.",
      .id = "tram",
      .date = "2019-05-06" },
    { .text = "HARROWMERE: The ferry to Harrowmere was late again on Monday, "
              "and the harbour master blamed the fog",
      .id = "courier",
      .date = "2019-05-08" },
};

/* Called for each group: its original, then the copies. */
static int32_t
print_group(void *ctx, const struct wcp_group *group)
{
    const struct wcp_group_member *member;

    (void)ctx;
    for (uint64_t i = 0; i < group->size; i++) {
        if (wcp_group_get(group, i, &member) != WCP_OK)
            return 1; /* stop */
        printf("%s %s %.2f\n", member->document->id,
               wcp_relation_text(member->relation), member->jaccard);
    }
    return 0; /* go on */
}

int
main(void)
{
    struct wcp_options opts;
    struct wcp_corpus *corpus = NULL;
    struct wcp_error err;
    enum wcp_status status;

    wcp_options_init(&opts, sizeof opts);
    opts.threshold = 0.7;
    status = wcp_corpus_new(&opts, &corpus, &err);
    for (size_t i = 0; status == WCP_OK && i < 3; i++) {
        struct wcp_text text = texts[i];

        text.struct_size = sizeof text;
        text.text_len = strlen(text.text);
        status = wcp_corpus_add_text(corpus, &text, &err);
    }
    if (status == WCP_OK)
        status = wcp_corpus_find(corpus, print_group, NULL, &err);
    if (status != WCP_OK)
        fprintf(stderr, "example: %s\n", err.text);
    wcp_corpus_free(corpus);
    return status == WCP_OK ? 0 : 1;
}
