/*
 * messages.c - what is said on standard error
 */
#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

/* Two or three paths, with room for the words. */
enum { MAX_MESSAGE = 4 * PATH_MAX };

int
cli_close_stdout(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    cli_say("cannot write standard output: %s", strerror(errno));
    return CLI_FAILED;
}

void
cli_say(const char *format, ...)
{
    char text[MAX_MESSAGE];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fputs("wirecopy: ", stderr);
    cli_say_escaped(text);
    fputc('\n', stderr);
}

void
cli_say_escaped(const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        /* C1 controls are C2 80 to C2 9F. */
        bool c1 = c == 0xC2 && ((unsigned char)text[1] & 0xE0) == 0x80;

        if (c < 0x20 || c == 0x7F || c1)
            fputc('?', stderr);
        else
            fputc(c, stderr);
        text += c1;
    }
}

const char *
cli_count(uint64_t number, char *out)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, number);
    char *to = out;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

const char *
cli_s(uint64_t number)
{
    return number == 1 ? "" : "s";
}

const char *
cli_letters_and_digits(uint64_t number)
{
    return number == 1 ? "letter or digit" : "letters and digits";
}

const char *
cli_bytes(double bytes, char *out)
{
    const char *units[] = { "B", "kB", "MB", "GB", "TB" };
    size_t unit = 0;

    while (bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    snprintf(out, 28, bytes < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", bytes,
             units[unit]);
    return out;
}
