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
#include "group/relation.h"
#include "group/score.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    unsigned relations; /* that make a copy */
    struct wcp_names ids, clusters;
    WCP_ARRAY(struct row) rows;
    uint32_t *documents; /* [ids] or WCP_NOBODY */
    uint32_t *ends[2];   /* [ids], the first two whose path ends so */
    uint32_t *parents;   /* [ids], disjoint sets */
    uint32_t *scratch;   /* [ids or clusters, the more], WCP_NOBODY at first */
    size_t num_ids, num_scratch;  /* as allocated */
    bool may_have_header;         /* the first row may be one */
    struct wcp_string first_word; /* its third field */
    struct wcp_fault *fault;
};

#define SHOWN(name) wcp_shown_len(name), (name).data

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
judge(struct wcp_string word, unsigned relations, enum wcp_gold_form *form_ret)
{
    *form_ret = WCP_GOLD_PAIRS;
    if (word.len == 1 && (word.data[0] == '0' || word.data[0] == '1'))
        return word.data[0] == '1' ? ROW_TOGETHER : ROW_APART;
    *form_ret = WCP_GOLD_COPIES;
    /* A page would make one group of all stories on it. */
    relations &= ~WCP_REL_BIT(WCP_REL_EMBEDDED);
    relations |= WCP_REL_BIT(WCP_REL_ORIGINAL);
    for (int kind = 0; kind < WCP_REL_NUM_KINDS; kind++) {
        const char *name = wcp_relation_name((enum wcp_relation_kind)kind);

        if (strlen(name) == word.len && memcmp(name, word.data, word.len) == 0)
            return (relations & WCP_REL_BIT(kind)) != 0 ? ROW_TOGETHER
                                                        : ROW_APART;
    }
    return word.len == 4 && memcmp(word.data, "none", 4) == 0 ? ROW_APART
                                                              : ROW_WRONG;
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
                        "2 or 3 fields with tabs between are needed, not %zu%s",
                        num, num == 4 ? "; spans go with --passages" : "");
    else if (fields[0].len == 0 || fields[1].len == 0)
        code =
            wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0, "a field is empty");
    else if (row->kind == ROW_WRONG && parse->rows.num > 0)
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
        row.kind = judge(fields[2], parse->relations, &form);
    if (parse->rows.num == 0) {
        parse->may_have_header =
            num == 3 ? row.kind == ROW_WRONG : names_a_column(fields[0]);
        parse->first_word = fields[2];
    }
    code = check_fields(parse, &row, num, fields, form);
    if (code != WCP_CODE_OK)
        return code;
    if (row.kind != ROW_WRONG)
        parse->gold->form = form;
    if (!wcp_names_add(&parse->ids, fields[0], &row.a) ||
        !wcp_names_add(form == WCP_GOLD_CLUSTERS ? &parse->clusters
                                                 : &parse->ids,
                       fields[1], &row.b) ||
        !wcp_array_grow(mem, &parse->rows))
        return wcp_no_memory(parse->fault);
    parse->rows.at[parse->rows.num++] = row;
    return WCP_CODE_OK;
}

static enum wcp_code
parse_lines(struct parse *parse, const char *text, size_t len)
{
    size_t valid = wcp_utf8_valid_prefix(text, len), at = 0;
    enum wcp_code code = WCP_CODE_OK;
    uint64_t line = 1;

    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        at = 3;
    for (; code == WCP_CODE_OK && at < len; line++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t next = end != NULL ? (size_t)(end - text) + 1 : len;
        size_t stop = end != NULL ? next - 1 : len;

        if (valid < next)
            return at_line(parse->fault, line,
                           wcp_fail(parse->fault, WCP_CODE_BAD_TEXT, 0,
                                    "this line is not UTF-8"));
        if (stop > at && text[stop - 1] == '\r')
            stop--;
        if (parse->ids.list.num >= WCP_NOBODY - 2)
            code = wcp_fail(parse->fault, WCP_CODE_TOO_LONG, 0,
                            "too many different ids");
        else if (stop > at && text[at] != '#')
            code = add_row(parse, line, text + at, stop - at);
        at = next;
    }
    return code;
}

/* ---- ids -> documents ---- */

static bool
allocate(struct parse *parse)
{
    const struct wcp_memory *mem = parse->gold->mem;
    size_t num = parse->ids.list.num, num_scratch = parse->clusters.list.num;

    if (num_scratch < num)
        num_scratch = num;
    parse->num_ids = num;
    parse->num_scratch = num_scratch;
    parse->documents = wcp_new_array(mem, num, sizeof *parse->documents);
    parse->parents = wcp_new_array(mem, num, sizeof *parse->parents);
    parse->scratch = wcp_new_array(mem, num_scratch, sizeof *parse->scratch);
    for (int i = 0; i < 2; i++)
        parse->ends[i] = wcp_new_array(mem, num, sizeof *parse->ends[i]);
    if (parse->documents == NULL || parse->parents == NULL ||
        parse->scratch == NULL || parse->ends[0] == NULL ||
        parse->ends[1] == NULL)
        return false;
    for (size_t i = 0; i < num; i++) {
        parse->documents[i] = WCP_NOBODY;
        parse->ends[0][i] = parse->ends[1][i] = WCP_NOBODY;
        parse->parents[i] = (uint32_t)i;
    }
    memset(parse->scratch, 0xFF, num_scratch * sizeof *parse->scratch);
    return true;
}

/*
 * Labels are often made in the folder of the texts and used from elsewhere, so
 * that the path of a document has more in front.  'name' is a part of its id
 * from some "/" on, or all of it; true: this is who the document is.
 */
static bool
take_name(struct parse *parse, uint32_t doc, struct wcp_string name, bool whole)
{
    uint32_t number = wcp_names_find(&parse->ids, name);
    uint32_t *to;

    if (number == WCP_NOBODY)
        return false;
    to = whole ? parse->documents
               : parse->ends[parse->ends[0][number] != WCP_NOBODY];
    if (to[number] == WCP_NOBODY)
        to[number] = doc;
    return true;
}

/* Look for a document's id, then for the ends of its path, the longest first.
 * *named_ret: it is not listed, but has the name of a cluster. */
static void
find_document(struct parse *parse, uint32_t doc, struct wcp_string id,
              bool is_path, bool *named_ret)
{
    bool whole = true;

    *named_ret = false;
    while (!take_name(parse, doc, id, whole)) {
        *named_ret |= wcp_names_find(&parse->clusters, id) != WCP_NOBODY;
        do {
            if (!is_path || id.len == 0)
                return;
            id.data++;
            id.len--;
        } while (id.data[-1] != '/' && id.data[-1] != '!');
        whole = false;
    }
    *named_ret = false;
}

/* An id that is no document's stands for the one whose path ends so. */
static enum wcp_code
settle_ends(struct parse *parse)
{
    for (uint32_t id = 0; id < parse->num_ids; id++) {
        struct wcp_string name = parse->ids.list.at[id];
        const struct row *row = parse->rows.at;

        if (parse->documents[id] != WCP_NOBODY)
            continue;
        if (parse->ends[1][id] == WCP_NOBODY) {
            parse->documents[id] = parse->ends[0][id];
            continue;
        }
        while (row->a != id &&
               (parse->gold->form == WCP_GOLD_CLUSTERS || row->b != id))
            row++;
        return at_line(parse->fault, row->line,
                       wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                                "the paths of several documents end in "
                                "'%.*s': write more of it",
                                SHOWN(name)));
    }
    return WCP_CODE_OK;
}

/* Walk the documents; *num_named_ret: clusters whose name is the id of a
 * document that the gold does not list. */
static enum wcp_code
find_documents(struct parse *parse, size_t *num_named_ret)
{
    struct wcp_buffer buf;
    enum wcp_code code = WCP_CODE_OK;
    size_t num_named = 0;

    wcp_buffer_init(&buf, parse->gold->mem, 0);
    for (uint32_t doc = 0; doc < parse->store->num_documents; doc++) {
        bool is_path = wcp_entry_id(&parse->store->entries[doc]).data == NULL;
        bool named;

        buf.len = 0;
        if (!wcp_store_id(parse->store, doc, &buf)) {
            code = wcp_no_memory(parse->fault);
            break;
        }
        find_document(parse, doc,
                      (struct wcp_string){ (const char *)buf.data, buf.len },
                      is_path, &named);
        num_named += named;
    }
    wcp_buffer_release(&buf);
    *num_named_ret = num_named;
    return code == WCP_CODE_OK ? settle_ends(parse) : code;
}

/* The first row, if its id is nobody's and it looks like names of columns. */
static enum wcp_code
drop_header(struct parse *parse)
{
    struct row *first = parse->rows.at;

    if (parse->rows.num == 0 || !parse->may_have_header)
        return WCP_CODE_OK;
    if (parse->documents[first->a] == WCP_NOBODY) {
        parse->rows.num--;
        memmove(first, first + 1, parse->rows.num * sizeof *first);
        return WCP_CODE_OK;
    }
    if (first->kind != ROW_WRONG)
        return WCP_CODE_OK;
    return at_line(parse->fault, first->line,
                   wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                            "the third field is neither 0 or 1 nor a "
                            "relation: '%.*s'",
                            SHOWN(parse->first_word)));
}

static void
count_unknown_id(struct parse *parse, uint32_t id, size_t *num_known)
{
    struct wcp_gold *gold = parse->gold;
    struct wcp_string name = parse->ids.list.at[id];

    if (parse->scratch[id] != WCP_NOBODY)
        return;
    parse->scratch[id] = id;
    if (parse->documents[id] != WCP_NOBODY) {
        ++*num_known;
        return;
    }
    if (gold->num_unknown++ == 0)
        memcpy(gold->unknown, name.data, (size_t)wcp_shown_len(name));
}

/* Say it with an example of either side: often it is a matter of folders. */
static enum wcp_code
no_id_known(struct parse *parse)
{
    struct wcp_buffer buf;
    struct wcp_string id = { "", 0 };
    enum wcp_code code;

    wcp_buffer_init(&buf, parse->gold->mem, 0);
    if (parse->store->num_documents > 0 &&
        wcp_store_id(parse->store, 0, &buf) && buf.len > 0)
        id = (struct wcp_string){ (const char *)buf.data, buf.len };
    code = wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                    "no document has any of these ids, such as '%s'; the first "
                    "document's id is '%.*s'",
                    parse->gold->unknown, SHOWN(id));
    wcp_buffer_release(&buf);
    return code;
}

static enum wcp_code
count_unknown(struct parse *parse)
{
    struct wcp_gold *gold = parse->gold;
    size_t num_known = 0;

    for (size_t i = 0; i < parse->rows.num; i++) {
        count_unknown_id(parse, parse->rows.at[i].a, &num_known);
        if (gold->form != WCP_GOLD_CLUSTERS)
            count_unknown_id(parse, parse->rows.at[i].b, &num_known);
    }
    memset(parse->scratch, 0xFF, parse->num_scratch * sizeof *parse->scratch);
    if (parse->rows.num == 0 || num_known > 0)
        return WCP_CODE_OK;
    return no_id_known(parse);
}

/* ---- rows -> sets, rows -> pairs ---- */

static uint32_t
root_of(const struct parse *parse, uint32_t id)
{
    uint32_t *parents = parse->parents;

    while (parents[id] != id)
        id = parents[id] = parents[parents[id]];
    return id;
}

static void
join(struct parse *parse, uint32_t a, uint32_t b)
{
    parse->parents[root_of(parse, a)] = root_of(parse, b);
}

/* An id may be in one cluster only. */
static enum wcp_code
join_clusters(struct parse *parse)
{
    uint32_t *firsts = parse->scratch; /* the first id of each cluster */
    size_t num = parse->num_ids;
    uint32_t *clusters = wcp_new_array(parse->gold->mem, num, sizeof *clusters);
    enum wcp_code code = WCP_CODE_OK;

    if (clusters == NULL)
        return wcp_no_memory(parse->fault);
    memset(clusters, 0xFF, num * sizeof *clusters);
    for (size_t i = 0; i < parse->rows.num; i++) {
        const struct row *row = &parse->rows.at[i];

        if (clusters[row->a] != WCP_NOBODY && clusters[row->a] != row->b) {
            code = at_line(parse->fault, row->line,
                           wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                                    "in another cluster before: '%.*s'",
                                    SHOWN(parse->ids.list.at[row->a])));
            break;
        }
        clusters[row->a] = row->b;
        if (firsts[row->b] == WCP_NOBODY)
            firsts[row->b] = row->a;
        join(parse, row->a, firsts[row->b]);
    }
    wcp_free_array(parse->gold->mem, clusters, num, sizeof *clusters);
    return code;
}

/* Label each document with the least one of its set. */
static enum wcp_code
label_documents(struct parse *parse)
{
    struct wcp_gold *gold = parse->gold;
    uint32_t *least = parse->scratch; /* document, by root */

    gold->labels =
        wcp_new_array(gold->mem, gold->num_documents, sizeof *gold->labels);
    if (gold->labels == NULL)
        return wcp_no_memory(parse->fault);
    for (uint32_t doc = 0; doc < gold->num_documents; doc++)
        gold->labels[doc] = doc;
    memset(least, 0xFF, parse->num_scratch * sizeof *least);
    for (uint32_t id = 0; id < parse->num_ids; id++) {
        uint32_t root = root_of(parse, id);

        if (parse->documents[id] < least[root])
            least[root] = parse->documents[id];
    }
    for (uint32_t id = 0; id < parse->num_ids; id++)
        if (parse->documents[id] != WCP_NOBODY)
            gold->labels[parse->documents[id]] = least[root_of(parse, id)];
    return WCP_CODE_OK;
}

static int
compare_pairs(const void *x, const void *y)
{
    const struct wcp_gold_pair *p = x, *q = y;

    if (p->a != q->a)
        return p->a < q->a ? -1 : 1;
    if (p->b != q->b)
        return p->b < q->b ? -1 : 1;
    return p->line < q->line ? -1 : p->line > q->line;
}

/* Pairs of known documents, sorted; one labelled twice must agree. */
static enum wcp_code
list_pairs(struct parse *parse)
{
    struct wcp_gold *gold = parse->gold;
    struct wcp_gold_pair *at;
    size_t num = 0;

    if (!wcp_array_reserve(gold->mem, &gold->pairs, parse->rows.num))
        return wcp_no_memory(parse->fault);
    at = gold->pairs.at;
    for (size_t i = 0; i < parse->rows.num; i++) {
        const struct row *row = &parse->rows.at[i];
        uint32_t a = parse->documents[row->a], b = parse->documents[row->b];

        if (row->a == row->b)
            return at_line(parse->fault, row->line,
                           wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                                    "a pair of one document with itself"));
        if (a != WCP_NOBODY && b != WCP_NOBODY)
            at[num++] =
                (struct wcp_gold_pair){ a < b ? a : b, a < b ? b : a,
                                        row->kind == ROW_TOGETHER, row->line };
    }
    qsort(at, num, sizeof *at, compare_pairs);
    for (size_t i = 0; i < num; i++) {
        struct wcp_gold_pair *last =
            gold->pairs.num > 0 ? &at[gold->pairs.num - 1] : NULL;

        if (last == NULL || last->a != at[i].a || last->b != at[i].b)
            at[gold->pairs.num++] = at[i];
        else if (last->same != at[i].same)
            return at_line(parse->fault, at[i].line,
                           wcp_fail(parse->fault, WCP_CODE_BAD_RECORD, 0,
                                    "this pair has another label before"));
    }
    return WCP_CODE_OK;
}

static enum wcp_code
make_gold(struct parse *parse, const char *text, size_t len)
{
    struct wcp_gold *gold = parse->gold;
    size_t num_named = 0;
    enum wcp_code code = parse_lines(parse, text, len);

    if (code == WCP_CODE_OK && !allocate(parse))
        code = wcp_no_memory(parse->fault);
    if (code == WCP_CODE_OK)
        code = find_documents(parse, &num_named);
    if (code == WCP_CODE_OK)
        code = drop_header(parse);
    if (code == WCP_CODE_OK)
        code = count_unknown(parse);
    if (code != WCP_CODE_OK)
        return code;
    gold->looks_like_pairs = gold->form == WCP_GOLD_CLUSTERS &&
                             parse->rows.num > 0 &&
                             num_named >= parse->clusters.list.num;
    /* It will be refused, which explains more than a line of it would. */
    if (gold->looks_like_pairs)
        return WCP_CODE_OK;
    if (gold->form == WCP_GOLD_PAIRS)
        return list_pairs(parse);
    if (gold->form == WCP_GOLD_CLUSTERS)
        code = join_clusters(parse);
    else
        for (size_t i = 0; i < parse->rows.num; i++)
            if (parse->rows.at[i].kind == ROW_TOGETHER)
                join(parse, parse->rows.at[i].a, parse->rows.at[i].b);
    return code == WCP_CODE_OK ? label_documents(parse) : code;
}

enum wcp_code
wcp_gold_make(struct wcp_gold *gold, const struct wcp_store *store,
              const char *text, size_t len, unsigned relations,
              struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    struct parse parse = {
        .gold = gold, .store = store, .relations = relations, .fault = fault
    };
    enum wcp_code code;

    *gold =
        (struct wcp_gold){ .mem = mem, .num_documents = store->num_documents };
    parse.ids.mem = parse.clusters.mem = mem;
    code = make_gold(&parse, text, len);
    wcp_names_release(&parse.ids);
    wcp_names_release(&parse.clusters);
    wcp_array_release(mem, &parse.rows);
    wcp_free_array(mem, parse.documents, parse.num_ids,
                   sizeof *parse.documents);
    for (int i = 0; i < 2; i++)
        wcp_free_array(mem, parse.ends[i], parse.num_ids,
                       sizeof *parse.ends[i]);
    wcp_free_array(mem, parse.parents, parse.num_ids, sizeof *parse.parents);
    wcp_free_array(mem, parse.scratch, parse.num_scratch,
                   sizeof *parse.scratch);
    if (code != WCP_CODE_OK)
        wcp_gold_release(gold);
    return code;
}

void
wcp_gold_release(struct wcp_gold *gold)
{
    if (gold->mem == NULL)
        return;
    wcp_free_array(gold->mem, gold->labels, gold->num_documents,
                   sizeof *gold->labels);
    wcp_array_release(gold->mem, &gold->pairs);
    *gold = (struct wcp_gold){ 0 };
}
