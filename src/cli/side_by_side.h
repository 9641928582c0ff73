/*
 * side_by_side.h - what the files of "wirecopy compare" share
 *
 *   operand         which document is meant
 *   compare_words   how they overlap, in words
 *   compare_rows    runs -> rows, a sentence of either text each
 *   compare_view    rows -> lines of the terminal
 */
#ifndef WCP_CLI_SIDE_BY_SIDE_H
#define WCP_CLI_SIDE_BY_SIDE_H

#include "cli/cli.h"

/* ---- which document is meant (operand.c) ---- */

struct cli_operand {
    char name; /* 'A' or 'B' */
    char *path;
    const char *id; /* NULL: the only document */
    uint64_t num_seen;
    int fit; /* of the document that was taken */
    bool several, no_memory;
    char place[256], other_place[256]; /* of the one taken and one like it */
    char *text, *shown_id, *title, *date;
    size_t text_len, shown_id_len, title_len, date_len;
    int64_t date_ms;
};

/* False: out of memory. */
bool cli_operand_split(struct cli_operand *operand, const char *given);
/* Read its text.  The exit status; CLI_FAILED and _USAGE after a message. */
int cli_operand_read(struct cli_operand *operand, struct cli_corpus_args *args);
void cli_operand_release(struct cli_operand *operand);

/* ---- how two documents overlap (compare_words.c) ---- */

struct cli_runs {
    struct wcp_run *list;
    size_t num, cap;
};

/* False: out of memory. */
bool cli_runs_add(struct cli_runs *runs, const struct wcp_run *run);
/* A sentence a line, of texts that have letters or digits. */
void cli_print_overlap(FILE *to, const struct wcp_comparison *comparison,
                       const struct cli_runs *runs);
/* The verdict, a sentence. */
void cli_print_verdict(FILE *to, const struct wcp_comparison *comparison,
                       const struct cli_runs *runs);

/* ---- rows (compare_rows.c) ---- */

enum cli_part_style {
    CLI_PART_SAME,
    CLI_PART_CHANGED, /* only this text has it */
    CLI_PART_OTHER    /* shown for what the other text has opposite */
};

/* A stretch of one text. */
struct cli_part {
    size_t begin, end; /* bytes */
    enum cli_part_style style;
};

enum cli_row_kind {
    CLI_ROW_SAME,
    CLI_ROW_CHANGED,
    CLI_ROW_ONLY_A,
    CLI_ROW_ONLY_B,
    CLI_ROW_MOVED_OUT, /* a has it here, and b elsewhere */
    CLI_ROW_MOVED_IN,  /* b has it here, with what a has elsewhere */
    CLI_ROW_AGAIN_A,
    CLI_ROW_AGAIN_B
};

struct cli_compared_row {
    enum cli_row_kind kind;
    uint64_t piece;          /* of what was moved or repeated */
    bool above;              /* the other place of what was moved is above */
    bool shared;             /* it holds text that both have */
    uint64_t letters;        /* of the longer side */
    size_t first[2], num[2]; /* parts of a and of b */
};

struct cli_rows {
    const struct cli_operand *operands; /* two */
    struct cli_compared_row *list;
    size_t num, cap;
    struct cli_part *parts[2];
    size_t num_parts[2], cap_parts[2];
    bool no_memory;
};

/* Runs that were cut behind sentences -> rows.  False: out of memory. */
bool cli_rows_make(struct cli_rows *rows, const struct cli_operand operands[2],
                   const struct cli_runs *runs);
void cli_rows_release(struct cli_rows *rows);

/* ---- lines (compare_view.c) ---- */

/* Print rows that differ with a few around them, or all. */
void cli_print_rows(const struct cli_output *out, const struct cli_rows *rows,
                    bool full);

#endif /* WCP_CLI_SIDE_BY_SIDE_H */
