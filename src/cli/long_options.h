/*
 * long_options.h - options of commands that may take long
 */
#ifndef WCP_CLI_LONG_OPTIONS_H
#define WCP_CLI_LONG_OPTIONS_H

#include "cli/cli.h"

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

/* Behind it. */
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

#endif /* WCP_CLI_LONG_OPTIONS_H */
