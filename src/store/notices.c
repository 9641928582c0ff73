/*
 * notices.c - what is said of the documents once all are read
 *
 * Of many messages of one kind the first are said, and how many more there
 * are.  Where line after line has the same flaw, such as a field that no record
 * has, one message says so.
 */
#include "store/chunk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
deliver(const struct wcp_store_listener *listener,
        const struct wcp_notice *notice)
{
    if (listener != NULL && listener->notice != NULL)
        listener->notice(listener->ctx, notice);
}

static void
finish_source(struct wcp_saying *saying)
{
    struct wcp_notice notice = { .kind = WCP_NOTICE_SKIPPED,
                                 .source = saying->source };

    if (saying->num_unsaid > 0) {
        snprintf(notice.text, sizeof notice.text,
                 "%" PRIu64 " more message%s like %s", saying->num_unsaid,
                 saying->num_unsaid == 1 ? "" : "s",
                 saying->num_said == 1 ? "this one" : "these");
        deliver(saying->listener, &notice);
    }
    saying->num_said = saying->num_unsaid = 0;
    saying->last = NULL;
}

bool
wcp_notice_goes_on(const struct wcp_kept_notice *last, uint64_t last_line,
                   const struct wcp_notice *notice)
{
    const size_t len = strcspn(notice->text, ";");

    return last->notice.kind == notice->kind && notice->line > 0 &&
           notice->line == last_line + 1 + last->num_dropped &&
           notice->column == last->notice.column &&
           strcspn(last->notice.text, ";") == len &&
           memcmp(last->notice.text, notice->text, len) == 0;
}

void
wcp_say_notices(struct wcp_saying *saying, const struct wcp_chunk *chunk,
                uint64_t first_line)
{
    enum { MAX_SAID = 10 };

    if (chunk == NULL) {
        finish_source(saying);
        return;
    }
    for (size_t i = 0; i < chunk->notices.num; i++) {
        struct wcp_notice notice = chunk->notices.at[i].notice;

        if (notice.source != saying->source) {
            finish_source(saying);
            saying->source = notice.source;
        }
        if (notice.line > 0)
            notice.line += first_line;
        saying->num_unsaid += chunk->notices.at[i].num_dropped;
        if (notice.kind == WCP_NOTICE_DETAIL) {
            deliver(saying->listener, &notice);
            continue;
        }
        if (saying->num_said == MAX_SAID ||
            (saying->last != NULL &&
             wcp_notice_goes_on(saying->last, saying->last_line, &notice))) {
            saying->num_unsaid++;
        } else {
            saying->num_said++;
            deliver(saying->listener, &notice);
        }
        saying->last = &chunk->notices.at[i];
        saying->last_line = notice.line;
    }
}

/* How many bytes of a text to quote. */
static int
quoted_len(const char *text, size_t len, size_t most)
{
    return (int)wcp_characters_within(text, len, most);
}

void
wcp_say_equal_id(const struct wcp_store *store,
                 const struct wcp_store_listener *listener,
                 const struct wcp_entry *entry, const struct wcp_entry *first)
{
    /* Nothing is wrong with the record itself. */
    struct wcp_notice notice = { .kind = WCP_NOTICE_SKIPPED,
                                 .code = WCP_CODE_OK,
                                 .source = entry->source,
                                 .line = entry->line };
    const char *path = first->source == UINT32_MAX
                           ? "memory"
                           : wcp_source_path(store->reader, first->source);

    if (entry->source == UINT32_MAX)
        notice.path = "memory";
    snprintf(notice.text, sizeof notice.text,
             "id '%.*s' was used before, at %.*s:%" PRIu32 "; both are read",
             quoted_len(entry->strings, entry->id_len, 60), entry->strings,
             quoted_len(path, strlen(path), 100), path, first->line);
    deliver(listener, &notice);
}

/* Count the dates that are not understood, and name the first. */
void
wcp_say_bad_dates(const struct wcp_store *store,
                  const struct wcp_store_listener *listener,
                  const struct wcp_entry *entry)
{
    const uint64_t num = store->counts.bad_dates;
    const struct wcp_string date = wcp_entry_date(entry);
    struct wcp_notice notice = { .kind = WCP_NOTICE_REPAIRED,
                                 .code = WCP_CODE_OK };
    char others[48] = "";

    notice.source = entry->source;
    notice.line = entry->line;
    if (entry->source == UINT32_MAX)
        notice.path = "memory";
    if (num > 1)
        snprintf(others, sizeof others, ", nor %s %" PRIu64 " other%s",
                 num == 2 ? "is" : "are", num - 1, num == 2 ? "" : "s");
    snprintf(
        notice.text, sizeof notice.text,
        "date '%.*s' is not understood%s: such documents come last, by id; "
        "understood are 2006-05-09, 20060509, 9 May 2006, "
        "2006\345\271\2645\346\234\2109\346\227\245 and seconds since 1970",
        quoted_len(date.data, date.len, 60), date.data, others);
    deliver(listener, &notice);
}

/* A field that somebody named and no record has is a slip: what it is for, such
 * as the order of documents, would be as if there were none. */
void
wcp_say_absent_fields(const struct wcp_store *store,
                      const struct wcp_chunk_counts *counts,
                      const struct wcp_store_listener *listener)
{
    const struct wcp_input_options *opts = wcp_reader_options(store->reader);
    const struct {
        const char *name, *usual;
        uint8_t flag;
    } fields[] = {
        { opts->id_field, "id", WCP_ENTRY_HAS_ID },
        { opts->title_field, "title", WCP_ENTRY_HAS_TITLE },
        { opts->date_field, "date", WCP_ENTRY_HAS_DATE },
        { opts->source_field, "source", WCP_ENTRY_HAS_SOURCE },
    };

    for (size_t i = 0;
         counts->records > 0 && i < sizeof fields / sizeof *fields; i++) {
        struct wcp_notice notice = { .kind = WCP_NOTICE_REPAIRED,
                                     .code = WCP_CODE_OK,
                                     .source = UINT32_MAX };

        if ((counts->record_flags & fields[i].flag) != 0 ||
            strcmp(fields[i].name, fields[i].usual) == 0)
            continue;
        snprintf(notice.text, sizeof notice.text,
                 "no record has a value in field '%.120s'", fields[i].name);
        deliver(listener, &notice);
    }
}
