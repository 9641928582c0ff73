/*
 * operand.c - a file, or CORPUS#ID: the one document that is meant
 *
 * A name with # in it may be that of a file; otherwise the shortest corpus
 * that exists is meant, because ids may have # too.
 */
#include "cli/side_by_side.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
exists(const char *path)
{
    return strcmp(path, "-") == 0 || access(path, F_OK) == 0;
}

bool
cli_operand_split(struct cli_operand *operand, const char *given)
{
    operand->path = strdup(given);
    if (operand->path == NULL)
        return false;
    if (exists(given))
        return true;
    for (char *hash = strchr(operand->path, '#'); hash != NULL;
         hash = strchr(hash + 1, '#')) {
        *hash = '\0';
        if (operand->path[0] != '\0' && exists(operand->path)) {
            operand->id = hash + 1;
            return true;
        }
        *hash = '#';
    }
    return true;
}

static char *
copy_bytes(const char *from, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, from, len);
    copy[len] = '\0';
    return copy;
}

/* How well a document fits what was typed; the best counts. */
enum { NOT_MEANT, NEAR, END_OF_ID, MEANT };

/* What of an id follows the corpus in PATH/NAME or PATH:LINE; else the id. */
static const char *
id_in_corpus(const struct cli_operand *operand, const char *id)
{
    size_t len = strlen(operand->path);

    while (len > 1 && operand->path[len - 1] == '/')
        len--;
    return strncmp(id, operand->path, len) == 0 &&
                   (id[len] == '/' || id[len] == ':')
               ? id + len + 1
               : id;
}

/* The id itself, what follows the corpus, or the end of it from a "/" on; near
 * is another end, as tables cut ids. */
static int
fit_of(const struct cli_operand *operand,
       const struct wcp_document_info *document)
{
    size_t len;

    if (operand->id == NULL || strcmp(operand->id, document->id) == 0 ||
        strcmp(operand->id, id_in_corpus(operand, document->id)) == 0)
        return MEANT;
    len = strlen(operand->id);
    if (len == 0 || document->id_len <= len ||
        strcmp(document->id + document->id_len - len, operand->id) != 0)
        return NOT_MEANT;
    return strchr("/!", document->id[document->id_len - len - 1]) != NULL
               ? END_OF_ID
               : NEAR;
}

/* PATH or PATH:LINE */
static void
write_place(char place[256], const struct wcp_document_info *document)
{
    const char *path = document->path != NULL ? document->path : "-";

    if (document->line > 0)
        snprintf(place, 256, "%.220s:%" PRIu64, path, document->line);
    else
        snprintf(place, 256, "%.220s", path);
}

static void
release_document(struct cli_operand *operand)
{
    free(operand->text);
    free(operand->shown_id);
    free(operand->title);
    free(operand->date);
    operand->text = operand->shown_id = NULL;
    operand->title = operand->date = NULL;
}

static int32_t
on_document(void *ctx, const struct wcp_document_info *document,
            const char *text, size_t text_len)
{
    struct cli_operand *operand = ctx;
    int fit = fit_of(operand, document);

    if (fit < operand->fit || fit == NOT_MEANT)
        return 0;
    if (fit == operand->fit) {
        if (!operand->several)
            write_place(operand->other_place, document);
        operand->several = true;
        return operand->id == NULL;
    }
    release_document(operand);
    operand->fit = fit;
    operand->several = false;
    write_place(operand->place, document);
    operand->text = copy_bytes(text, text_len);
    operand->shown_id = copy_bytes(document->id, document->id_len);
    operand->title = copy_bytes(document->title, document->title_len);
    operand->date = copy_bytes(document->date, document->date_len);
    operand->no_memory = operand->text == NULL || operand->shown_id == NULL ||
                         operand->title == NULL || operand->date == NULL;
    operand->text_len = text_len;
    operand->shown_id_len = document->id_len;
    operand->title_len = document->title_len;
    operand->date_len = document->date_len;
    operand->date_ms = document->date_ms;
    return operand->no_memory;
}

int
cli_operand_read(struct cli_operand *operand, struct cli_corpus_args *args)
{
    struct wcp_error err;
    struct cli_run run;
    int status = CLI_OK;
    bool partial;

    if (!cli_run_open(&run, args, 1, &operand->path, &status))
        return status;
    if (wcp_corpus_read(run.corpus, on_document, operand, &err) != WCP_OK &&
        err.status != WCP_STOPPED)
        return cli_run_fail(&run, &err);
    status = cli_run_end(&run);
    partial = status != CLI_OK;
    if (operand->no_memory) {
        cli_say("out of memory");
        return CLI_FAILED;
    }
    if (operand->several && operand->fit < MEANT) {
        cli_say("several ids end in '%s', such as those of '%s' and '%s'; name "
                "one",
                operand->id, operand->place, operand->other_place);
        return CLI_USAGE;
    }
    if (operand->several && operand->id != NULL) {
        cli_say("%s: id '%s' was used before, at %s, which is compared",
                operand->other_place, operand->id, operand->place);
        return args->strict ? CLI_FAILED : CLI_PARTIAL;
    }
    if (operand->several) {
        cli_say("'%s' holds several documents; name one, as in '%s#%s'",
                operand->path, operand->path,
                id_in_corpus(operand, operand->shown_id));
        return CLI_USAGE;
    }
    if (operand->fit > NEAR)
        return status;
    if (operand->fit == NEAR)
        cli_say("no document '%s' in '%s'; did you mean '%s'?", operand->id,
                operand->path, id_in_corpus(operand, operand->shown_id));
    else if (operand->id != NULL)
        cli_say("no document '%s' in '%s'", operand->id, operand->path);
    else if (!partial)
        cli_say("no document in '%s'", operand->path);
    return CLI_FAILED;
}

void
cli_operand_release(struct cli_operand *operand)
{
    free(operand->path);
    release_document(operand);
}
