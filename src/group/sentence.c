/*
 * sentence.c - where sentences end, as far as laying out text needs it
 */
#include "group/compare.h"

#include <string.h>

/* A line shorter than this is likely to be a headline. */
enum { SHORT_LINE = 60 };

static bool
is_one_of(const char *text, size_t len, const char *const *list)
{
    for (; *list != NULL; list++) {
        size_t num = strlen(*list);

        if (num <= len && memcmp(text, *list, num) == 0)
            return true;
    }
    return false;
}

static bool
is_short_line(const char *text, size_t at)
{
    size_t begin = at;

    while (begin > 0 && text[begin - 1] != '\n' && at - begin < SHORT_LINE)
        begin--;
    return at - begin < SHORT_LINE;
}

/* A line feed ends a paragraph before another one or an indent, or behind a
 * headline. */
static bool
ends_paragraph(const char *text, size_t at, size_t len)
{
    static const char *const indents[] = { "\n", "\r\n",         " ",
                                           "\t", "\xE3\x80\x80", NULL };

    return at + 1 >= len || is_one_of(text + at + 1, len - at - 1, indents) ||
           is_short_line(text, at);
}

enum wcp_break
wcp_break_between(struct wcp_string text, size_t begin, size_t end)
{
    /* 。！？；… and their like */
    static const char *const stops[] = { "\xE3\x80\x82",
                                         "\xEF\xBC\x81",
                                         "\xEF\xBC\x9F",
                                         "\xEF\xBC\x9B",
                                         "\xE2\x80\xA6",
                                         "!",
                                         "?",
                                         NULL };
    /* What may follow a full stop; ”’） */
    static const char *const closing[] = {
        " ", "\t",           "\r",           "\n",           "\"", "'",
        ")", "\xE2\x80\x9D", "\xE2\x80\x99", "\xEF\xBC\x89", NULL
    };

    for (size_t i = begin; i < end; i++) {
        size_t rest = text.len - i;

        if (is_one_of(text.data + i, rest, stops) ||
            (text.data[i] == '.' &&
             (rest == 1 || is_one_of(text.data + i + 1, rest - 1, closing))) ||
            (text.data[i] == '\n' && ends_paragraph(text.data, i, text.len)))
            return WCP_BREAK_SENTENCE;
    }
    return begin < end ? WCP_BREAK_WORD : WCP_BREAK_NONE;
}
