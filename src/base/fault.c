/*
 * fault.c - filling in what went wrong
 */
#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>

#undef wcp_fail
#undef wcp_no_memory

/* A message that was cut must not end within a UTF-8 character. */
static void
trim_partial_character(char *text, size_t len)
{
    size_t start = len;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0)
        text[start - 1] = '\0';
}

enum wcp_code
wcp_fail(struct wcp_fault *fault, enum wcp_code code, int sys_errno,
         const char *format, ...)
{
    va_list args;
    int len;

    if (fault == NULL)
        return code;
    fault->code = code;
    fault->sys_errno = sys_errno;
    fault->at = 0;
    va_start(args, format);
    len = vsnprintf(fault->text, sizeof fault->text, format, args);
    va_end(args);
    if (len < 0)
        fault->text[0] = '\0';
    else if ((size_t)len >= sizeof fault->text)
        trim_partial_character(fault->text, sizeof fault->text - 1);
    return code;
}

enum wcp_code
wcp_no_memory(struct wcp_fault *fault)
{
    return wcp_fail(fault, WCP_CODE_NO_MEMORY, 0, "out of memory");
}
