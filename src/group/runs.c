/*
 * runs.c - results that wait in a temporary file, in order, to be merged
 *
 * Each result carries all that is ever said of its documents, so that nothing
 * needs to be looked up when it is handed out.  A result begins with how many
 * documents it has and how many bytes they are: what is not asked for is
 * passed over.
 */
#include "group/runs.h"

#include "store/portion.h"

#include <string.h>
#include <unistd.h>

enum {
    WRITE_BYTES = 1 << 18,
    MOST_READ = 1 << 17, /* bytes at once */
    LEAST_READ = 1 << 12
};

struct result_head {
    uint64_t num, num_bytes;
    double weakest;
};

void
wcp_runs_init(struct wcp_runs *runs, const struct wcp_store *store,
              enum wcp_order order)
{
    *runs = (struct wcp_runs){ .store = store, .order = order, .fd = -1 };
    wcp_buffer_init(&runs->pending, store->mem, 0);
    wcp_buffer_init(&runs->strings, store->mem, 0);
    wcp_buffer_init(&runs->reader.bytes, store->mem, 0);
}

void
wcp_runs_release(struct wcp_runs *runs)
{
    const struct wcp_store *store = runs->store;

    if (store == NULL)
        return;
    for (size_t i = 0; i < runs->num_heads; i++) {
        wcp_buffer_release(&runs->heads[i].reader.bytes);
        wcp_buffer_release(&runs->heads[i].strings);
    }
    wcp_free_array(store->mem, runs->heads, runs->num_heads,
                   sizeof *runs->heads);
    wcp_array_release(store->mem, &runs->heap);
    wcp_array_release(store->mem, &runs->runs);
    wcp_buffer_release(&runs->pending);
    wcp_buffer_release(&runs->strings);
    wcp_buffer_release(&runs->reader.bytes);
    if (runs->fd >= 0)
        close(runs->fd);
    if (store->opts.disk != NULL)
        wcp_quota_give(store->opts.disk, runs->len);
    *runs = (struct wcp_runs){ .fd = -1 };
}

/* ---- writing ---- */

static enum wcp_code
flush(struct wcp_runs *runs, struct wcp_fault *fault)
{
    const struct wcp_store_options *opts = &runs->store->opts;
    enum wcp_code code = WCP_CODE_OK;

    if (runs->fd < 0)
        code = wcp_temp_open(opts->tmpdir, &runs->fd, fault);
    if (code == WCP_CODE_OK && runs->pending.len > 0)
        code = wcp_temp_write(opts->disk, runs->fd, runs->pending.data,
                              runs->pending.len, runs->len, fault);
    if (code != WCP_CODE_OK)
        return code;
    runs->len += runs->pending.len;
    runs->pending.len = 0;
    return WCP_CODE_OK;
}

bool
wcp_runs_begin(struct wcp_runs *runs)
{
    const uint64_t at = runs->len + runs->pending.len;

    if (!wcp_array_grow(runs->store->mem, &runs->runs))
        return false;
    runs->runs.at[runs->runs.num++] = (struct wcp_result_run){ at, at };
    return true;
}

void
wcp_runs_drop(struct wcp_runs *runs)
{
    runs->runs.num--;
}

static size_t
strings_len(const struct wcp_result *result, size_t i)
{
    size_t len = wcp_entry_strings_len(
        &result->portion->entries[result->members[i].document]);

    for (size_t k = 0; result->extras != NULL && k < WCP_EXTRAS; k++)
        if (result->extras[i].at[k].text != NULL)
            len += result->extras[i].at[k].len + 1;
    return len;
}

static bool
append_found(struct wcp_runs *runs, const struct wcp_result *result, size_t i)
{
    const struct wcp_store *portion = result->portion;
    const struct wcp_member *member = &result->members[i];
    const struct wcp_entry *entry = &portion->entries[member->document];
    struct wcp_found found;

    memset(&found, 0, sizeof found); /* what lies between the fields, too */
    found.entry = *entry;
    found.number = portion->numbers[member->document];
    found.overlap = member->overlap;
    found.relation = member->relation;
    found.same_text =
        entry->class_number ==
        portion->entries[result->members[0].document].class_number;
    found.strings_len = (uint32_t)strings_len(result, i);
    for (size_t k = 0; result->extras != NULL && k < WCP_EXTRAS; k++)
        found.extras[k] = result->extras[i].at[k];
    if (!wcp_buffer_append(&runs->pending, &found, sizeof found) ||
        !wcp_buffer_append(&runs->pending, entry->strings,
                           wcp_entry_strings_len(entry)))
        return false;
    for (size_t k = 0; k < WCP_EXTRAS; k++)
        if (found.extras[k].text != NULL &&
            (!wcp_buffer_append(&runs->pending, found.extras[k].text,
                                found.extras[k].len) ||
             !wcp_buffer_append(&runs->pending, "", 1)))
            return false;
    return true;
}

enum wcp_code
wcp_runs_add(struct wcp_runs *runs, const struct wcp_result *result,
             struct wcp_fault *fault)
{
    const size_t num = result->num;
    struct result_head head = { num, num * sizeof(struct wcp_found), 1 };
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; i < num; i++) {
        const double jaccard = wcp_jaccard(&result->members[i].overlap);

        head.num_bytes += strings_len(result, i);
        if (jaccard < head.weakest)
            head.weakest = jaccard;
    }
    if (!wcp_buffer_append(&runs->pending, &head, sizeof head))
        return wcp_no_memory(fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < num; i++) {
        if (!append_found(runs, result, i))
            return wcp_no_memory(fault);
        if (runs->pending.len >= WRITE_BYTES)
            code = flush(runs, fault);
    }
    runs->runs.at[runs->runs.num - 1].end = runs->len + runs->pending.len;
    return code;
}

/* ---- reading ---- */

static enum wcp_code
read_more(struct wcp_runs *runs, struct wcp_run_reader *reader,
          struct wcp_fault *fault)
{
    size_t want = reader->bytes.cap;

    if (want > reader->end - reader->at)
        want = (size_t)(reader->end - reader->at);
    reader->used = 0;
    reader->bytes.len = 0;
    if (want == 0 || wcp_read_at(runs->fd, reader->bytes.data, want, reader->at,
                                 fault) != WCP_CODE_OK)
        return wcp_fail(fault, WCP_CODE_IO,
                        fault != NULL ? fault->sys_errno : 0,
                        "the temporary file cannot be read");
    reader->bytes.len = want;
    reader->at += want;
    return WCP_CODE_OK;
}

static enum wcp_code
take(struct wcp_runs *runs, struct wcp_run_reader *reader, void *to, size_t len,
     struct wcp_fault *fault)
{
    uint8_t *bytes = to;

    while (len > 0) {
        size_t part = reader->bytes.len - reader->used;
        enum wcp_code code;

        if (part == 0) {
            code = read_more(runs, reader, fault);
            if (code != WCP_CODE_OK)
                return code;
            continue;
        }
        part = part < len ? part : len;
        memcpy(bytes, reader->bytes.data + reader->used, part);
        reader->used += part;
        bytes += part;
        len -= part;
    }
    return WCP_CODE_OK;
}

static enum wcp_code
take_found(struct wcp_runs *runs, struct wcp_run_reader *reader,
           struct wcp_found *found, struct wcp_buffer *strings,
           struct wcp_fault *fault)
{
    enum wcp_code code = take(runs, reader, found, sizeof *found, fault);
    const char *at;

    strings->len = 0;
    if (code == WCP_CODE_OK &&
        !wcp_buffer_reserve(strings, (size_t)found->strings_len + 1))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = take(runs, reader, strings->data, found->strings_len, fault);
    found->entry.strings = (const char *)strings->data;
    at = found->entry.strings + wcp_entry_strings_len(&found->entry);
    for (size_t k = 0; code == WCP_CODE_OK && k < WCP_EXTRAS; k++)
        if (found->extras[k].text != NULL) {
            found->extras[k].text = at;
            at += found->extras[k].len + 1;
        }
    return code;
}

/* Where the next byte that is taken stands. */
static uint64_t
place_of(const struct wcp_run_reader *reader)
{
    return reader->at - (reader->bytes.len - reader->used);
}

static void
go_to(struct wcp_run_reader *reader, uint64_t place)
{
    const uint64_t before = reader->at - reader->bytes.len;

    if (place >= before && place <= reader->at) {
        reader->used = (size_t)(place - before);
        return;
    }
    reader->at = place;
    reader->bytes.len = reader->used = 0;
}

/* Read the head of a run's next result; num is 0 at the end. */
static enum wcp_code
read_head(struct wcp_runs *runs, struct wcp_run_head *head,
          struct wcp_fault *fault)
{
    struct result_head result;
    enum wcp_code code;

    head->num = 0;
    if (place_of(&head->reader) == head->reader.end)
        return WCP_CODE_OK;
    code = take(runs, &head->reader, &result, sizeof result, fault);
    if (code != WCP_CODE_OK)
        return code;
    head->num = result.num;
    head->num_bytes = result.num_bytes;
    head->weakest = result.weakest;
    head->begin = place_of(&head->reader);
    return take_found(runs, &head->reader, &head->first, &head->strings, fault);
}

/* ---- merging ---- */

static bool
comes_before(const struct wcp_runs *runs, uint32_t a, uint32_t b)
{
    const struct wcp_found *x = &runs->heads[a].first;
    const struct wcp_found *y = &runs->heads[b].first;
    const struct wcp_placed p = { &x->entry, x->number };
    const struct wcp_placed q = { &y->entry, y->number };

    return wcp_placed_compare(runs->store, runs->order, &p, &q) < 0;
}

/* Let the head at place i of the heap sink to where it belongs. */
static void
sink(struct wcp_runs *runs, size_t i)
{
    uint32_t *heap = runs->heap.at;
    const uint32_t head = heap[i];

    for (;;) {
        size_t below = 2 * i + 1;

        if (below >= runs->heap.num)
            break;
        if (below + 1 < runs->heap.num &&
            comes_before(runs, heap[below + 1], heap[below]))
            below++;
        if (!comes_before(runs, heap[below], head))
            break;
        heap[i] = heap[below];
        i = below;
    }
    heap[i] = head;
}

/* As much as memory allows, to go to the file less often. */
static size_t
choose_read(const struct wcp_runs *runs)
{
    const uint64_t left = wcp_quota_left(runs->store->opts.memory);
    const uint64_t share = left / 2 / (runs->runs.num + 1);

    return share > MOST_READ    ? MOST_READ
           : share > LEAST_READ ? (size_t)share
                                : LEAST_READ;
}

static enum wcp_code
start_head(struct wcp_runs *runs, size_t i, size_t read_bytes,
           struct wcp_fault *fault)
{
    struct wcp_run_head *head = &runs->heads[i];
    enum wcp_code code;

    wcp_buffer_init(&head->reader.bytes, runs->store->mem, 0);
    wcp_buffer_init(&head->strings, runs->store->mem, 0);
    head->reader.at = runs->runs.at[i].begin;
    head->reader.end = runs->runs.at[i].end;
    if (!wcp_buffer_reserve(&head->reader.bytes, read_bytes))
        return wcp_no_memory(fault);
    code = read_head(runs, head, fault);
    if (code == WCP_CODE_OK && head->num > 0)
        runs->heap.at[runs->heap.num++] = (uint32_t)i;
    return code;
}

enum wcp_code
wcp_runs_merge(struct wcp_runs *runs, struct wcp_fault *fault)
{
    const struct wcp_memory *mem = runs->store->mem;
    const size_t num = runs->runs.num, read_bytes = choose_read(runs);
    enum wcp_code code = flush(runs, fault);

    wcp_buffer_release(&runs->pending);
    if (code != WCP_CODE_OK)
        return code;
    runs->heads = wcp_new_zeroed(mem, num, sizeof *runs->heads);
    if (runs->heads == NULL || !wcp_array_reserve(mem, &runs->heap, num) ||
        !wcp_buffer_reserve(&runs->reader.bytes, read_bytes))
        return wcp_no_memory(fault);
    for (; code == WCP_CODE_OK && runs->num_heads < num; runs->num_heads++)
        code = start_head(runs, runs->num_heads, read_bytes, fault);
    for (size_t i = runs->heap.num / 2; i-- > 0;)
        sink(runs, i);
    return code;
}

enum wcp_code
wcp_runs_next(struct wcp_runs *runs, uint64_t *num_ret, struct wcp_fault *fault)
{
    struct wcp_run_head *head = runs->at_hand;
    enum wcp_code code = WCP_CODE_OK;

    if (head != NULL) {
        go_to(&head->reader, head->begin + head->num_bytes);
        code = read_head(runs, head, fault);
        if (code != WCP_CODE_OK)
            return code;
        if (head->num == 0)
            runs->heap.at[0] = runs->heap.at[--runs->heap.num];
        if (runs->heap.num > 0)
            sink(runs, 0);
    }
    runs->at_hand = runs->heap.num > 0 ? &runs->heads[runs->heap.at[0]] : NULL;
    *num_ret = runs->at_hand != NULL ? runs->at_hand->num : 0;
    runs->next = UINT64_MAX;
    return WCP_CODE_OK;
}

const struct wcp_found *
wcp_runs_first(const struct wcp_runs *runs)
{
    return &runs->at_hand->first;
}

double
wcp_runs_weakest(const struct wcp_runs *runs)
{
    return runs->at_hand->weakest;
}

enum wcp_code
wcp_runs_get(struct wcp_runs *runs, uint64_t i,
             const struct wcp_found **found_ret, struct wcp_fault *fault)
{
    const struct wcp_run_head *head = runs->at_hand;
    enum wcp_code code = WCP_CODE_OK;

    if (i < runs->next) {
        runs->reader.end = head->begin + head->num_bytes;
        go_to(&runs->reader, head->begin);
        runs->next = 0;
    }
    while (code == WCP_CODE_OK && runs->next <= i) {
        code = take_found(runs, &runs->reader, &runs->found, &runs->strings,
                          fault);
        runs->next++;
    }
    if (code != WCP_CODE_OK)
        return code;
    *found_ret = &runs->found;
    return WCP_CODE_OK;
}
