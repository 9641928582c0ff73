/*
 * test_base.c - messages, memory, buffers, arrays, threads and files
 *
 * The allocator under test keeps books: it checks that every old size it is
 * told is the size it gave, and can be made to fail after any number of calls.
 */
#include "base/base.h"
#include "support.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- messages ---- */

static void
test_fail_fills_in(void)
{
    struct wcp_fault fault = { .at = 7 };

    CU_ASSERT_EQUAL(wcp_fail(&fault, WCP_CODE_IO, ENOENT, "no '%s'", "x"),
                    WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.code, WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.sys_errno, ENOENT);
    CU_ASSERT_EQUAL(fault.at, 0);
    CU_ASSERT_STRING_EQUAL(fault.text, "no 'x'");
    CU_ASSERT_EQUAL(wcp_fail(NULL, WCP_CODE_BAD_TEXT, 0, "%d", 1),
                    WCP_CODE_BAD_TEXT);
    CU_ASSERT_EQUAL(wcp_no_memory(&fault), WCP_CODE_NO_MEMORY);
    CU_ASSERT_EQUAL(fault.code, WCP_CODE_NO_MEMORY);
}

/* True when the text is whole characters of one to four bytes. */
static bool
is_whole(const char *text)
{
    while (*text) {
        const unsigned char lead = (unsigned char)*text;
        const int len = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

        for (int i = 0; i < len; i++)
            if (text[i] == '\0' ||
                (i > 0 && ((unsigned char)text[i] >> 6) != 2))
                return false;
        text += len;
    }
    return true;
}

static void
test_fail_cuts_between_characters(void)
{
    static const char *const characters[] = { "a", "\xC3\xA9", "\xE4\xB8\xAD",
                                              "\xF0\xA0\x80\x80" };
    struct wcp_fault fault;

    for (size_t c = 0; c < 4; c++) {
        for (size_t lead = 0; lead < 5; lead++) {
            char text[400] = "", *end = text + lead;

            memset(text, 'x', lead);
            while (end < text + sizeof text - 8)
                end = stpcpy(end, characters[c]);
            wcp_fail(&fault, WCP_CODE_IO, 0, "%s", text);
            CU_ASSERT(is_whole(fault.text));
            CU_ASSERT(strlen(fault.text) >= sizeof fault.text - 5);
            CU_ASSERT(strncmp(fault.text, text, strlen(fault.text)) == 0);
        }
    }
    wcp_fail(&fault, WCP_CODE_IO, 0, "%s", "\xE4\xB8\xAD");
    CU_ASSERT_STRING_EQUAL(fault.text, "\xE4\xB8\xAD");
}

/* ---- memory ---- */

struct books {
    size_t held;      /* bytes */
    size_t calls;     /* that want memory */
    size_t fail_from; /* calls from this one on fail */
    size_t errors;    /* old sizes that were wrong */
};

/* The size of a block stands in front of it. */
enum { FRONT = 16 };

static void *
book_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct books *books = ctx;
    char *block = ptr ? (char *)ptr - FRONT : NULL;
    size_t size = 0;

    if (block)
        memcpy(&size, block, sizeof size);
    if (size != old_size)
        books->errors++;
    if (new_size == 0) {
        books->held -= size;
        free(block);
        return NULL;
    }
    if (books->calls++ >= books->fail_from)
        return NULL;
    block = realloc(block, new_size + FRONT);
    memcpy(block, &new_size, sizeof new_size);
    books->held += new_size - size;
    return block + FRONT;
}

static struct wcp_memory
keep_books(struct books *books)
{
    *books = (struct books){ .fail_from = SIZE_MAX };
    return (struct wcp_memory){ book_resize, books };
}

static void
test_arrays_of_memory(void)
{
    struct books books;
    const struct wcp_memory mem = keep_books(&books);
    static const size_t nums[] = { 0, 1, 2, 1000 };
    unsigned char *p;

    for (size_t i = 0; i < 4; i++) {
        p = wcp_new_zeroed(&mem, nums[i], 3);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CU_ASSERT(books.held >= 3 * (nums[i] ? nums[i] : 1));
        for (size_t k = 0; k < 3 * nums[i]; k++)
            CU_ASSERT_EQUAL(p[k], 0);
        wcp_free_array(&mem, p, nums[i], 3);
        CU_ASSERT_EQUAL(books.held, 0);
    }
    wcp_free_array(&mem, NULL, 5, 3);
    CU_ASSERT_PTR_NULL(wcp_new_array(&mem, SIZE_MAX, 2));
    CU_ASSERT_PTR_NULL(wcp_new_array(&mem, SIZE_MAX / 2 + 1, 2));
    CU_ASSERT_PTR_NULL(wcp_new_array(&mem, 2, SIZE_MAX / 2 + 1));
    CU_ASSERT_PTR_NULL(wcp_new_zeroed(&mem, SIZE_MAX / 8 + 1, 8));
    books.fail_from = books.calls;
    CU_ASSERT_PTR_NULL(wcp_new_array(&mem, 1, 1));
    CU_ASSERT_PTR_NULL(wcp_new_zeroed(&mem, 1, 1));
    CU_ASSERT_EQUAL(books.errors, 0);

    p = wcp_new_zeroed(&wcp_memory_libc, 10, 10);
    CU_ASSERT_PTR_NOT_NULL(p);
    wcp_free_array(&wcp_memory_libc, p, 10, 10);
}

static void
test_buffer_grows(void)
{
    struct books books;
    const struct wcp_memory mem = keep_books(&books);
    struct test_rng rng = { test_seed() };
    struct wcp_buffer buf;
    static uint8_t want[1 << 16];
    size_t len = 0;

    for (size_t i = 0; i < sizeof want; i++)
        want[i] = (uint8_t)test_random(&rng);
    wcp_buffer_init(&buf, &mem, 0);
    CU_ASSERT_PTR_NULL(buf.data);
    CU_ASSERT(wcp_buffer_append(&buf, NULL, 0));
    while (len < sizeof want) {
        size_t more = (size_t)test_below(&rng, 600);

        if (more > sizeof want - len)
            more = sizeof want - len;
        CU_ASSERT_FATAL(wcp_buffer_append(&buf, want + len, more));
        len += more;
        CU_ASSERT_EQUAL(buf.len, len);
    }
    CU_ASSERT_EQUAL(memcmp(buf.data, want, len), 0);
    CU_ASSERT(buf.cap < 3 * len);
    CU_ASSERT(!wcp_buffer_reserve(&buf, SIZE_MAX));
    CU_ASSERT(!wcp_buffer_reserve(&buf, SIZE_MAX - buf.len));
    CU_ASSERT_EQUAL(buf.len, len);
    buf.len -= 1000;
    wcp_buffer_cut(&buf);
    CU_ASSERT_EQUAL(buf.cap, len - 1000);
    CU_ASSERT_EQUAL(buf.len, len - 1000);
    CU_ASSERT_EQUAL(memcmp(buf.data, want, len - 1000), 0);
    buf.len = 0;
    wcp_buffer_cut(&buf);
    CU_ASSERT_PTR_NULL(buf.data);
    CU_ASSERT_EQUAL(buf.cap, 0);
    wcp_buffer_release(&buf);
    wcp_buffer_release(&buf);
    CU_ASSERT_EQUAL(books.held, 0);
    CU_ASSERT_EQUAL(books.errors, 0);
}

static void
test_buffer_keeps_its_limit(void)
{
    static const size_t limits[] = { 1, 2, 255, 256, 257, 1000 };
    const uint8_t bytes[1001] = { 1 };

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct books books;
        const struct wcp_memory mem = keep_books(&books);
        struct wcp_buffer buf;

        wcp_buffer_init(&buf, &mem, limits[i]);
        CU_ASSERT(!wcp_buffer_append(&buf, bytes, limits[i] + 1));
        CU_ASSERT_EQUAL(buf.len, 0);
        CU_ASSERT(wcp_buffer_append(&buf, bytes, limits[i] - 1));
        CU_ASSERT(wcp_buffer_append(&buf, bytes, 1));
        CU_ASSERT(!wcp_buffer_append(&buf, bytes, 1));
        CU_ASSERT_EQUAL(buf.len, limits[i]);
        CU_ASSERT(buf.cap <= limits[i]);
        wcp_buffer_release(&buf);
        CU_ASSERT_EQUAL(books.errors, 0);
    }
}

static void
test_buffer_survives_lack_of_memory(void)
{
    struct books books;
    const struct wcp_memory mem = keep_books(&books);
    struct wcp_buffer buf;

    wcp_buffer_init(&buf, &mem, 0);
    CU_ASSERT(wcp_buffer_append(&buf, "wire", 4));
    books.fail_from = books.calls;
    CU_ASSERT(!wcp_buffer_reserve(&buf, buf.cap));
    CU_ASSERT_EQUAL(buf.len, 4);
    CU_ASSERT_EQUAL(memcmp(buf.data, "wire", 4), 0);
    wcp_buffer_release(&buf);
    CU_ASSERT_EQUAL(books.held, 0);
    CU_ASSERT_EQUAL(books.errors, 0);
}

static void
test_typed_array(void)
{
    struct books books;
    const struct wcp_memory mem = keep_books(&books);
    WCP_ARRAY(uint64_t) array = { NULL, 0, 0 };

    for (uint64_t i = 0; i < 5000; i++) {
        CU_ASSERT_FATAL(wcp_array_grow(&mem, &array));
        CU_ASSERT_FATAL(array.num < array.cap);
        array.at[array.num++] = i * i;
    }
    for (uint64_t i = 0; i < 5000; i++)
        CU_ASSERT_EQUAL(array.at[i], i * i);
    CU_ASSERT(!wcp_array_reserve(&mem, &array, SIZE_MAX / 8));
    CU_ASSERT(!wcp_array_reserve(&mem, &array, SIZE_MAX));
    books.fail_from = books.calls;
    CU_ASSERT(!wcp_array_reserve(&mem, &array, array.cap + 1));
    CU_ASSERT(wcp_array_reserve(&mem, &array, array.cap));
    CU_ASSERT_EQUAL(array.at[4999], 4999u * 4999u);
    wcp_array_release(&mem, &array);
    CU_ASSERT_PTR_NULL(array.at);
    wcp_array_release(&mem, &array);
    CU_ASSERT_EQUAL(books.held, 0);
    CU_ASSERT_EQUAL(books.errors, 0);
}

static void
test_little_endian(void)
{
    uint8_t *p = test_guarded(8);

    for (uint8_t i = 0; i < 8; i++)
        p[i] = (uint8_t)(0xF1 + i);
    CU_ASSERT_EQUAL(wcp_load32(p), 0xF4F3F2F1u);
    CU_ASSERT_EQUAL(wcp_load32(p + 4), 0xF8F7F6F5u);
    CU_ASSERT_EQUAL(wcp_load64(p), 0xF8F7F6F5F4F3F2F1u);
    test_guarded_free(p, 8);
}

/* ---- threads ---- */

enum { MAX_ITEMS = 1000, MAX_WORKERS = 300 };

struct counted {
    atomic_uint items[MAX_ITEMS];
    size_t last[MAX_WORKERS]; /* by thread: the last item plus 1 */
    atomic_uint disordered;
    unsigned num_threads;
};

static void
count_item(void *ctx, unsigned thread, size_t i)
{
    struct counted *counted = ctx;

    if (thread >= counted->num_threads || i < counted->last[thread])
        atomic_fetch_add(&counted->disordered, 1);
    else
        counted->last[thread] = i + 1;
    atomic_fetch_add(&counted->items[i], 1);
}

static void
test_parallel_for_visits_each_once(void)
{
    static const unsigned threads[] = { 1, 2, 3, 8, MAX_WORKERS };
    static const size_t nums[] = { 0, 1, 2, 7, 8, 9, MAX_ITEMS };
    static const size_t grains[] = { 0, 1, 2, 7, 8, 9, 5000 };
    static struct counted counted;

    for (size_t c = 0; c < 5 * 7 * 7; c++) {
        const size_t num = nums[c / 5 % 7];

        memset(&counted, 0, sizeof counted);
        counted.num_threads = threads[c % 5];
        wcp_parallel_for(threads[c % 5], num, grains[c / 35], count_item,
                         &counted);
        CU_ASSERT_EQUAL(atomic_load(&counted.disordered), 0);
        for (size_t i = 0; i < MAX_ITEMS; i++)
            if (atomic_load(&counted.items[i]) != (i < num))
                CU_FAIL("an item was not visited exactly once");
    }
}

struct started {
    atomic_uint bodies[MAX_WORKERS];
    pthread_t caller;
    bool zero_is_caller;
};

static void
note_start(void *ctx, unsigned thread)
{
    struct started *started = ctx;

    if (thread == 0)
        started->zero_is_caller =
            pthread_equal(started->caller, pthread_self());
    if (thread < MAX_WORKERS)
        atomic_fetch_add(&started->bodies[thread], 1);
}

static void
test_run_threads(void)
{
    static const unsigned nums[] = { 1, 2, 5, 16 };
    static struct started started;

    for (size_t c = 0; c < 4; c++) {
        memset(&started, 0, sizeof started);
        started.caller = pthread_self();
        wcp_run_threads(nums[c], note_start, &started);
        CU_ASSERT(started.zero_is_caller);
        for (unsigned i = 0; i < MAX_WORKERS; i++)
            if (atomic_load(&started.bodies[i]) != (i < nums[c]))
                CU_FAIL("a thread did not run exactly once");
    }
}

static void
test_clocks(void)
{
    const double wall = wcp_wall_seconds(), cpu = wcp_cpu_seconds();
    volatile unsigned sum = 0;

    for (unsigned i = 0; i < 3000000; i++)
        sum += i;
    CU_ASSERT(sum > 0);
    CU_ASSERT(wcp_wall_seconds() > wall);
    CU_ASSERT(wcp_cpu_seconds() > cpu);
    CU_ASSERT(wcp_cpu_seconds() - cpu < 60);
    /* More than a page and less than a machine: the unit is bytes. */
    CU_ASSERT(wcp_peak_memory() > 100000);
    CU_ASSERT(wcp_peak_memory() < (uint64_t)1 << 44);
    CU_ASSERT(wcp_num_processors() >= 1);
    CU_ASSERT((long)wcp_num_processors() <= sysconf(_SC_NPROCESSORS_CONF));
}

/* ---- files ---- */

static void
test_temporary_file(void)
{
    char dir[] = "/tmp/wcp-base-XXXXXX";
    struct wcp_fault fault = { 0 };
    uint8_t data[100], back[100];
    int fd = -1;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    CU_ASSERT_EQUAL_FATAL(wcp_temp_open(dir, &fd, &fault), WCP_CODE_OK);
    CU_ASSERT_EQUAL_FATAL(rmdir(dir), 0); /* so it has no name */
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    CU_ASSERT_EQUAL(wcp_write_at(fd, data, 100, 5000, &fault), WCP_CODE_OK);
    CU_ASSERT_EQUAL(wcp_read_at(fd, back, 100, 5000, &fault), WCP_CODE_OK);
    CU_ASSERT_EQUAL(memcmp(data, back, 100), 0);
    CU_ASSERT_EQUAL(wcp_read_at(fd, back, 1, 4999, &fault), WCP_CODE_OK);
    CU_ASSERT_EQUAL(back[0], 0);
    CU_ASSERT_EQUAL(wcp_read_at(fd, back, 0, 9000, &fault), WCP_CODE_OK);

    fault.sys_errno = -1;
    CU_ASSERT_EQUAL(wcp_read_at(fd, back, 100, 5001, &fault), WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.sys_errno, 0); /* it ended early */
    close(fd);
    CU_ASSERT_EQUAL(wcp_read_at(-1, back, 1, 0, &fault), WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.sys_errno, EBADF);
    CU_ASSERT_EQUAL(wcp_write_at(-1, back, 1, 0, &fault), WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.sys_errno, EBADF);
}

static void
test_temporary_file_fails(void)
{
    static char dir[PATH_MAX + 100];
    struct wcp_fault fault;
    int fd = -5;

    CU_ASSERT_EQUAL(wcp_temp_open("/nonexistent/dir", &fd, &fault),
                    WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.sys_errno, ENOENT);
    CU_ASSERT_PTR_NOT_NULL(strstr(fault.text, "/nonexistent/dir"));
    memset(dir, 'd', sizeof dir - 1);
    CU_ASSERT_EQUAL(wcp_temp_open(dir, &fd, &fault), WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.sys_errno, ENAMETOOLONG);
    CU_ASSERT_EQUAL(fd, -5);
}

static void
test_full_disk(void)
{
    FILE *full = fopen("/dev/full", "w");
    struct wcp_fault fault;

    if (!full) {
        printf("SKIPPED: there is no /dev/full\n");
        return;
    }
    CU_ASSERT_EQUAL(wcp_write_at(fileno(full), "x", 1, 0, &fault), WCP_CODE_IO);
    CU_ASSERT_EQUAL(fault.sys_errno, ENOSPC);
    fclose(full);
}

void
suite_base(void)
{
    CU_pSuite suite = CU_add_suite("base", NULL, NULL);

    CU_add_test(suite, "fail fills in", test_fail_fills_in);
    CU_add_test(suite, "fail cuts between characters",
                test_fail_cuts_between_characters);
    CU_add_test(suite, "arrays of memory", test_arrays_of_memory);
    CU_add_test(suite, "buffer grows", test_buffer_grows);
    CU_add_test(suite, "buffer keeps its limit", test_buffer_keeps_its_limit);
    CU_add_test(suite, "buffer survives lack of memory",
                test_buffer_survives_lack_of_memory);
    CU_add_test(suite, "typed array", test_typed_array);
    CU_add_test(suite, "little-endian", test_little_endian);
    CU_add_test(suite, "parallel for visits each once",
                test_parallel_for_visits_each_once);
    CU_add_test(suite, "run threads", test_run_threads);
    CU_add_test(suite, "clocks", test_clocks);
    CU_add_test(suite, "temporary file", test_temporary_file);
    CU_add_test(suite, "temporary file fails", test_temporary_file_fails);
    CU_add_test(suite, "full disk", test_full_disk);
}
