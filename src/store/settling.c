/*
 * settling.c - closing a store whose documents have left memory
 *
 * What is in the file is numbered as closing.c does it, with the same result.
 * What is equal is found by 128-bit hashes in several passes, each over those
 * hashes that fall into its share, so that its table fits what memory is left.
 * For each document the class is kept, and a byte that says how long its
 * strings are, to know what a portion will take.
 */
#include "store/chunk.h"

#include "store/portion.h"

#include <string.h>

/* Equal ids that are named one by one. */
enum { MAX_EQUAL_IDS = 10 };
/* A table is not made smaller than this. */
#define LEAST_TABLE ((uint64_t)2 << 20)

struct settling {
    struct wcp_store *store;
    const struct wcp_store_listener *listener;
    uint64_t table_bytes;
    enum wcp_code codes[2]; /* of the two searches */
    struct wcp_fault faults[2];
    struct {
        uint32_t document, first;
    } equal_ids[MAX_EQUAL_IDS]; /* those that come first */
    size_t num_equal;
};

/* ---- the parts of the file ---- */

/* Write what is still in memory, and leave nothing of the chunks. */
static enum wcp_code
list_parts(struct wcp_store *store, const uint64_t *lines_before,
           struct wcp_fault *fault)
{
    enum wcp_code code = WCP_CODE_OK;
    struct wcp_spill *spill;
    uint32_t first = 0;

    for (size_t i = 0; code == WCP_CODE_OK && i < store->chunks.num; i++)
        if (store->chunks.at[i] != NULL && !store->chunks.at[i]->spilled)
            code = wcp_spill_chunk(store, store->chunks.at[i], fault);
    wcp_slabs_release(store->mem, &store->slabs[WCP_SLABS_ENTRIES]);
    wcp_slabs_release(store->mem, &store->slabs[WCP_SLABS_SIGNATURES]);
    wcp_slabs_release(store->mem, &store->slabs[WCP_SLABS_SAMPLES]);
    if (code != WCP_CODE_OK)
        return code;
    spill = store->spill;
    spill->parts_cap = store->chunks.num;
    spill->parts =
        wcp_new_array(store->mem, spill->parts_cap, sizeof *spill->parts);
    if (spill->parts == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < store->chunks.num; i++) {
        struct wcp_chunk *chunk = store->chunks.at[i];

        if (chunk == NULL)
            continue;
        spill->parts[spill->num_parts] = (struct wcp_spilled){
            .at = chunk->spilled_at,
            .lines_before = lines_before[spill->num_parts],
            .strings_len = chunk->strings.len,
            .num = (uint32_t)chunk->entries.num,
            .first = first,
        };
        spill->num_parts++;
        first += (uint32_t)chunk->entries.num;
        if (spill->most_num < chunk->entries.num)
            spill->most_num = chunk->entries.num;
        if (spill->most_strings < chunk->strings.len)
            spill->most_strings = chunk->strings.len;
        wcp_chunk_free(store->mem, chunk);
    }
    wcp_array_release(store->mem, &store->chunks);
    wcp_slabs_release(store->mem, &store->slabs[WCP_SLABS_STRINGS]);
    return WCP_CODE_OK;
}

/* ---- what is equal ---- */

/* Open addressing, at most about two thirds full. */
struct seen {
    uint64_t hash[2];
    uint32_t document; /* + 1; 0: free */
};

struct search {
    const struct wcp_store *store;
    enum wcp_section section;
    struct seen *table;
    size_t num_slots, num_used;
    uint64_t num_passes;
    uint64_t *hashes; /* of a part */
    /* A document, and the first one with the same hash, which may be itself. */
    void (*found)(void *ctx, uint32_t doc, uint32_t first);
    void *ctx;
};

/* False when the table is full, which chance does not do. */
static bool
look_up(struct search *search, const uint64_t hash[2], uint32_t doc)
{
    size_t slot = (size_t)(hash[0] % search->num_slots);
    struct seen *seen = &search->table[slot];

    while (seen->document != 0 &&
           (seen->hash[0] != hash[0] || seen->hash[1] != hash[1])) {
        slot = slot + 1 < search->num_slots ? slot + 1 : 0;
        seen = &search->table[slot];
    }
    if (seen->document == 0) {
        if (search->num_used + 1 >= search->num_slots)
            return false;
        search->num_used++;
        *seen = (struct seen){ { hash[0], hash[1] }, doc + 1 };
    }
    search->found(search->ctx, doc, seen->document - 1);
    return true;
}

static enum wcp_code
search_part(struct search *search, const struct wcp_spilled *part,
            uint64_t pass, struct wcp_fault *fault)
{
    enum wcp_code code = wcp_spill_load(search->store, part, search->section,
                                        search->hashes, fault);

    for (uint32_t i = 0; code == WCP_CODE_OK && i < part->num; i++) {
        const uint64_t *hash = search->hashes + 2 * (size_t)i;

        if ((hash[0] | hash[1]) != 0 &&
            (hash[1] >> 32) * search->num_passes >> 32 == pass &&
            !look_up(search, hash, part->first + i))
            code = wcp_no_memory(fault);
    }
    return code;
}

/* Call found() for every document that has a hash; table_bytes are used. */
static enum wcp_code
find_firsts(struct search *search, uint64_t table_bytes,
            struct wcp_fault *fault)
{
    const struct wcp_store *store = search->store;
    const struct wcp_spill *spill = store->spill;
    const uint64_t all = (uint64_t)store->num_documents * 3 / 2 + 1024;
    const uint64_t fit = table_bytes / sizeof *search->table;
    enum wcp_code code = WCP_CODE_OK;

    search->num_passes = (all + fit - 1) / fit;
    /* Shares are even but for chance. */
    search->num_slots = (size_t)(all / search->num_passes) + 1024;
    search->table =
        wcp_new_array(store->mem, search->num_slots, sizeof *search->table);
    search->hashes = wcp_new_array(store->mem, spill->most_num, 16);
    if (search->table == NULL || search->hashes == NULL)
        code = wcp_no_memory(fault);
    for (uint64_t pass = 0; code == WCP_CODE_OK && pass < search->num_passes;
         pass++) {
        memset(search->table, 0, search->num_slots * sizeof *search->table);
        search->num_used = 0;
        for (size_t i = 0; code == WCP_CODE_OK && i < spill->num_parts; i++)
            code = search_part(search, &spill->parts[i], pass, fault);
    }
    wcp_free_array(store->mem, search->table, search->num_slots,
                   sizeof *search->table);
    wcp_free_array(store->mem, search->hashes, spill->most_num, 16);
    return code;
}

static void
found_text(void *ctx, uint32_t doc, uint32_t first)
{
    const struct settling *settling = ctx;

    settling->store->spill->class_of[doc] = first;
}

static void
found_id(void *ctx, uint32_t doc, uint32_t first)
{
    struct settling *settling = ctx;
    size_t at = settling->num_equal;

    if (doc == first)
        return;
    settling->store->counts.equal_ids++;
    while (at > 0 && settling->equal_ids[at - 1].document > doc)
        at--;
    if (at == MAX_EQUAL_IDS)
        return;
    if (settling->num_equal < MAX_EQUAL_IDS)
        settling->num_equal++;
    memmove(settling->equal_ids + at + 1, settling->equal_ids + at,
            (settling->num_equal - 1 - at) * sizeof *settling->equal_ids);
    settling->equal_ids[at].document = doc;
    settling->equal_ids[at].first = first;
}

/* Two things that need nothing of each other. */
static void
find_equals(void *ctx, unsigned thread, size_t i)
{
    struct settling *settling = ctx;
    struct search search = {
        .store = settling->store,
        .section = i == 0 ? WCP_SECTION_IDS : WCP_SECTION_DIGESTS,
        .found = i == 0 ? found_id : found_text,
        .ctx = settling,
    };

    (void)thread;
    settling->codes[i] =
        find_firsts(&search, settling->table_bytes, &settling->faults[i]);
}

/* From the first document of a class, which has its number by then, to the
 * class. */
static bool
number_classes(struct wcp_store *store)
{
    struct wcp_spill *spill = store->spill;
    uint32_t num = 0;

    for (size_t i = 0; i < spill->num_parts; i++) {
        struct wcp_spilled *part = &spill->parts[i];

        part->first_class = num;
        for (uint32_t doc = part->first; doc < part->first + part->num; doc++) {
            const uint32_t first = spill->class_of[doc];

            if (first == WCP_NO_CLASS)
                store->counts.empty++;
            else if (first == doc)
                spill->class_of[doc] = num++;
            else
                spill->class_of[doc] = spill->class_of[first];
        }
    }
    store->num_classes = num;
    store->counts.classes = num;
    spill->copied = wcp_new_zeroed(store->mem, (size_t)num / 8 + 1, 1);
    if (spill->copied == NULL)
        return false;
    num = 0;
    for (uint32_t doc = 0; doc < store->num_documents; doc++) {
        const uint32_t c = spill->class_of[doc];

        if (c == num)
            num++;
        else if (c != WCP_NO_CLASS)
            spill->copied[c / 8] |= (uint8_t)(1 << c % 8);
    }
    return true;
}

static enum wcp_code
load_sizes(struct wcp_store *store, struct wcp_fault *fault)
{
    struct wcp_spill *spill = store->spill;
    enum wcp_code code = WCP_CODE_OK;

    for (size_t i = 0; code == WCP_CODE_OK && i < spill->num_parts; i++)
        code = wcp_spill_load(store, &spill->parts[i], WCP_SECTION_SIZES,
                              spill->sizes + spill->parts[i].first, fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < spill->num_parts; i++)
        code = wcp_spill_load(store, &spill->parts[i], WCP_SECTION_UNITS,
                              spill->units + spill->parts[i].first, fault);
    return code;
}

/* Hamming distances are looked up in all SimHashes at once. */
static enum wcp_code
load_simhashes(struct wcp_store *store, struct wcp_fault *fault)
{
    struct wcp_spill *spill = store->spill;
    uint64_t *hashes =
        wcp_new_array(store->mem, spill->most_num, sizeof *hashes);
    enum wcp_code code = WCP_CODE_OK;

    store->simhashes =
        wcp_new_array(store->mem, store->num_classes, sizeof *store->simhashes);
    if (hashes == NULL || store->simhashes == NULL)
        code = wcp_no_memory(fault);
    for (size_t i = 0; code == WCP_CODE_OK && i < spill->num_parts; i++) {
        const struct wcp_spilled *part = &spill->parts[i];
        uint32_t c = part->first_class;

        code = wcp_spill_load(store, part, WCP_SECTION_KEYS, hashes, fault);
        for (uint32_t k = 0; code == WCP_CODE_OK && k < part->num; k++)
            if (spill->class_of[part->first + k] == c)
                store->simhashes[c++] = hashes[k];
    }
    wcp_free_array(store->mem, hashes, spill->most_num, sizeof *hashes);
    return code;
}

/* ---- what is said ---- */

static enum wcp_code
say_bad_dates(struct settling *settling, struct wcp_fault *fault)
{
    struct wcp_entry_walk walk = { .store = settling->store };
    const struct wcp_entry *entry;
    enum wcp_code code = WCP_CODE_OK;

    if (settling->store->counts.bad_dates == 0)
        return WCP_CODE_OK;
    do
        entry = wcp_entry_walk_next(&walk, &code, fault);
    while (entry != NULL && (wcp_entry_date(entry).data == NULL ||
                             entry->date_ms != WCP_NO_DATE));
    if (entry != NULL)
        wcp_say_bad_dates(settling->store, settling->listener, entry);
    wcp_entry_walk_release(&walk);
    return code;
}

static enum wcp_code
say_equal_ids(const struct settling *settling, struct wcp_fault *fault)
{
    const struct wcp_store *store = settling->store;
    struct wcp_buffer strings[2];
    enum wcp_code code = WCP_CODE_OK;

    wcp_buffer_init(&strings[0], store->mem, 0);
    wcp_buffer_init(&strings[1], store->mem, 0);
    for (size_t i = 0; code == WCP_CODE_OK && i < settling->num_equal; i++) {
        struct wcp_entry entry, first;

        code = wcp_spill_load_entry(store, settling->equal_ids[i].document,
                                    &entry, &strings[0], fault);
        if (code == WCP_CODE_OK)
            code = wcp_spill_load_entry(store, settling->equal_ids[i].first,
                                        &first, &strings[1], fault);
        if (code == WCP_CODE_OK)
            wcp_say_equal_id(store, settling->listener, &entry, &first);
    }
    wcp_buffer_release(&strings[0]);
    wcp_buffer_release(&strings[1]);
    return code;
}

/* ---- settling ---- */

/*
 * What is taken at most until the portions are known, of which the smallest
 * are taken to be small.  By document: class, sizes and, while components are
 * listed, sets, places, components and what they are sorted by; by thread:
 * a part of the file and the least that the tables and bands take.
 *
 * With samples: of a document its class, rank, place in the lists of classes
 * and what is known of the class, 38 bytes; and what groups take in, pairs of
 * stories and what is listed of these.  Of made-up news of which half are
 * copies 300,000 documents worked with 120 besides what is above, and a million
 * with 150, each time with the bytes of a run without a limit; of the peak 24
 * and 22 were what had been left over.
 */
enum { LEAST_BY_DOCUMENT = 27, OUTLINE_BY_DOCUMENT = 170 };
#define LEAST_ALL ((uint64_t)7 << 20)
#define LEAST_BY_THREAD ((uint64_t)4 << 20)

uint64_t
wcp_parts_bytes(const struct wcp_store *store, size_t num, size_t strings)
{
    return 2 * store->opts.num_threads *
           (num * 8 * (sizeof(struct wcp_entry) / 8 + 16) + strings);
}

struct wcp_store_sizes
wcp_store_sizes(const struct wcp_store *store, uint64_t documents,
                double strings, double samples)
{
    /* Lists of classes, what finds equal texts and ids; of a sample the index
     * that inclusions make; lists of what groups take in. */
    enum { LISTS = 24, SAMPLE = 7, WIDENING = 150 };
    const uint64_t fixed =
        LEAST_ALL + store->opts.num_threads * LEAST_BY_THREAD;
    const double signature =
        (double)wcp_section_width(store, WCP_SECTION_KEYS) +
        (double)wcp_section_width(store, WCP_SECTION_VALUES);
    const double entry = (double)sizeof(struct wcp_entry) + strings;
    const double index = samples > 0 ? SAMPLE * samples + WIDENING : 0;
    const double num = (double)documents;
    const struct wcp_quota *memory = store->opts.memory;
    /* They are copied when all is read; or as it is read, and then what comes
     * after that takes more, if there are samples. */
    const bool placed = (memory == NULL || memory->limit == 0) &&
                        store->opts.kind != WCP_SIG_SIMHASH && samples == 0;

    return (struct wcp_store_sizes){
        .reading = (uint64_t)(num * (entry + signature + 4 * samples)),
        .peak =
            (uint64_t)(num * (entry + 4 * samples +
                              (placed ? 1 : 2) * signature + LISTS + index)),
        .file = (uint64_t)(num * (entry + signature + 34 + 6 * samples)),
        .apart = fixed + documents * LEAST_BY_DOCUMENT,
        .least = fixed + documents * (store->opts.sample ? OUTLINE_BY_DOCUMENT
                                                         : LEAST_BY_DOCUMENT),
    };
}

/* Is there enough for what comes?  Not by what is in use, which depends on how
 * threads took turns. */
static enum wcp_code
check_memory(const struct wcp_store *store, struct wcp_fault *fault)
{
    struct wcp_quota *memory = store->opts.memory;
    const uint64_t least =
        wcp_store_sizes(store, store->num_documents, 0, 0).least +
        wcp_parts_bytes(store, store->spill->most_num,
                        store->spill->most_strings);

    if (memory == NULL || memory->limit == 0 || least <= memory->limit)
        return WCP_CODE_OK;
    memory->needed = least;
    return wcp_no_memory(fault);
}

/* Half of what is left is for the two tables. */
static enum wcp_code
search_equals(struct settling *settling, struct wcp_fault *fault)
{
    struct wcp_store *store = settling->store;

    settling->table_bytes = wcp_quota_left(store->opts.memory) / 4;
    if (settling->table_bytes < LEAST_TABLE)
        settling->table_bytes = LEAST_TABLE;
    wcp_parallel_for(store->opts.num_threads, 2, 1, find_equals, settling);
    for (int i = 0; i < 2; i++)
        if (settling->codes[i] != WCP_CODE_OK) {
            if (fault != NULL)
                *fault = settling->faults[i];
            return settling->codes[i];
        }
    return number_classes(store) ? WCP_CODE_OK : wcp_no_memory(fault);
}

enum wcp_code
wcp_store_settle(struct wcp_store *store, const uint64_t *lines_before,
                 const struct wcp_store_listener *listener,
                 struct wcp_fault *fault)
{
    struct settling settling = { .store = store, .listener = listener };
    const size_t n = store->num_documents;
    struct wcp_spill *spill;
    enum wcp_code code = list_parts(store, lines_before, fault);

    if (code == WCP_CODE_OK)
        code = check_memory(store, fault);
    if (code != WCP_CODE_OK)
        return code;
    spill = store->spill;
    spill->class_of = wcp_new_array(store->mem, n, sizeof *spill->class_of);
    spill->sizes = wcp_new_array(store->mem, n, 1);
    spill->units = wcp_new_array(store->mem, n, 1);
    if (spill->class_of == NULL || spill->sizes == NULL || spill->units == NULL)
        return wcp_no_memory(fault);
    for (size_t i = 0; i < n; i++)
        spill->class_of[i] = WCP_NO_CLASS;
    code = load_sizes(store, fault);
    if (code == WCP_CODE_OK)
        code = say_bad_dates(&settling, fault);
    if (code == WCP_CODE_OK)
        code = search_equals(&settling, fault);
    if (code == WCP_CODE_OK)
        code = say_equal_ids(&settling, fault);
    if (code == WCP_CODE_OK && store->opts.kind == WCP_SIG_SIMHASH)
        code = load_simhashes(store, fault);
    if (code == WCP_CODE_OK && store->opts.sample)
        code = wcp_outline_make(store, fault);
    return code;
}
