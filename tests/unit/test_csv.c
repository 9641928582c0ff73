/*
 * test_csv.c - rows of CSV and TSV -> documents
 *
 * Tables are made of random fields; while they are written, quoted in many
 * ways, the log is written that reading them must give.
 */
#include "input_log.h"

#include "input/reader.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
test_rows(void)
{
    test_log_write("a.csv", "id,title,text\r\n"
                            "1,t,plain\r\n"
                            "\r\n"
                            " 2 , \"a \"\"b\"\"\" , \"x\r\ny,\"\r\n"
                            "3,,\n"
                            "4,a\"b,c\"d\n"
                            "5,\"a\"b,\"c\"d,\"e\",\"f\"");
    test_log_expect(test_log_new(), "a.csv",
                    "2 +15 9 UTF-8 1|t|-|-|0|plain\n"
                    "4 +28 24 UTF-8 2|a \"b\"|-|-|0|x\r\ny,\n"
                    "6 +54 3 UTF-8 3|-|-|-|0|\n"
                    "7 +58 9 UTF-8 4|a\"b|-|-|0|c\"d\n"
                    "8 +68 19 UTF-8 5|a\"b,\"c\"d,\"e|-|-|0|f\n");
    test_log_write("bom.csv", "\xEF\xBB\xBF\"text\";id\n\"a,b\";2\n");
    test_log_expect(test_log_new(), "bom.csv", "2 +13 7 UTF-8 2|-|-|-|0|a,b\n");
    test_log_write("one.csv", "text\nx\n   \n\"\"\n");
    test_log_expect(test_log_new(), "one.csv",
                    "2 +5 1 UTF-8 -|-|-|-|0|x\n4 +11 2 UTF-8 -|-|-|-|0|\n");
    test_log_write("empty.csv", "");
    test_log_expect(test_log_new(), "empty.csv", "");
    test_log_write("blank.csv", "\n\r\n");
    test_log_expect(test_log_new(), "blank.csv", "");
    test_log_write("header.csv", "\n\nid|text");
    test_log_expect(test_log_new(), "header.csv", "");
}

static void
test_columns(void)
{
    struct test_run run = test_log_new();
    struct wcp_reader *reader = NULL;

    test_log_write("c.csv", "a;b;a\n1;2;3\n");
    test_log_expect(
        run, "c.csv",
        "0 skipped c.csv:0 no column 'text' (--text-field, or --columns "
        "if there is no header); the header has: a, "
        "b, a\n");
    run.opts.text_field = "a";
    run.opts.id_field = "b";
    test_log_expect(run, "c.csv", "2 +6 5 UTF-8 2|-|-|-|0|1\n");
    run.opts.columns = "x,b,a";
    test_log_expect(run, "c.csv",
                    "1 +0 5 UTF-8 b|-|-|-|0|a\n2 +6 5 UTF-8 2|-|-|-|0|3\n");
    run.opts.columns = "b,a";
    test_log_expect(run, "c.csv",
                    "0 skipped c.csv:0 the first row has 3 fields, but "
                    "--columns 2 names; name all, some may be empty\n");
    test_log_write("e.csv", "1;2;\n");
    test_log_expect(run, "e.csv", "1 +0 4 UTF-8 1|-|-|-|0|2\n");
    run.opts.columns = "x,b";
    CU_ASSERT_EQUAL(wcp_reader_new(&wcp_memory_libc, &run.opts, &reader, NULL),
                    WCP_CODE_BAD_OPTION);
    CU_ASSERT_PTR_NULL(reader);
    run = test_log_new();
    run.opts.max_document = 3;
    test_log_write("u.csv", "x,text,y\n1,abcd,2\nb\n1,abc\n\"open\nc\n");
    test_log_expect(run, "u.csv",
                    "2 skipped u.csv:0 longer than --max-document (3 bytes)\n"
                    "3 skipped u.csv:0 1 field, but the header has 3\n"
                    "4 +20 5 UTF-8 -|-|-|-|0|abc\n"
                    "5 skipped u.csv:0 a quoted field does not end\n"
                    "6 skipped u.csv:0 1 field, but the header has 3\n");
    test_log_write("open.csv", "\"text,id\nx,y\n");
    test_log_expect(run, "open.csv",
                    "0 skipped open.csv:0 a quoted field of the header does "
                    "not end\n");
}

static void
test_tabs(void)
{
    test_log_write("t.tsv", "text\tid\n"
                            "a\\tb\\\\n\\x\\n\\\t\"1\r\n"
                            "\t\n\n"
                            "\"x\n");
    test_log_expect(test_log_new(), "t.tsv",
                    "2 +8 16 UTF-8 \"1|-|-|-|0|a\tb\\n\\x\n\\\n"
                    "3 +25 1 UTF-8 -|-|-|-|0|\n"
                    "5 +28 2 UTF-8 -|-|-|-|0|\"x\n");
}

static void
test_bad_bytes(void)
{
    struct test_run run = test_log_new();

    test_log_write("b.csv", "text,id\n\"a\xFF\nb\",1\nx,\xE4\xB8\n");
    run.opts.encoding = WCP_ENC_UTF8;
    test_log_expect(run, "b.csv",
                    "2 repaired b.csv:3 illegal bytes\n"
                    "2 +8 8 UTF-8 1|-|-|-|1|a\xEF\xBF\xBD\nb\n"
                    "4 +17 4 UTF-8 \xEF\xBF\xBD|-|-|-|1|x\n");
    run.opts.on_bad_bytes = WCP_BAD_FAIL;
    test_log_expect(run, "b.csv",
                    "2 skipped b.csv:3 illegal bytes in UTF-8\n"
                    "4 skipped b.csv:3 illegal bytes in UTF-8\n");
}

/* ---- random tables ---- */

struct table {
    struct test_rng *rng;
    FILE *file, *log;
    char delimiter;
    bool tabs; /* TSV */
    unsigned line;
    uint64_t offset;
};

static void
put(struct table *table, const char *text, size_t len)
{
    fwrite(text, 1, len, table->file);
    table->offset += len;
    for (size_t i = 0; i < len; i++)
        table->line += text[i] == '\n';
}

static size_t
make_field(struct test_rng *rng, char *field)
{
    static const char *const pieces[] = { "a",  "\"", ",",    "\n",  "\r\n",
                                          ";",  "|",  "\t",   " b",  "\\",
                                          "中", "q",  "word", "\"\"" };
    size_t len = 0;

    for (uint64_t n = test_random(rng) % 6; n > 0; n--) {
        const char *piece =
            pieces[test_random(rng) % (sizeof pieces / sizeof *pieces)];

        memcpy(field + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return len;
}

static void
put_escaped(struct table *table, const char *field, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char *escaped = field[i] == '\t'   ? "\\t"
                              : field[i] == '\n' ? "\\n"
                              : field[i] == '\r' ? "\\r"
                              : field[i] == '\\' ? "\\\\"
                                                 : NULL;

        put(table, escaped != NULL ? escaped : field + i,
            escaped != NULL ? 2 : 1);
    }
}

static void
put_field(struct table *table, const char *field, size_t len)
{
    bool quoted = test_random(table->rng) % 3 == 0;

    if (table->tabs) {
        put_escaped(table, field, len);
        return;
    }
    for (size_t i = 0; i < len; i++)
        if (strchr("\",;|\t\r\n ", field[i]) != NULL)
            quoted = true;
    if (!quoted) {
        put(table, field, len);
        return;
    }
    put(table, "  ", test_random(table->rng) % 8 == 0 ? 2 : 0);
    put(table, "\"", 1);
    for (size_t i = 0; i < len; i++)
        put(table, field[i] == '"' ? "\"\"" : field + i,
            field[i] == '"' ? 2 : 1);
    put(table, "\"", 1);
}

/* One row with id, text and title; its line of the log. */
static void
put_row(struct table *table, bool last)
{
    char fields[3][64];
    size_t lens[3];
    uint64_t begin = table->offset;
    unsigned line = table->line;

    for (int i = 0; i < 3; i++)
        lens[i] = make_field(table->rng, fields[i]);
    lens[0] = (size_t)snprintf(fields[0], sizeof fields[0], "n%u", line);
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            put(table, &table->delimiter, 1);
        put_field(table, fields[i], lens[i]);
    }
    fprintf(table->log, "%u +%" PRIu64 " %" PRIu64 " UTF-8 ", line, begin,
            table->offset - begin);
    fprintf(table->log, "%.*s|", (int)lens[0], fields[0]);
    if (lens[2] > 0)
        fprintf(table->log, "%.*s", (int)lens[2], fields[2]);
    else
        fputs("-", table->log);
    fprintf(table->log, "|-|-|0|%.*s\n", (int)lens[1], fields[1]);
    if (!last || test_random(table->rng) % 2 == 0)
        put(table, "\n", 1);
}

static char *
write_table(struct test_rng *rng, const char *name, char delimiter)
{
    char *log = NULL, header[] = "id,text,title\n";
    size_t len = 0;
    unsigned num = (unsigned)(test_random(rng) % 40);
    struct table table = { .rng = rng,
                           .file = fopen(test_log_path(name), "wb"),
                           .log = open_memstream(&log, &len),
                           .delimiter = delimiter,
                           .tabs = strstr(name, ".tsv") != NULL,
                           .line = 1 };

    CU_ASSERT_PTR_NOT_NULL_FATAL(table.file);
    CU_ASSERT_PTR_NOT_NULL_FATAL(table.log);
    header[2] = header[7] = delimiter;
    put(&table, header, strlen(header));
    for (unsigned i = 0; i < num; i++)
        put_row(&table, i + 1 == num);
    fclose(table.file);
    fclose(table.log);
    return log;
}

static void
check_ways(const char *name, const char *want, uint64_t seed)
{
    char packed[32];

    snprintf(packed, sizeof packed, "%s.gz", name);
    CU_ASSERT_TRUE(test_log_shell("gzip -c %s > %s", name, packed));
    for (size_t bytes = 1; bytes <= 1 << 20; bytes *= bytes < 32 ? 3 : 1024) {
        for (unsigned way = 0; way < 3; way++) {
            char *got = test_log_of_file(way == 2 ? packed : name, bytes,
                                         way == 1 ? 3 : 1);

            if (strcmp(got, want) != 0) {
                printf("\n    seed %" PRIu64 ", batch_bytes %zu, way %u", seed,
                       bytes, way);
                test_log_same("table", got, want);
            }
            free(got);
        }
    }
}

static void
test_random_tables(void)
{
    static const char delimiters[] = { ',', ';', '|', '\t' };
    struct test_rng rng = { test_seed() };

    for (unsigned round = 0; round < 24; round++) {
        uint64_t seed = rng.state;
        bool tabs = round % 5 == 4;
        const char *name = tabs ? "r.tsv" : "r.csv";
        char *want =
            write_table(&rng, name, tabs ? '\t' : delimiters[round % 4]);

        check_ways(name, want, seed);
        free(want);
    }
}

/* Whatever the bytes are, how they are cut makes no difference; quotes that
 * do not end are the rule here, more of them than are looked for. */
static void
test_random_bytes(void)
{
    static const char kinds[] = "\"\"\",,\n\n\r a";
    struct test_rng rng = { test_seed() };

    for (unsigned round = 0; round < 24; round++) {
        uint64_t seed = rng.state;
        size_t len = 5 + (size_t)(test_random(&rng) % 400);
        char data[512] = "text\n", *want, *got;

        for (size_t i = 5; i < len; i++)
            data[i] = kinds[test_random(&rng) % (sizeof kinds - 1)];
        if (round % 4 == 3) /* every line opens quotes */
            for (size_t i = 5; i + 3 < len; i += 3)
                memcpy(data + i, "\"x\n", 3);
        test_log_write_bytes("j.csv", data, len);
        want = test_log_of_file("j.csv", 1 << 20, 1);
        CU_ASSERT_TRUE(test_log_shell("gzip -c j.csv > j.csv.gz"));
        for (size_t bytes = 1; bytes <= 64; bytes += bytes < 8 ? 1 : 7) {
            const char *names[] = { "j.csv", "j.csv.gz" };

            for (int k = 0; k < 2; k++) {
                char *at;

                got = test_log_of_file(names[k], bytes, 1 + (unsigned)k);
                while ((at = strstr(got, "j.csv.gz")) != NULL)
                    memmove(at + 5, at + 8, strlen(at + 8) + 1);
                if (strcmp(got, want) != 0) {
                    printf("\n    seed %" PRIu64 ", batch_bytes %zu", seed,
                           bytes);
                    test_log_same("bytes", got, want);
                }
                free(got);
            }
        }
        free(want);
    }
}

/* ---- quotes that do not end ---- */

/* Where the row at 'at' ends, by looking ahead from each quote; 'len' if the
 * file ends before, -1 if that is in quotes. */
static long
naive_row_end(const char *data, size_t at, size_t len)
{
    while (at < len) {
        if (data[at] != '"') {
            at += strcspn(data + at, ",\n");
            if (at == len || data[at] == '\n')
                return at == len ? (long)len : (long)at + 1;
            at++;
            continue;
        }
        for (at++;; at++) {
            const char *rest;

            at += strcspn(data + at, "\"");
            if (at == len)
                return -1;
            rest = data + at + 1;
            if (*rest == ',')
                break;
            if (*rest == '\n' || strncmp(rest, "\r\n", 2) == 0)
                return rest - data + (*rest == '\n' ? 1 : 2);
            if (*rest == '\0' || strcmp(rest, "\r") == 0)
                return (long)len;
            if (*rest == '"' || (*rest == '\r' && rest[1] != '"'))
                at++;
            if (*rest == '\r' && rest[1] == '\0')
                at--;
        }
        at += 2;
    }
    return (long)len;
}

struct rows_oracle {
    const char *data; /* no NUL in it, and one behind */
    size_t len, max_line;
    char log[1 << 14];
    size_t log_len;
};

static void
expect(struct rows_oracle *oracle, const char *what, unsigned line, size_t at,
       size_t len)
{
    oracle->log_len += (size_t)snprintf(
        oracle->log + oracle->log_len, sizeof oracle->log - oracle->log_len,
        "%u %s +%zu %zu\n", line, what, at, len);
}

/* Every row is looked for from its own beginning. */
static void
naive_rows(struct rows_oracle *oracle, size_t at)
{
    const char *data = oracle->data;
    unsigned line = 2;

    while (at < oracle->len) {
        const char *feed = strchr(data + at, '\n');
        size_t end = feed != NULL ? (size_t)(feed - data) + 1 : oracle->len;
        long row = naive_row_end(data, at, oracle->len);

        if (end - at > oracle->max_line) {
            expect(oracle, "long", line, 0, 0);
        } else if (row < 0 || (size_t)row - at > oracle->max_line) {
            expect(oracle, "open", line, 0, 0);
        } else {
            size_t len = (size_t)row - at;

            end = (size_t)row;
            if (data[end - 1] == '\n')
                len -= len > 1 && data[end - 2] == '\r' ? 2 : 1;
            if (len > 1 || (len == 1 && data[at] != '\r'))
                expect(oracle, "row", line, at, len);
        }
        for (; at < end; at++)
            line += data[at] == '\n';
    }
}

/* More columns than any row has fields. */
enum { HEADER_LEN = 1000 };

static void
write_header(char *data)
{
    memset(data, ',', HEADER_LEN);
    memcpy(data, "text", 4);
    strcpy(data + HEADER_LEN - 1, "\n");
}

/* The same of what a reader gives. */
static char *
rows_of_file(const char *name, size_t batch_bytes, size_t max_line)
{
    struct test_run run = test_log_new();
    char *log = NULL;
    size_t len = 0;
    FILE *out;

    run.opts.batch_bytes = batch_bytes;
    run.opts.encoding = WCP_ENC_UTF8;
    test_log_open(&run);
    run.reader->max_line = max_line;
    test_log_add(&run, test_log_path(name));
    free(test_log_read_all(&run));
    out = open_memstream(&log, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    for (size_t i = 0; i < run.num; i++) {
        const struct test_entry *entry = &run.entries[i];
        const char *what = entry->is_document                      ? "row"
                           : strstr(entry->text, "does not end")   ? "open"
                           : strstr(entry->text, "--max-document") ? "long"
                                                                   : "?";

        fprintf(out, "%" PRIu64 " %s +%" PRIu64 " %" PRIu64 "\n", entry->line,
                what, entry->at.offset, entry->at.len);
    }
    fclose(out);
    test_log_close(&run);
    return log;
}

static void
check_rows(const char *data, size_t len, size_t max_line, uint64_t seed)
{
    static struct rows_oracle oracle;

    oracle =
        (struct rows_oracle){ .data = data, .len = len, .max_line = max_line };
    test_log_write_bytes("o.csv", data, len);
    CU_ASSERT_TRUE(test_log_shell("gzip -nc o.csv > o.csv.gz"));
    naive_rows(&oracle, HEADER_LEN);
    for (size_t bytes = 1; bytes <= 1 << 20; bytes += bytes < 96 ? 19 : bytes) {
        char *got =
            rows_of_file(bytes % 2 ? "o.csv" : "o.csv.gz", bytes, max_line);

        if (strcmp(got, oracle.log) != 0) {
            printf("\n    seed %" PRIu64 ", batch_bytes %zu, max_line %zu",
                   seed, bytes, max_line);
            test_log_same("rows", got, oracle.log);
        }
        free(got);
    }
}

static void
test_open_quotes(void)
{
    static const char *const lines[] = { "1,\"a\n", "1,a\n",  "\n",
                                         "\"\n",    "\",b\n", "\"\"\r\n",
                                         "b\"\"\n" };
    static const char kinds[] = "\"\",,\n\ra";
    struct test_rng rng = { test_seed() };
    char data[HEADER_LEN + 1024];

    write_header(data);
    for (unsigned i = 0; i < 40; i++)
        strcat(data, "1,\"a\n");
    check_rows(data, strlen(data), 50, rng.state);
    check_rows(data, strlen(data), 1 << 20, rng.state);
    for (unsigned round = 0; round < 48; round++) {
        uint64_t seed = rng.state;
        size_t len = HEADER_LEN, end = len + test_random(&rng) % 600;

        while (len < end) {
            const char *line = lines[test_random(&rng) % 7];
            char kind[2] = { kinds[test_random(&rng) % 7] };

            /* Mostly the first of them, which opens quotes. */
            if (test_random(&rng) % 2 == 0)
                line = lines[0];
            strcpy(data + len, round % 2 == 0 ? line : kind);
            len += strlen(data + len);
        }
        check_rows(data, len, 8 + test_random(&rng) % 120, seed);
    }
}

/* With every delimiter this header ends where with its own it does not. */
static void
test_header_end(void)
{
    test_log_write("h.csv", "text,\"b\"|c\nx,y\nz,\"\n\"\n");
    test_log_expect(test_log_new(), "h.csv",
                    "2 +11 3 UTF-8 -|-|-|-|0|x\n3 +15 5 UTF-8 -|-|-|-|0|z\n");
}

void suite_csv(void);

void
suite_csv(void)
{
    CU_pSuite suite =
        CU_add_suite("csv", test_log_make_root, test_log_remove_root);

    CU_add_test(suite, "rows", test_rows);
    CU_add_test(suite, "columns", test_columns);
    CU_add_test(suite, "TSV", test_tabs);
    CU_add_test(suite, "illegal bytes", test_bad_bytes);
    CU_add_test(suite, "random tables", test_random_tables);
    CU_add_test(suite, "random bytes", test_random_bytes);
    CU_add_test(suite, "quotes that do not end", test_open_quotes);
    CU_add_test(suite, "end of the header", test_header_end);
}
