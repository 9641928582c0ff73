/*
 * clashes.c - outputs that are inputs, or lie in them
 *
 * What is written while it is read would be read as well, or be lost.
 */
#include "cli/cli.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As a shell has it from "< F >> F" or "F > F": every record that is written
 * would be one more that is read, or the shell has emptied the file. */
static bool
is_stdout_file(const char *input)
{
    struct stat out, in;
    const int known =
        strcmp(input, "-") == 0 ? fstat(STDIN_FILENO, &in) : stat(input, &in);

    return known == 0 && fstat(STDOUT_FILENO, &out) == 0 &&
           S_ISREG(out.st_mode) && in.st_dev == out.st_dev &&
           in.st_ino == out.st_ino;
}

static bool
check_stdout(const char *input)
{
    if (!is_stdout_file(input))
        return true;
    cli_say("'%s' is an input and also standard output; send the output to "
            "another file",
            input);
    return false;
}

bool
cli_check_outputs(int num_inputs, char **inputs, const char *const *outputs,
                  size_t num_outputs)
{
    if (outputs[0] == NULL && num_inputs == 0 && !check_stdout("-"))
        return false;
    for (int i = 0; outputs[0] == NULL && i < num_inputs; i++)
        if (!check_stdout(inputs[i]))
            return false;
    for (size_t i = 0; i < num_outputs; i++) {
        struct stat out, in;

        if (outputs[i] == NULL || stat(outputs[i], &out) != 0 ||
            !S_ISREG(out.st_mode))
            continue;
        for (int k = 0; k < num_inputs; k++)
            if (stat(inputs[k], &in) == 0 && in.st_dev == out.st_dev &&
                in.st_ino == out.st_ino) {
                cli_say("'%s' is an input and would be replaced; choose "
                        "another name for the output",
                        outputs[i]);
                return false;
            }
    }
    return true;
}

bool
cli_check_outside(int num_inputs, char **inputs, const char *output)
{
    char path[PATH_MAX], dir[PATH_MAX];
    struct stat status;

    if (output == NULL || stat(output, &status) != 0 ||
        !S_ISREG(status.st_mode) || realpath(output, path) == NULL)
        return true;
    for (int i = 0; i < num_inputs; i++) {
        size_t len;

        if (realpath(inputs[i], dir) == NULL)
            continue;
        len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);
        if (strncmp(path, dir, len) != 0 || path[len] != '/')
            continue;
        cli_say("'%s' is in the input '%s' and would be read as a part of it; "
                "choose another name for the output",
                output, inputs[i]);
        return false;
    }
    return true;
}

/* Where a folder is or will be; false: nowhere. */
static bool
resolve_folder(const char *folder, char real[PATH_MAX])
{
    char parent[PATH_MAX];
    const char *slash;
    size_t len = strlen(folder);

    if (realpath(folder, real) != NULL)
        return true;
    while (len > 1 && folder[len - 1] == '/')
        len--;
    snprintf(parent, sizeof parent, "%.*s", (int)len, folder);
    slash = strrchr(parent, '/');
    if (slash == NULL)
        strcpy(parent, ".");
    else
        parent[slash > parent ? slash - parent : 1] = '\0';
    return realpath(parent, real) != NULL;
}

bool
cli_check_checkpoint(const struct cli_corpus_args *args, int num_inputs,
                     char **inputs)
{
    char folder[PATH_MAX], input[PATH_MAX];
    struct stat status;

    if (args->lib.checkpoint == NULL ||
        !resolve_folder(args->lib.checkpoint, folder))
        return true;
    for (int i = 0; i < num_inputs; i++) {
        size_t len;

        if (stat(inputs[i], &status) != 0 || !S_ISDIR(status.st_mode) ||
            realpath(inputs[i], input) == NULL)
            continue;
        len = strcmp(input, "/") == 0 ? 0 : strlen(input);
        if (strncmp(folder, input, len) != 0 ||
            (folder[len] != '/' && folder[len] != '\0'))
            continue;
        cli_say("the checkpoint '%s' would be in the input '%s' and be read "
                "as a part of it; name another folder",
                args->lib.checkpoint, inputs[i]);
        return false;
    }
    return true;
}
