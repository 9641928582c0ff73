/*
 * listing.h - what find and pairs share, and the options of what takes long
 */
#ifndef WCP_CLI_LISTING_H
#define WCP_CLI_LISTING_H

#include "cli/cli.h"
#include "cli/table.h"

/* ---- what find and pairs share (listing.c) ---- */

struct cli_listing_args {
    struct cli_corpus_args corpus; /* first: the option tables count on it */
    const char *of;                /* the id of a document, or NULL */
    bool estimate;
    /* find: a file for what stands in very many documents, or NULL. */
    const char *boilerplate;
    uint32_t boilerplate_length, boilerplate_documents;
};

/* ---- find --boilerplate (boilerplate.c) ---- */

struct cli_boilerplate {
    const struct cli_listing_args *args;
    struct cli_output out;
    bool opened; /* false: not asked for */
    bool no_memory;
    uint64_t num;
};

/* False after a message: it and the result would be one file. */
bool cli_boilerplate_check(const struct cli_listing_args *args);
/* False after a message; nothing is done here and below if none was asked
 * for. */
bool cli_boilerplate_open(struct cli_boilerplate *boilerplate,
                          const struct cli_listing_args *args);
/* CLI_OK, or the exit status after a message; the corpus is then freed. */
int cli_boilerplate_write(struct cli_boilerplate *boilerplate,
                          struct cli_run *run);
/* Finish it and give it its name, if *keep; that it failed is in both. */
int cli_boilerplate_close(struct cli_boilerplate *boilerplate, bool *keep,
                          int status);

/* Numbers of documents; several may have one id.  None: all are wanted. */
struct cli_wanted {
    uint64_t *numbers;
    size_t num;
};

/* What a callback needs to write a result. */
struct cli_listing {
    struct cli_output out;
    struct cli_row row;
    struct cli_columns columns; /* of a table */
    const char *id;             /* of --of, or NULL */
    struct cli_wanted of;
    uint64_t num_listed;
    bool estimate;      /* nothing was compared exactly */
    int relation_width; /* columns of a table */
    struct cli_boilerplate boilerplate;
};

struct cli_listing_kind {
    const char *const *columns; /* of CSV and TSV */
    enum wcp_status (*list)(struct wcp_corpus *corpus,
                            struct cli_listing *listing, struct wcp_error *err);
    /* What was found: "3 copies ..." */
    void (*describe)(const struct cli_listing *listing,
                     const struct wcp_stats *stats, char *text, size_t size);
};

/* How much of each document stands in the other; NAN: not known. */
struct cli_shares {
    double a, b;
};

/* What a table says of how alike two documents are, five columns: the Jaccard
 * index, or where one lies in the other, which decides then, how much of it
 * does. */
enum { CLI_ALIKE_BYTES = 16 };
void cli_alike(enum wcp_relation relation, double jaccard,
               struct cli_shares shares, char out[CLI_ALIKE_BYTES]);
/* Whether it is a share. */
bool cli_shows_share(enum wcp_relation relation, struct cli_shares shares);
bool cli_is_wanted(const struct cli_wanted *wanted, uint64_t number);
void cli_listing_init(void *args);
int cli_list(const struct cli_command *command,
             const struct cli_listing_kind *kind, int argc, char **argv);

/* ---- options ---- */

/* Of find and pairs, before what all have. */
#define CLI_LISTING_AT(field) offsetof(struct cli_listing_args, field)
#define CLI_SIGNATURE_OPTIONS                                            \
    { .type = CLI_HEADING, .help = "Signature files" },                  \
        { .type = CLI_STRING,                                            \
          .name = "texts",                                               \
          .offset = CLI_LISTING_AT(corpus.lib.texts),                    \
          .value = "DIR",                                                \
          .help = "where the texts of signature files are: DIR is put "  \
                  "before their paths" },                                \
    {                                                                    \
        .type = CLI_FLAG, .name = "estimate",                            \
        .offset = CLI_LISTING_AT(estimate),                              \
        .help = "read no text again and report what the signatures let " \
                "expect"                                                 \
    }

/* Of dedup, too, behind it. */
#define CLI_CHECKPOINT_OPTIONS                                             \
    { .type = CLI_STRING,                                                  \
      .name = "checkpoint",                                                \
      .offset = CLI_AT(lib.checkpoint),                                    \
      .value = "DIR",                                                      \
      .help = "keep in DIR what was read and signed until all is done; a " \
              "run that was broken off goes on there" },                   \
    {                                                                      \
        .type = CLI_SIZE, .name = "checkpoint-every",                      \
        .offset = CLI_AT(lib.checkpoint_bytes), .value = "SIZE",           \
        .help = "input after which DIR gets more [256M]", .min = 1024,     \
        .max = 1099511627776.0                                             \
    }

#endif /* WCP_CLI_LISTING_H */
