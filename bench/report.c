/*
 * report.c - where tables go, and what stands above them
 */
#include "bench.h"

#include "wirecopy.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
bench_say(const char *format, ...)
{
    va_list args;

    fputs("wirecopy-bench: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void
bench_die(const char *format, ...)
{
    va_list args;

    fputs("wirecopy-bench: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

void *
bench_alloc(size_t num, size_t size)
{
    void *data = calloc(num > 0 ? num : 1, size);

    if (data == NULL)
        bench_die("out of memory");
    return data;
}

/* What the figures depend on. */
struct head {
    char machine[96], system[96], compiler[160], kernels[64], text[128],
        date[32];
};

static void
make_head(struct head *head, const struct bench_text *text)
{
    time_t now = time(NULL);
    struct tm utc;

    bench_machine_name(head->machine, sizeof head->machine);
    bench_system_name(head->system, sizeof head->system);
    bench_kernel_names(head->kernels, sizeof head->kernels);
    snprintf(head->compiler, sizeof head->compiler, "%s",
             wcp_build_info(WCP_BUILD_COMPILER));
    snprintf(head->text, sizeof head->text, "%s",
             text != NULL ? text->name : "none");
    head->date[0] = '\0';
    if (gmtime_r(&now, &utc) != NULL)
        strftime(head->date, sizeof head->date, "%Y-%m-%d %H:%M UTC", &utc);
}

static void
print_head(const struct head *head, const struct bench_settings *settings,
           FILE *to)
{
    fprintf(to, "wirecopy-bench %s  %s\n", wcp_build_info(WCP_BUILD_VERSION),
            head->date);
    fprintf(to, "  machine   %s, %s\n", head->machine, head->system);
    fprintf(to, "  compiler  %s, %s\n", head->compiler, bench_flags());
    fprintf(to, "  xxHash    %s\n", wcp_build_info(WCP_BUILD_XXHASH));
    fprintf(to, "  kernels   %s\n", head->kernels);
    if (strcmp(head->text, "none") != 0)
        fprintf(to, "  text      %s\n", head->text);
    fprintf(to, "  runs      %u of at least %g ms after a warm-up\n",
            settings->runs, settings->min_seconds * 1000);
}

static void
write_member(FILE *to, const char *name, const char *text)
{
    fprintf(to, ",\"%s\":", name);
    bench_write_string(to, text);
}

static void
write_head(const struct head *head, const struct bench_settings *settings,
           FILE *to)
{
    fputs("{\"program\":\"wirecopy-bench\"", to);
    write_member(to, "version", wcp_build_info(WCP_BUILD_VERSION));
    write_member(to, "date", head->date);
    write_member(to, "machine", head->machine);
    write_member(to, "system", head->system);
    write_member(to, "compiler", head->compiler);
    write_member(to, "flags", bench_flags());
    write_member(to, "xxhash", wcp_build_info(WCP_BUILD_XXHASH));
    write_member(to, "signatures", wcp_build_info(WCP_BUILD_SIGNATURES));
    write_member(to, "kernels", head->kernels);
    write_member(to, "text", head->text);
    fprintf(to, ",\"runs\":%u,\"quick\":%s}\n", settings->runs,
            settings->quick ? "true" : "false");
}

void
bench_begin(struct bench_report *report, const struct bench_settings *settings,
            const struct bench_text *text)
{
    struct head head;

    *report = (struct bench_report){ .settings = settings };
    if (settings->save_path != NULL) {
        report->save = fopen(settings->save_path, "wb");
        if (report->save == NULL)
            bench_die("cannot write '%s': %s", settings->save_path,
                      strerror(errno));
    }
    make_head(&head, text);
    if (settings->json)
        write_head(&head, settings, stdout);
    else
        print_head(&head, settings, stdout);
    if (report->save != NULL)
        write_head(&head, settings, report->save);
    fflush(stdout);
}

void
bench_report_table(struct bench_report *report, struct bench_table *table)
{
    if (report->settings->json)
        bench_write_table(table, stdout);
    else
        bench_print_table(table, report->settings->fastest, stdout);
    if (report->save != NULL)
        bench_write_table(table, report->save);
    fflush(stdout);
    bench_table_release(table);
}

int
bench_end(struct bench_report *report)
{
    const char *failed = NULL;

    if (report->save != NULL) {
        if (ferror(report->save))
            failed = report->settings->save_path;
        if (fclose(report->save) != 0)
            failed = report->settings->save_path;
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        failed = "standard output";
    if (failed == NULL)
        return 0;
    bench_say("cannot write %s: %s", failed, strerror(errno));
    return 1;
}
