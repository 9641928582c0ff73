/*
 * replay.c - runs a fuzz target over its stored inputs, without an engine
 *
 * Each argument is a file or a folder of files.  Every input is run as it is,
 * cut short in several places, and in a few dozen damaged versions that are
 * the same in every run.  The empty input and some noise come first, so that a
 * target without seeds is tested as well.  Inputs lie in heap blocks of exactly
 * their size, where the address sanitizer sees the first byte too far.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NUM_CUTS = 16, NUM_DAMAGED = 48, NUM_NOISE = 64, MAX_NOISE = 300 };
/* Damaged versions of long inputs cost much and find no more. */
static const size_t MAX_DAMAGED_SIZE = 64 << 10;

static uint64_t
next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static void
run(const uint8_t *data, size_t size)
{
    uint8_t *copy = calloc(size ? size : 1, 1);

    if (!copy) {
        perror("calloc");
        exit(EXIT_FAILURE);
    }
    if (size)
        memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void
run_noise(void)
{
    uint8_t data[MAX_NOISE] = { 0 };
    uint64_t state = 1;

    run(data, 0);
    for (int i = 0; i < NUM_NOISE; i++) {
        const size_t size = (size_t)next(&state) % MAX_NOISE;

        for (size_t k = 0; k < size; k++)
            data[k] = (uint8_t)next(&state);
        run(data, size);
    }
}

static void
run_damaged(uint8_t *data, size_t size)
{
    uint64_t state = size;

    if (size == 0 || size > MAX_DAMAGED_SIZE)
        return;
    for (size_t i = 1; i < NUM_CUTS; i++)
        run(data, size * i / NUM_CUTS);
    for (int i = 0; i < NUM_DAMAGED; i++) {
        const size_t at = (size_t)next(&state) % size;
        const uint8_t old = data[at];

        data[at] = (uint8_t)next(&state);
        run(data, size);
        /* Every other damage stays, so that versions drift away. */
        if (i % 2)
            data[at] = old;
    }
}

static int
run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long size;

    if (!file || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0 ||
        fseek(file, 0, SEEK_SET) != 0 || !(data = malloc((size_t)size + 1)) ||
        fread(data, 1, (size_t)size, file) != (size_t)size) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fclose(file);
    run(data, (size_t)size);
    run_damaged(data, (size_t)size);
    free(data);
    return 1;
}

static int
run_path(const char *path)
{
    struct stat info;
    struct dirent *entry;
    char name[4096];
    int num = 0;
    DIR *folder;

    if (stat(path, &info) != 0) {
        printf("SKIPPED: there is no '%s'\n", path);
        return 0;
    }
    if (!S_ISDIR(info.st_mode))
        return run_file(path);
    folder = opendir(path);
    if (!folder) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        num += run_file(name);
    }
    closedir(folder);
    return num;
}

int
main(int argc, char **argv)
{
    int num = 0;

    run_noise();
    for (int i = 1; i < argc; i++)
        num += run_path(argv[i]);
    printf("replayed %d stored inputs\n", num);
    return EXIT_SUCCESS;
}
