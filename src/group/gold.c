/*
 * gold.c - a file of labels -> what belongs together, by document
 *
 * Lines are read into rows of numbers, a number for each different id and for
 * each cluster; the strings stay where they are.  Then the documents are
 * walked once to see which of the ids are theirs: memory goes with the gold,
 * which people made, and not with the corpus.  Clusters and copies end up as
 * disjoint sets of ids, those unknown to the corpus included, because two
 * copies of one lost original are still copies of one another.
 */
#include "group/score.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define NOBODY UINT32_MAX
#define MAX_GOLD ((size_t)1 << 30)

/* ---- the file ---- */

enum wcp_code
wcp_gold_read(const char *path, struct wcp_buffer *out, struct wcp_fault *fault)
{
    enum { PART = 1 << 16 };
    enum wcp_code code = WCP_CODE_OK;
    ssize_t num = 1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return wcp_fail(fault, WCP_CODE_IO, errno, "cannot open '%.200s'",
                        path);
    while (code == WCP_CODE_OK && num != 0) {
        if (out->len > MAX_GOLD)
            code = wcp_fail(fault, WCP_CODE_TOO_LONG, 0,
                            "'%.200s' is longer than 1 GiB", path);
        else if (!wcp_buffer_reserve(out, PART))
            code = wcp_no_memory(fault);
        else if ((num = read(fd, out->data + out->len, PART)) >= 0)
            out->len += (size_t)num;
        else if (errno != EINTR)
            code = wcp_fail(fault, WCP_CODE_IO, errno, "cannot read '%.200s'",
                            path);
    }
    close(fd);
    return code;
}

/* ---- names: different strings, numbered ---- */

struct names {
    const struct wcp_memory *mem;
    uint32_t *slots; /* number + 1, 0: free; at most half of them used */
    size_t num_slots;
    WCP_ARRAY(struct wcp_string) list;
};

static uint64_t
hash_name(struct wcp_string name)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a */

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (uint8_t)name.data[i]) * UINT64_C(0x100000001B3);
    return hash ^ hash >> 29;
}

/* The slot of the name, or the free one where it would go. */
static size_t
find_slot(const struct names *names, struct wcp_string name)
{
    size_t slot = (size_t)hash_name(name) & (names->num_slots - 1);

    for (; names->slots[slot] != 0;
         slot = (slot + 1) & (names->num_slots - 1)) {
        struct wcp_string other = names->list.at[names->slots[slot] - 1];

        if (other.len == name.len &&
            memcmp(other.data, name.data, name.len) == 0)
            break;
    }
    return slot;
}

/* Its number, or NOBODY. */
static uint32_t
find_name(const struct names *names, struct wcp_string name)
{
    return names->num_slots == 0
               ? NOBODY
               : names->slots[find_slot(names, name)] - 1; /* 0: NOBODY */
}

static bool
grow_slots(struct names *names)
{
    size_t old_num = names->num_slots, num = old_num > 0 ? 2 * old_num : 64;
    uint32_t *old = names->slots;
    uint32_t *slots = wcp_new_zeroed(names->mem, num, sizeof *slots);

    if (slots == NULL)
        return false;
    names->slots = slots;
    names->num_slots = num;
    for (uint32_t i = 0; i < names->list.num; i++)
        slots[find_slot(names, names->list.at[i])] = i + 1;
    wcp_free_array(names->mem, old, old_num, sizeof *old);
    return true;
}

/* The number of a name, a new one if need be.  False: out of memory. */
static bool
add_name(struct names *names, struct wcp_string name, uint32_t *number_ret)
{
    size_t slot;

    if (2 * (names->list.num + 1) > names->num_slots && !grow_slots(names))
        return false;
    slot = find_slot(names, name);
    if (names->slots[slot] == 0) {
        if (!wcp_array_grow(names->mem, &names->list))
            return false;
        names->list.at[names->list.num++] = name;
        names->slots[slot] = (uint32_t)names->list.num;
    }
    *number_ret = names->slots[slot] - 1;
    return true;
}

static void
release_names(struct names *names)
{
    wcp_free_array(names->mem, names->slots, names->num_slots,
                   sizeof *names->slots);
    wcp_array_release(names->mem, &names->list);
}

/* ---- lines -> rows ---- */

enum row_kind { ROW_APART, ROW_TOGETHER, ROW_WRONG };

struct row {
    uint64_t line;
    uint32_t a, b; /* ids; b of CLUSTERS: a cluster */
    enum row_kind kind;
};

struct parse {
    struct wcp_gold *gold;
    const struct wcp_store *store;
    struct names ids, clusters;
    WCP_ARRAY(struct row) rows;
    uint32_t *documents; /* [ids] or NOBODY */
    uint32_t *parents;   /* [ids], disjoint sets */
    uint32_t *scratch;   /* [ids or clusters, the more], NOBODY at first */
    size_t num_ids, num_scratch; /* as allocated */
    bool may_have_header;        /* the first row may be one */
    struct wcp_fault *fault;
};

/* How many bytes of a name to show: whole characters. */
static int
shown_len(struct wcp_string name)
{
    size_t len = name.len < 60 ? name.len : 60;

    while (len > 0 && len < name.len &&
           ((uint8_t)name.data[len] & 0xC0) == 0x80)
        len--;
    return (int)len;
}

#define SHOWN(name) shown_len(name), (name).data

/* Put the line into the fault. */
static enum wcp_code
at_line(struct wcp_fault *fault, uint64_t line, enum wcp_code code)
{
    if (fault != NULL)
        fault->at = line;
    return code;
}

static bool
is_one_of(struct wcp_string name, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strlen(*words) == name.len &&
            memcmp(*words, name.data, name.len) == 0)
            return true;
    return false;
}

/* What a third column says, and of which form it is. */
static enum row_kind
judge(struct wcp_string word, enum wcp_gold_form *form_ret)
{
    static const char *const copies[] = { "original", "identical", "reprint",
                                          "abridged", "expanded",  "embedded",
                                          "excerpt",  NULL };
    static const char *const strangers[] = { "none", "template", "boilerplate",
                                             NULL };

    *form_ret = WCP_GOLD_PAIRS;
    if (word.len == 1 && (word.data[0] == '0' || word.data[0] == '1'))
        return word.data[0] == '1' ? ROW_TOGETHER : ROW_APART;
    *form_ret = WCP_GOLD_COPIES;
    if (is_one_of(word, copies))
        return ROW_TOGETHER;
    return is_one_of(word, strangers) ? ROW_APART : ROW_WRONG;
}

/* Split at tabs; returns how many fields there are, of which at most 3 are
 * in 'fields'. */
static size_t
split_line(const char *line, size_t len, struct wcp_string fields[3])
{
    const char *end = line + len;
    size_t num = 0;

    for (;;) {
        const char *tab = memchr(line, '\t', (size_t)(end - line));
        const char *stop = tab != NULL ? tab : end;

        if (num < 3)
            fields[num] = (struct wcp_string){ line, (size_t)(stop - line) };
        num++;
        if (tab == NULL)
            return num;
        line = tab + 1;
    }
}

/* The name of a column of ids. */
static bool
names_a_column(struct wcp_string field)
{
    static const char *const words[] = { "id",   "ID",     "Id",       "id1",
                                         "doc",  "doc_id", "document", "path",
                                         "file", "name",   "item",     "copy",
                                         "a",    NULL };

    return is_one_of(field, words);
}

static enum wcp_code
check_fields(struct parse *parse, const struct row *row, size_t num,
             const struct wcp_string *fields, enum wcp_gold_form form)
{
    struct wcp_gold *gold = parse->gold;
    enum wcp_code code = WCP_CODE_OK;

    if (num < 2 || num > 3)
        code = wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "2 or 3 fields with tabs between are needed, not %zu",
                        num);
    else if (fields[0].len == 0 || fields[1].len == 0)
        code = wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "a field is empty");
    else if (row->kind == ROW_WRONG && !parse->may_have_header)
        code = wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "the third field is neither 0 or 1 nor a relation: "
                        "'%.*s'",
                        SHOWN(fields[2]));
    else if (row->kind != ROW_WRONG && gold->form != WCP_GOLD_EMPTY &&
             gold->form != form)
        code = wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                        "this line is of another form than those before");
    return at_line(parse->fault, row->line, code);
}

static enum wcp_code
add_row(struct parse *parse, uint64_t line, const char *text, size_t len)
{
    const struct wcp_memory *mem = parse->gold->mem;
    struct wcp_string fields[3] = { { NULL, 0 } };
    struct row row = { .line = line, .kind = ROW_TOGETHER };
    enum wcp_gold_form form = WCP_GOLD_CLUSTERS;
    size_t num = split_line(text, len, fields);
    enum wcp_code code;

    if (num == 3)
        row.kind = judge(fields[2], &form);
    if (parse->rows.num == 0)
        parse->may_have_header =
            num == 3 ? row.kind == ROW_WRONG : names_a_column(fields[0]);
    else if (parse->rows.num == 1 && parse->may_have_header &&
             parse->rows.at[0].kind != ROW_WRONG)
        ; /* a header of two columns fixes their number */
    code = check_fields(parse, &row, num, fields, form);
    if (code != WCP_CODE_OK)
        return code;
    if (row.kind != ROW_WRONG)
        parse->gold->form = form;
    if (!add_name(&parse->ids, fields[0], &row.a) ||
        !add_name(form == WCP_GOLD_CLUSTERS ? &parse->clusters : &parse->ids,
                  fields[1], &row.b) ||
        !wcp_array_grow(mem, &parse->rows))
        return wcp_no_memory(parse->fault);
    parse->rows.at[parse->rows.num++] = row;
    return WCP_CODE_OK;
}
