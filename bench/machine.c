/*
 * machine.c - the processor, the system, the kernels it can run
 */
#include "bench.h"

#include "base/base.h"
#include "sketch/kernels.h"

#include <string.h>
#include <sys/utsname.h>

#if defined(__APPLE__)
#include <sys/sysctl.h>
#endif

#ifndef BENCH_FLAGS
#define BENCH_FLAGS "unknown flags"
#endif

/* Linux tells it by a file, which names it differently by architecture. */
static void
find_processor(char *out, size_t size)
{
    static const char *const keys[] = { "model name", "Model", "cpu model",
                                        "cpu\t", "uarch" };
    FILE *from = fopen("/proc/cpuinfo", "r");
    char line[256];

    out[0] = '\0';
    while (from != NULL && out[0] == '\0' &&
           fgets(line, sizeof line, from) != NULL) {
        char *value = strchr(line, ':');

        if (value == NULL)
            continue;
        value += 1 + (value[1] == ' ');
        value[strcspn(value, "\n")] = '\0';
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            if (strncmp(line, keys[i], strlen(keys[i])) == 0)
                snprintf(out, size, "%.60s", value);
    }
    if (from != NULL)
        fclose(from);
#if defined(__APPLE__)
    if (sysctlbyname("machdep.cpu.brand_string", out, &size, NULL, 0) != 0)
        out[0] = '\0';
#endif
}

void
bench_machine_name(char *out, size_t size)
{
    const unsigned num = wcp_num_processors();
    char processor[64];
    struct utsname names;

    find_processor(processor, sizeof processor);
    if (processor[0] == '\0' && uname(&names) == 0)
        snprintf(processor, sizeof processor, "%.60s", names.machine);
    snprintf(out, size, "%s, %u processor%s", processor, num,
             num == 1 ? "" : "s");
}

void
bench_system_name(char *out, size_t size)
{
    struct utsname names;

    if (uname(&names) == 0)
        snprintf(out, size, "%.20s %.40s %.20s", names.sysname, names.release,
                 names.machine);
    else
        snprintf(out, size, "unknown system");
}

void
bench_kernel_names(char *out, size_t size)
{
    const struct wcp_kernels *kernels;
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; (kernels = wcp_kernels_at(i)) != NULL; i++)
        if (len < size)
            len += (size_t)snprintf(out + len, size - len, "%s%s",
                                    i > 0 ? " " : "", kernels->name);
}

const char *
bench_flags(void)
{
    return BENCH_FLAGS;
}
