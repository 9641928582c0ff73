/*
 * sample_asking.c - who has much of the sample of another text, of samples that
 * have left memory
 *
 * Which samples a text shares with whom is asked of a block of texts at a time,
 * as large as memory holds: its samples are sorted by value, then the samples
 * of all texts that are asked about pass by.  The answers are those of
 * inclusions.c in memory.
 */
#include "match/sample_index.h"
#include "match/sample_table.h"

#include <string.h>

struct asking_thread {
    uint32_t *counts;            /* [classes of the block]: samples in common */
    WCP_ARRAY(uint32_t) touched; /* those that are not 0 */
    WCP_ARRAY(uint64_t) hits;    /* frequency << WCP_HIT_BITS | spread sample */
    WCP_ARRAY(uint64_t) scratch;
    struct wcp_sample_chooser chooser;
    WCP_ARRAY(struct wcp_inclusion) found;
};

struct asking {
    struct wcp_sample_table table;
    struct wcp_sample_question question;
    uint32_t lo, hi;    /* classes of the block */
    uint32_t *by_range; /* samples that may be in the table */
    struct asking_thread *threads;
};

/* ---- what a text shares ---- */

/* Of its chosen samples those that others have too, each once. */
static void
list_hits(struct asking_thread *thread, const struct wcp_sample_range *range,
          uint32_t c)
{
    const size_t begin = range->begins.at[c - range->begin];
    const size_t end = range->begins.at[c - range->begin + 1];
    uint64_t *hits = thread->hits.at;
    size_t num = 0;

    for (size_t i = begin; i < end; i++) {
        const uint16_t note = range->notes.at[i];
        const uint64_t frequency = note & WCP_NOTE_MOST;

        if ((note & WCP_NOTE_UNASKED) != 0)
            continue;
        hits[num] =
            frequency << WCP_HIT_BITS | wcp_sample_spread(range->samples.at[i]);
        num += frequency > 1;
    }
    thread->hits.num = num;
}

/* Put the rarest hits first; how many of them must be in common; 0: they are
 * too few. */
static uint32_t
find_need(const struct asking *asking, struct asking_thread *thread,
          const struct wcp_sample_choice *choice)
{
    const struct wcp_sample_question *question = &asking->question;
    const double slack = question->nearly ? 0 : WCP_SAMPLE_SLACK;
    const size_t num = thread->hits.num;
    uint32_t need = wcp_sample_least(choice, question->share - slack, 1);

    if (num < need)
        return 0;
    wcp_sort_u64(thread->hits.at, thread->scratch.at, num);
    if (!question->nearly)
        need =
            wcp_inclusion_need(question->share, choice, thread->hits.at, num);
    return need <= num ? need : 0;
}

/* ---- who has it too ---- */

static bool
count_all(const struct asking *asking, struct asking_thread *thread,
          uint64_t hit, uint32_t c)
{
    const uint64_t *items = asking->table.items;
    const uint32_t spread = (uint32_t)hit;
    size_t at, end;

    if (!wcp_sample_table_find(&asking->table, spread, &at, &end))
        return true;
    for (; at < end && items[at] >> 32 == spread; at++) {
        const uint32_t other = (uint32_t)items[at];

        if (other + asking->lo == c || thread->counts[other]++ > 0)
            continue;
        if (!wcp_array_reserve(asking->table.store->mem, &thread->touched,
                               thread->touched.num + 1)) {
            thread->counts[other] = 0;
            return false;
        }
        thread->touched.at[thread->touched.num++] = other;
    }
    return true;
}

static bool
has_item(const uint64_t *items, size_t low, size_t high, uint64_t item)
{
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (items[middle] == item)
            return true;
        if (items[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Count those that were touched before. */
static void
count_touched(const struct asking *asking, struct asking_thread *thread,
              uint64_t hit)
{
    const uint64_t *items = asking->table.items;
    const uint32_t spread = (uint32_t)hit;
    size_t at, end;

    if (!wcp_sample_table_find(&asking->table, spread, &at, &end))
        return;
    if ((hit >> WCP_HIT_BITS) / 16 < thread->touched.num) {
        for (; at < end && items[at] >> 32 == spread; at++)
            thread->counts[(uint32_t)items[at]] +=
                thread->counts[(uint32_t)items[at]] > 0;
        return;
    }
    for (size_t i = 0; i < thread->touched.num; i++) {
        const uint32_t other = thread->touched.at[i];

        thread->counts[other] +=
            has_item(items, at, end, (uint64_t)spread << 32 | other);
    }
}

/* Forget those that cannot come to 'need' with so many more samples. */
static void
drop_hopeless(struct asking_thread *thread, uint32_t need, size_t num_more)
{
    size_t kept = 0;

    for (size_t i = 0; i < thread->touched.num; i++) {
        const uint32_t other = thread->touched.at[i];

        if (thread->counts[other] + num_more >= need)
            thread->touched.at[kept++] = other;
        else
            thread->counts[other] = 0;
    }
    thread->touched.num = kept;
}

/* Forget those that signatures rule out, which have to be read: so it is done
 * last, unlike in memory. */
static void
drop_unlike(const struct asking *asking, struct asking_thread *thread,
            struct wcp_wanted *wanted, uint32_t c)
{
    const struct wcp_store *store = asking->table.store;
    uint8_t room[WCP_NUM_BINS];
    size_t kept = 0;

    if (thread->touched.num > 0)
        wanted->values = wcp_class_values(store, c, room);
    for (size_t i = 0; i < thread->touched.num; i++) {
        const uint32_t other = thread->touched.at[i];

        if (wcp_inclusion_allowed(store, asking->question.share, wanted,
                                  other + asking->lo,
                                  wcp_class_units(store, other + asking->lo)))
            thread->touched.at[kept++] = other;
        else
            thread->counts[other] = 0;
    }
    thread->touched.num = kept;
}

static bool
take_touched(const struct asking *asking, struct asking_thread *thread,
             uint32_t c)
{
    struct wcp_thinning *thinning = asking->question.thinning;
    const size_t before = thread->found.num;
    size_t num = before;

    if (!wcp_array_reserve(asking->table.store->mem, &thread->found,
                           before + thread->touched.num))
        return false;
    for (size_t i = 0; i < thread->touched.num; i++) {
        const uint32_t other = thread->touched.at[i];

        if (asking->question.keep == NULL ||
            asking->question.keep(asking->question.ctx, c, other + asking->lo))
            thread->found.at[num++] =
                (struct wcp_inclusion){ other + asking->lo, c,
                                        thread->counts[other] };
        thread->counts[other] = 0;
    }
    thread->touched.num = 0;
    num -= before;
    thread->found.num +=
        thinning != NULL && num > 0
            ? wcp_thin(thinning, thread->found.at + before, num)
            : num;
    return true;
}

static bool
ask(const struct asking *asking, struct asking_thread *thread,
    const struct wcp_sample_range *range, uint32_t c)
{
    const struct wcp_memory *mem = asking->table.store->mem;
    const uint32_t num_sample = wcp_class_num_sample(asking->table.store, c);
    const size_t begin = range->begins.at[c - range->begin];
    struct wcp_wanted wanted = { .c = c };
    struct wcp_sample_choice choice;
    uint32_t need;
    size_t num, rarest;

    if (num_sample == 0)
        return true;
    thread->chooser.mem = mem;
    if (!wcp_array_reserve(mem, &thread->hits, num_sample) ||
        !wcp_array_reserve(mem, &thread->scratch, num_sample) ||
        !wcp_sample_choose(&thread->chooser, range->samples.at + begin,
                           num_sample, &choice))
        return false;
    list_hits(thread, range, c);
    need = wanted.need = find_need(asking, thread, &choice);
    if (need == 0)
        return true;
    wanted.size = wcp_inclusion_size(wcp_class_units(asking->table.store, c),
                                     choice.num_distinct, num_sample);
    num = thread->hits.num;
    rarest = num - need + 1;
    for (size_t i = 0; i < num; i++)
        wcp_sample_table_ask(&asking->table, (uint32_t)thread->hits.at[i]);
    for (size_t i = 0; i < num; i++)
        wcp_sample_table_await(&asking->table, (uint32_t)thread->hits.at[i]);
    for (size_t i = 0; i < rarest; i++)
        if (!count_all(asking, thread, thread->hits.at[i], c))
            return false;
    drop_hopeless(thread, need, num - rarest);
    for (size_t i = rarest; i < num && thread->touched.num > 0; i++) {
        count_touched(asking, thread, thread->hits.at[i]);
        drop_hopeless(thread, need, num - i - 1);
    }
    if (!asking->question.nearly)
        drop_unlike(asking, thread, &wanted, c);
    return take_touched(asking, thread, c);
}

/* ---- what is asked about ---- */

static bool
is_asked(const struct asking *asking, uint32_t c)
{
    return asking->question.asked == NULL || asking->question.asked[c];
}

/* The samples of a range with their notes, if any of its classes is asked. */
static const struct wcp_sample_range *
load_asked(struct asking *asking, unsigned thread, size_t i)
{
    struct wcp_sample_table *table = &asking->table;
    const uint32_t *at = table->store->sample_file->ranges + i;
    struct wcp_sample_range *range = &table->ranges[thread];
    struct wcp_fault fault = { 0 };
    uint32_t c = at[0];

    while (c < at[1] && !is_asked(asking, c))
        c++;
    if (c == at[1] || atomic_load(&table->failed))
        return NULL;
    if (wcp_sample_range_load(table->store, at[0], at[1], true, range,
                              &fault) == WCP_CODE_OK)
        return range;
    wcp_sample_table_fail(table, &fault);
    return NULL;
}

static void
filter_range(void *ctx, unsigned thread, size_t i)
{
    struct asking *asking = ctx;
    struct wcp_sample_table *table = &asking->table;
    const struct wcp_sample_range *range = load_asked(asking, thread, i);

    if (range == NULL)
        return;
    for (uint32_t c = range->begin; c < range->end; c++)
        for (size_t k = range->begins.at[c - range->begin];
             is_asked(asking, c) && k < range->begins.at[c - range->begin + 1];
             k++)
            if ((range->notes.at[k] & WCP_NOTE_UNASKED) == 0 &&
                (range->notes.at[k] & WCP_NOTE_MOST) > 1)
                wcp_sample_table_take(table, range->samples.at[k]);
}

static enum wcp_code
run_ranges(struct asking *asking,
           void (*body)(void *ctx, unsigned thread, size_t i),
           struct wcp_fault *fault)
{
    struct wcp_sample_table *table = &asking->table;

    wcp_parallel_for(table->store->opts.num_threads,
                     table->store->sample_file->num_ranges, 1, body, asking);
    if (!atomic_load(&table->failed))
        return WCP_CODE_OK;
    if (fault != NULL)
        *fault = table->fault;
    return table->fault.code;
}

/* Samples that nobody asks about stay out of the table, as far as a bit for
 * many of them tells it: mostly then all texts are one block. */
static enum wcp_code
make_filter(struct asking *asking, struct wcp_fault *fault)
{
    struct wcp_sample_table *table = &asking->table;
    const struct wcp_store *store = table->store;
    uint64_t num = 0;
    enum wcp_code code;

    if (asking->question.asked == NULL)
        return WCP_CODE_OK;
    for (uint32_t c = 0; c < store->num_classes; c++)
        if (is_asked(asking, c)) {
            const uint32_t its = wcp_class_num_sample(store, c);

            num += its < WCP_SAMPLES_ASKED ? its : WCP_SAMPLES_ASKED;
        }
    code = wcp_sample_table_filter(table, num, fault);
    if (code != WCP_CODE_OK || table->filter == NULL)
        return code;
    return run_ranges(asking, filter_range, fault);
}

/* ---- a block ---- */

static void
ask_range(void *ctx, unsigned thread, size_t i)
{
    struct asking *asking = ctx;
    struct wcp_sample_table *table = &asking->table;
    const struct wcp_sample_range *range = load_asked(asking, thread, i);
    struct wcp_fault fault = { 0 };

    if (range == NULL)
        return;
    for (uint32_t c = range->begin; c < range->end; c++)
        if (is_asked(asking, c) &&
            !ask(asking, &asking->threads[thread], range, c)) {
            wcp_no_memory(&fault);
            wcp_sample_table_fail(table, &fault);
            return;
        }
}

static bool
make_counts(struct asking *asking)
{
    const struct wcp_store *store = asking->table.store;

    for (unsigned i = 0; i < store->opts.num_threads; i++) {
        asking->threads[i].counts =
            wcp_new_zeroed(store->mem, asking->hi - asking->lo,
                           sizeof *asking->threads[i].counts);
        if (asking->threads[i].counts == NULL)
            return false;
    }
    return true;
}

static void
free_counts(struct asking *asking)
{
    const struct wcp_store *store = asking->table.store;

    for (unsigned i = 0; i < store->opts.num_threads; i++) {
        wcp_free_array(store->mem, asking->threads[i].counts,
                       asking->hi - asking->lo,
                       sizeof *asking->threads[i].counts);
        asking->threads[i].counts = NULL;
    }
}

static enum wcp_code
ask_block(struct asking *asking, uint64_t *counts, struct wcp_fault *fault)
{
    struct wcp_sample_table *table = &asking->table;
    const uint32_t num_ranges = table->store->sample_file->num_ranges;
    enum wcp_code code = WCP_CODE_OK;

    /* Of all ranges it is known. */
    if (table->first_range > 0 || table->end_range < num_ranges)
        code = wcp_sample_table_count(table, counts, NULL, fault);
    if (code == WCP_CODE_OK)
        code = wcp_sample_table_fill(table, counts, NULL, fault);
    if (code == WCP_CODE_OK && !make_counts(asking))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = run_ranges(asking, ask_range, fault);
    free_counts(asking);
    return code;
}

/* As many ranges as memory holds, from 'begin' on. */
static uint32_t
block_end(const struct asking *asking, uint32_t begin)
{
    const struct wcp_store *store = asking->table.store;
    const struct wcp_sample_file *file = store->sample_file;
    const uint64_t bytes = wcp_sample_table_bytes(store);
    uint64_t num = 0;
    uint32_t end = begin;

    while (end < file->num_ranges) {
        num += 9 * (uint64_t)asking->by_range[end] +
               store->opts.num_threads * sizeof(uint32_t) *
                   (file->ranges[end + 1] - file->ranges[end]);
        if (end > begin && num > bytes)
            break;
        end++;
    }
    return end;
}

static enum wcp_code
ask_blocks(struct asking *asking, uint64_t *counts, struct wcp_fault *fault)
{
    struct wcp_sample_table *table = &asking->table;
    const struct wcp_sample_file *file = table->store->sample_file;
    enum wcp_code code = WCP_CODE_OK;

    for (uint32_t i = 0; code == WCP_CODE_OK && i < file->num_ranges;
         i = table->end_range) {
        table->first_range = i;
        table->end_range = block_end(asking, i);
        asking->lo = table->minus = file->ranges[i];
        asking->hi = file->ranges[table->end_range];
        code = ask_block(asking, counts, fault);
    }
    return code;
}

static enum wcp_code
ask_all(struct asking *asking, uint64_t *counts, struct wcp_fault *fault)
{
    struct wcp_sample_table *table = &asking->table;
    const struct wcp_memory *mem = table->store->mem;
    const uint32_t num_ranges = table->store->sample_file->num_ranges;
    enum wcp_code code = make_filter(asking, fault);

    table->least = 2;
    table->without = asking->question.nearly ? WCP_NOTE_UNLISTED : 0;
    asking->by_range = wcp_new_array(mem, num_ranges, sizeof *asking->by_range);
    if (code == WCP_CODE_OK && asking->by_range == NULL)
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK)
        code = wcp_sample_table_count(table, counts, asking->by_range, fault);
    if (code == WCP_CODE_OK)
        code = ask_blocks(asking, counts, fault);
    wcp_free_array(mem, asking->by_range, num_ranges, sizeof *asking->by_range);
    return code;
}

/* ---- all threads' answers ---- */

static bool
gather(struct asking *asking, struct wcp_inclusions *to)
{
    const struct wcp_store *store = asking->table.store;

    for (unsigned i = 0; i < store->opts.num_threads; i++) {
        struct asking_thread *thread = &asking->threads[i];

        if (thread->found.num == 0)
            continue;
        if (!wcp_array_reserve(to->mem, &to->list,
                               to->list.num + thread->found.num))
            return false;
        memcpy(to->list.at + to->list.num, thread->found.at,
               thread->found.num * sizeof *thread->found.at);
        to->list.num += thread->found.num;
        wcp_array_release(store->mem, &thread->found);
    }
    return true;
}

static void
threads_release(struct asking *asking)
{
    const struct wcp_store *store = asking->table.store;
    const struct wcp_memory *mem = store->mem;

    for (unsigned i = 0; asking->threads != NULL && i < store->opts.num_threads;
         i++) {
        struct asking_thread *thread = &asking->threads[i];

        wcp_array_release(mem, &thread->touched);
        wcp_array_release(mem, &thread->scratch);
        wcp_array_release(mem, &thread->hits);
        wcp_array_release(mem, &thread->found);
        wcp_sample_chooser_release(&thread->chooser);
    }
    wcp_free_array(mem, asking->threads, store->opts.num_threads,
                   sizeof *asking->threads);
}

enum wcp_code
wcp_samples_ask_out(struct wcp_inclusions *inclusions, struct wcp_store *store,
                    const struct wcp_sample_question *question,
                    struct wcp_fault *fault)
{
    const struct wcp_memory *mem = store->mem;
    struct asking *asking = wcp_new_array(mem, 1, sizeof *asking);
    uint64_t *counts = wcp_new_array(mem, WCP_NUM_BUCKETS, sizeof *counts);
    enum wcp_code code = wcp_samples_note(store, fault);

    *inclusions = (struct wcp_inclusions){ .mem = mem };
    if (code == WCP_CODE_OK && (asking == NULL || counts == NULL))
        code = wcp_no_memory(fault);
    if (code == WCP_CODE_OK) {
        *asking = (struct asking){ .question = *question };
        asking->threads = wcp_new_zeroed(mem, store->opts.num_threads,
                                         sizeof *asking->threads);
        code = wcp_sample_table_init(&asking->table, store, fault);
        if (code == WCP_CODE_OK && asking->threads == NULL)
            code = wcp_no_memory(fault);
        if (code == WCP_CODE_OK)
            code = ask_all(asking, counts, fault);
        wcp_sample_table_release(&asking->table);
        if (code == WCP_CODE_OK && !gather(asking, inclusions))
            code = wcp_no_memory(fault);
        threads_release(asking);
    }
    wcp_free_array(mem, asking, 1, sizeof *asking);
    wcp_free_array(mem, counts, WCP_NUM_BUCKETS, sizeof *counts);
    if (code != WCP_CODE_OK)
        wcp_inclusions_release(inclusions);
    return code;
}
