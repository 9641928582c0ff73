/*
 * api_calls.c - short ways to call the library, for the tests of wirecopy.h
 */
#include "api_calls.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

const char api_dispatch[] =
    "The foreign ministry said on Tuesday that talks on the border would go on "
    "next month in the capital, after a pause of nearly two years, and that "
    "both sides had agreed to leave their posts along the river as they are.";
const char api_reprint[] =
    "The Foreign Ministry said on Tuesday that talks on the border would go on "
    "next month in the capital, after a pause of nearly two years, and that "
    "both sides had agreed to leave their posts along the river as they stood.";
const char api_stranger[] =
    "Rain fell over the whole of the south, and the harvest of rice, which had "
    "been feared for since the spring, is now expected to be a fair one.";

enum wcp_status
api_add(struct wcp_corpus *corpus, const char *text, const char *id,
        const char *date)
{
    const struct wcp_text added = { .struct_size = sizeof added,
                                    .text = text,
                                    .text_len = strlen(text),
                                    .id = id,
                                    .date = date };

    return wcp_corpus_add_text(corpus, &added, NULL);
}

static void
print(struct api_printed *printed, const char *text)
{
    size_t len = strlen(text);

    if (printed->len + len >= sizeof printed->text)
        return;
    memcpy(printed->text + printed->len, text, len + 1);
    printed->len += len;
}

int32_t
api_print_group(void *ctx, const struct wcp_group *group)
{
    struct api_printed *printed = ctx;
    const struct wcp_group_member *member;
    double weakest = 1;

    printed->num++;
    printed->good &= group->number == printed->num;
    for (uint64_t i = 0; i < group->size; i++) {
        enum wcp_status status = wcp_group_get(group, i, &member);

        if (status != WCP_OK) {
            printed->good = false;
            printed->status = status;
            return printed->answer;
        }
        printed->good &=
            strlen(member->document->id) == member->document->id_len &&
            (i == 0) == (member->relation == WCP_ORIGINAL);
        if (member->jaccard < weakest)
            weakest = member->jaccard;
        print(printed, member->document->id);
        print(printed, "=");
        print(printed, wcp_relation_text(member->relation));
        print(printed, i + 1 < group->size ? " " : "\n");
    }
    printed->good &= weakest == group->weakest;
    printed->good &=
        wcp_group_get(group, group->size, &member) == WCP_BAD_OPTION;
    printed->good &=
        wcp_group_get(group, UINT64_MAX, &member) == WCP_BAD_OPTION;
    return printed->answer;
}

int32_t
api_print_pair(void *ctx, const struct wcp_pair *pair)
{
    struct api_printed *printed = ctx;

    printed->num++;
    print(printed, pair->a->id);
    print(printed, "-");
    print(printed, pair->b->id);
    print(printed, "=");
    print(printed, wcp_relation_text(pair->relation));
    print(printed, "\n");
    return printed->answer;
}

struct wcp_corpus *
api_new_corpus(const struct wcp_options *opts)
{
    struct wcp_corpus *corpus = NULL;

    CU_ASSERT_FATAL(wcp_corpus_new(opts, &corpus, NULL) == WCP_OK);
    return corpus;
}

struct wcp_corpus *
api_default_corpus(void)
{
    struct wcp_options opts;

    wcp_options_init(&opts, sizeof opts);
    return api_new_corpus(&opts);
}

void
api_find(struct wcp_corpus *corpus, const char *expected)
{
    struct api_printed printed = { .good = true };

    CU_ASSERT_EQUAL(wcp_corpus_find(corpus, api_print_group, &printed, NULL),
                    WCP_OK);
    CU_ASSERT_STRING_EQUAL(printed.text, expected);
    CU_ASSERT(printed.good);
    if (strcmp(printed.text, expected) != 0)
        fprintf(stderr, "%s", printed.text);
}

void
api_pairs(struct wcp_corpus *corpus, const char *expected)
{
    struct api_printed printed = { .good = true };

    CU_ASSERT_EQUAL(wcp_corpus_pairs(corpus, api_print_pair, &printed, NULL),
                    WCP_OK);
    CU_ASSERT_STRING_EQUAL(printed.text, expected);
    if (strcmp(printed.text, expected) != 0)
        fprintf(stderr, "%s", printed.text);
}
