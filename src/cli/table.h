/*
 * table.h - what people read: styles, widths, documents in columns
 */
#ifndef WCP_CLI_TABLE_H
#define WCP_CLI_TABLE_H

#include "cli/cli.h"

/* ---- table (table.c) ---- */

enum cli_style {
    CLI_PLAIN,
    CLI_STRONG, /* what the others are measured by */
    CLI_FAINT,  /* what frames the rest */
    CLI_SAME,   /* a copy, from the surest on */
    CLI_CHANGED,
    CLI_PARTLY,
    CLI_REMOVED, /* in a comparison */
    CLI_ADDED,
    CLI_REMOVED_PART, /* marked within a line */
    CLI_ADDED_PART
};

/* Whether a table gets colours; 'terminal': it goes to one. */
bool cli_wants_color(enum cli_color color, bool terminal);
/* Print in this style until the end of it; nothing without colours. */
void cli_begin_style(const struct cli_output *out, enum cli_style style);
void cli_end_style(const struct cli_output *out, enum cli_style style);
enum cli_style cli_relation_style(enum wcp_relation relation);

/* The character at the start of valid UTF-8, its length in bytes, and the
 * columns that it takes up on a terminal. */
uint32_t cli_take_character(const char *text, size_t len, size_t *bytes_ret);
size_t cli_character_width(uint32_t c);
/* Columns that the text takes up on a terminal. */
size_t cli_text_width(struct cli_string string);
/* Write the text in exactly 'width' columns, cut with an ellipsis or padded;
 * control characters become spaces. */
void cli_print_padded(FILE *to, struct cli_string string, size_t width);
/* Like cli_print_padded(), but it is the beginning that is cut off. */
void cli_print_padded_left(FILE *to, struct cli_string string, size_t width);
/* Like cli_print_padded(), but for the end of a line: not padded. */
void cli_print_cut(FILE *to, struct cli_string string, size_t width);

/* ---- documents in columns (columns.c) ---- */

enum { CLI_DAY_BYTES = 18 };
/* The day of a date that was understood, else the beginning of what it says;
 * ms: INT64_MIN if it was not. */
struct cli_string cli_day_of(struct cli_string date, int64_t ms,
                             char day[CLI_DAY_BYTES]);

enum cli_cell {
    CLI_CELL_DATE,
    CLI_CELL_SOURCE,
    CLI_CELL_CREDIT, /* in parentheses; only where there is much room */
    CLI_CELL_ID,
    CLI_CELL_TITLE,
    CLI_NUM_CELLS
};

enum cli_columns_row {
    CLI_COLUMNS_LINE, /* as it stands */
    CLI_COLUMNS_DOCUMENT,
    /* On one line if ids are all there is to show and there is room. */
    CLI_COLUMNS_FIRST,
    CLI_COLUMNS_SECOND
};

/* A table whose columns are the same in all of it.  Begins as { .out = ... }
 * with an output that is open. */
struct cli_columns {
    const struct cli_output *out;
    size_t lead; /* the longest of what stands before documents */
    size_t widths[CLI_NUM_CELLS];
    bool settled, side_by_side;
    struct cli_held_row **held; /* rows that wait for the widths */
    size_t num_held;
};

void cli_columns_line(struct cli_columns *columns, enum cli_style style,
                      const char *text);
/* A line for a document: 'lead', in one column a byte, and what tells people
 * which document it is. */
void cli_columns_document(struct cli_columns *columns,
                          enum cli_columns_row kind, enum cli_style style,
                          const char *lead,
                          const struct wcp_document_info *document);
/* The same for a member of a group, and whom it credits. */
void cli_columns_member(struct cli_columns *columns, enum cli_style style,
                        const char *lead,
                        const struct wcp_group_member *member);
/* Write what waits and release it: at the end of a table. */
void cli_columns_settle(struct cli_columns *columns);

#endif /* WCP_CLI_TABLE_H */
