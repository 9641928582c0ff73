/*
 * bench_main.c - wirecopy-bench: how fast is hashing on this machine?
 */
#include "bench.h"

#include "wirecopy.h"

#include <string.h>

static bool
wants(const struct bench_settings *settings, const char *command)
{
    const char *given = settings->command;

    if (given == NULL)
        return strcmp(command, "lsh") != 0 && strcmp(command, "pipeline") != 0;
    return strcmp(given, command) == 0 || strcmp(given, "all") == 0;
}

static void
measure_texts(struct bench_report *report, const struct bench_text *text)
{
    const struct bench_settings *settings = report->settings;

    if (wants(settings, "hash")) {
        bench_hash(report, text);
        bench_quality(report, text);
    }
    if (wants(settings, "sign")) {
        bench_sign(report, text);
        bench_estimates(report);
    }
}

/* What those who want one answer came for. */
static void
print_answer(const struct bench_report *report)
{
    printf("\nIn short: with %s this machine hashes %.1f billion shingles a "
           "second\nand signs %.0f MB/s of text (MinHash and SimHash), on one "
           "core.\n",
           report->best, 1 / report->nanos, report->rate);
}

int
main(int argc, char **argv)
{
    struct bench_settings settings;
    struct bench_text text = { 0 };
    struct bench_report report;
    bool uses_text;
    int status;

    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("wirecopy-bench %s\n", wcp_build_info(WCP_BUILD_VERSION));
        return 0;
    }
    if (!bench_arguments(&settings, argc, argv, &status))
        return status;
    if (settings.command != NULL && strcmp(settings.command, "compare") == 0)
        return bench_compare(&settings);
    uses_text = wants(&settings, "hash") || wants(&settings, "sign");
    if (uses_text)
        bench_text_init(&text, &settings, settings.size);
    bench_begin(&report, &settings, uses_text ? &text : NULL);
    if (wants(&settings, "limits"))
        bench_limits(&report);
    measure_texts(&report, &text);
    bench_text_release(&text);
    if (wants(&settings, "lsh"))
        bench_lsh(&report);
    if (wants(&settings, "pipeline"))
        bench_pipeline(&report);
    if (settings.command == NULL && !settings.json)
        print_answer(&report);
    return bench_end(&report);
}
