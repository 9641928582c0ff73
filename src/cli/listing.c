/*
 * listing.c - what find and pairs have in common: a corpus in, a list out
 *
 * With --of ID the documents are looked through first, so that an id that none
 * has is told from one that is a copy of nothing.
 */
#include "cli/listing.h"

#include "cli/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool
cli_shows_share(enum wcp_relation relation, struct cli_shares shares)
{
    return (relation == WCP_ABRIDGED || relation == WCP_EXPANDED ||
            relation == WCP_EMBEDDED) &&
           !isnan(fmax(shares.a, shares.b));
}

void
cli_alike(enum wcp_relation relation, double jaccard, struct cli_shares shares,
          char out[CLI_ALIKE_BYTES])
{
    const double share = fmax(shares.a, shares.b);

    if (!cli_shows_share(relation, shares))
        snprintf(out, CLI_ALIKE_BYTES, "%.3f", jaccard);
    else if (share >= 1)
        snprintf(out, CLI_ALIKE_BYTES, " 100%%");
    else /* 100 is for what is all of it */
        snprintf(out, CLI_ALIKE_BYTES, "%4.1f%%", floor(share * 1000) / 10);
}

/* ---- --of ID ---- */

/* Looks for a document by its id, or by the end of its id from a "/" on. */
struct search {
    const char *id;
    size_t len;
    struct cli_wanted *wanted;
    uint64_t end; /* number of the first document whose id ends so */
    size_t num_ends;
    char ends[2][128]; /* the first two of them */
    size_t num_near;   /* those that end so within a name, as tables cut them */
    char near[2][128];
    bool no_memory;
};

static bool
want(struct cli_wanted *wanted, uint64_t number)
{
    uint64_t *more = realloc(wanted->numbers, (wanted->num + 1) * sizeof *more);

    if (more == NULL)
        return false;
    wanted->numbers = more;
    wanted->numbers[wanted->num++] = number;
    return true;
}

static int32_t
look_at(void *ctx, const struct wcp_document_info *document)
{
    struct search *search = ctx;
    const char *end;

    if (document->id_len < search->len)
        return 0;
    end = document->id + document->id_len - search->len;
    if (memcmp(end, search->id, search->len) != 0)
        return 0;
    if (document->id_len == search->len) {
        search->no_memory = !want(search->wanted, document->number);
        return search->no_memory;
    }
    if (end[-1] != '/' && end[-1] != '!') {
        if (search->len == 0)
            return 0;
        if (search->num_near < 2)
            snprintf(search->near[search->num_near], sizeof search->near[0],
                     "%s", document->id);
        search->num_near++;
        return 0;
    }
    if (search->num_ends == 0)
        search->end = document->number;
    if (search->num_ends < 2)
        snprintf(search->ends[search->num_ends], sizeof search->ends[0], "%s",
                 document->id);
    search->num_ends++;
    return 0;
}

/* Of an id as a table shows it, what was not cut off. */
static const char *
uncut(const char *id)
{
    static const char ellipsis[] = "\xE2\x80\xA6";

    return strncmp(id, ellipsis, strlen(ellipsis)) == 0 &&
                   id[strlen(ellipsis)] != '\0'
               ? id + strlen(ellipsis)
               : id;
}

static void
say_unknown(const struct search *search, const char *id)
{
    char others[28];

    if (search->num_near == 0)
        cli_say("no document has the id '%s'", id);
    else if (search->num_near == 1)
        cli_say("no document has the id '%s'; did you mean '%s'?", id,
                search->near[0]);
    else
        cli_say("no document has the id '%s', but %s end so, such as '%s' and "
                "'%s'",
                id, cli_count(search->num_near, others), search->near[0],
                search->near[1]);
}

/* Find out which documents 'id' means.  The exit status: CLI_OK, or another
 * after a message. */
static int
find_wanted(struct cli_wanted *wanted, struct cli_run *run, const char *id)
{
    struct search search = { .id = uncut(id), .wanted = wanted };
    struct wcp_error err;
    char others[28];

    search.len = strlen(search.id);
    if (wcp_corpus_documents(run->corpus, look_at, &search, &err) != WCP_OK &&
        !search.no_memory)
        return cli_run_fail(run, &err);
    if (!search.no_memory && wanted->num == 0 && search.num_ends == 1)
        search.no_memory = !want(wanted, search.end);
    if (!search.no_memory && wanted->num > 0)
        return CLI_OK;
    cli_run_end(run);
    if (search.num_ends > 1) {
        cli_say("%s ids end in '%s', such as '%s' and '%s'; name one",
                cli_count(search.num_ends, others), id, search.ends[0],
                search.ends[1]);
        return CLI_USAGE;
    }
    if (search.no_memory)
        cli_say("out of memory");
    else
        say_unknown(&search, id);
    return CLI_FAILED;
}

bool
cli_is_wanted(const struct cli_wanted *wanted, uint64_t number)
{
    for (size_t i = 0; i < wanted->num; i++)
        if (wanted->numbers[i] == number)
            return true;
    return false;
}

/* ---- the run ---- */

void
cli_listing_init(void *args)
{
    *(struct cli_listing_args *)args =
        (struct cli_listing_args){ .corpus = cli_corpus_defaults(),
                                   .boilerplate_length = 20,
                                   .boilerplate_documents = 8 };
    ((struct cli_listing_args *)args)->corpus.takes_signatures = true;
}

/* The header, in which 'exact' is only where it is not always true. */
static void
write_names(struct cli_listing *listing, const struct cli_listing_kind *kind)
{
    const char *names[32];
    size_t num = 0;

    for (; kind->columns[num] != NULL; num++)
        names[num] = kind->columns[num];
    if (listing->estimate)
        names[num++] = "exact";
    names[num] = NULL;
    cli_row_names(&listing->row, names);
}

/* List, and say how it went.  The exit status; output is still to be closed. */
static int
list(struct cli_listing *listing, const struct cli_listing_kind *kind,
     struct cli_run *run)
{
    struct wcp_stats stats = { .struct_size = sizeof stats };
    struct wcp_error err;
    enum wcp_status done;
    char result[160];
    int status = CLI_OK;

    listing->columns = (struct cli_columns){ .out = &listing->out };
    if (listing->id != NULL)
        status = find_wanted(&listing->of, run, listing->id);
    if (status != CLI_OK)
        return status;
    if (listing->out.format == CLI_FORMAT_CSV ||
        listing->out.format == CLI_FORMAT_TSV)
        write_names(listing, kind);
    done = kind->list(run->corpus, listing, &err);
    cli_columns_settle(&listing->columns);
    if (done != WCP_OK && cli_output_ok(&listing->out))
        return cli_run_fail(run, &err);
    cli_output_flush(&listing->out);
    status = cli_boilerplate_write(&listing->boilerplate, run);
    if (status != CLI_OK)
        return status;
    wcp_corpus_stats(run->corpus, &stats);
    kind->describe(listing, &stats, result, sizeof result);
    if (listing->estimate && !run->args->quiet)
        cli_say("Jaccard indexes are estimated, with a standard error of .035 "
                "at .8; nothing was compared exactly");
    return cli_run_close(run, result);
}

/* Of the relations that are listed; the usual ones have room of "identical". */
static int
widest_relation(uint64_t relations)
{
    int width = 9;

    for (int i = 0; cli_relation_names[i] != NULL; i++)
        if ((relations >> i & 1) != 0 &&
            (int)strlen(cli_relation_names[i]) > width)
            width = (int)strlen(cli_relation_names[i]);
    return width;
}

int
cli_list(const struct cli_command *command, const struct cli_listing_kind *kind,
         int argc, char **argv)
{
    struct cli_listing_args args;
    struct cli_listing listing = { .num_listed = 0 };
    struct cli_run run;
    const char *outputs[2];
    int num_inputs, status = CLI_OK;
    bool keep;

    cli_listing_init(&args);
    num_inputs = cli_parse(command, &args, argc, argv);
    if (num_inputs < 0)
        return -1 - num_inputs;
    listing.id = args.of;
    listing.estimate = args.estimate;
    listing.relation_width = widest_relation(args.corpus.lib.relations);
    args.corpus.lib.estimate = args.estimate;
    if (args.corpus.plan)
        return cli_plan(&args.corpus, num_inputs, argv);
    outputs[0] = args.corpus.output;
    outputs[1] = args.boilerplate;
    args.corpus.side_output = args.boilerplate;
    if (!cli_check_outputs(num_inputs, argv, outputs, 2) ||
        !cli_check_outside(num_inputs, argv, args.boilerplate) ||
        !cli_check_checkpoint(&args.corpus, num_inputs, argv) ||
        !cli_boilerplate_check(&args))
        return CLI_USAGE;
    if (!cli_boilerplate_open(&listing.boilerplate, &args))
        return CLI_FAILED;
    if (!cli_output_open(&listing.out, &args.corpus)) {
        keep = false;
        return cli_boilerplate_close(&listing.boilerplate, &keep, CLI_FAILED);
    }
    listing.row =
        (struct cli_row){ .line.to = listing.out.to,
                          .tabs = listing.out.format == CLI_FORMAT_TSV };
    if (cli_run_open(&run, &args.corpus, num_inputs, argv, &status))
        status = list(&listing, kind, &run);
    free(listing.of.numbers);
    /* Neither file gets its name before both are written. */
    keep = status == CLI_OK || status == CLI_PARTIAL;
    keep = cli_output_finish(&listing.out) && keep;
    status = cli_boilerplate_close(&listing.boilerplate, &keep, status);
    status = cli_output_close(&listing.out, keep, status);
    return cli_drop_checkpoint(&args.corpus, status);
}
