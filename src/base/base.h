/*
 * base.h - status, memory, text buffers, files, threads; knows nothing of text
 *
 * Errors     A call that can fail returns an enum wcp_code; detail goes into an
 *            optional struct wcp_fault ('fault' may be NULL everywhere).
 *            Outputs are untouched on failure.
 * Ownership  init/release for the caller's structs, new/free for the heap.
 *            Releasing or freeing what is zeroed or NULL does nothing.
 * Threads    Nothing here is shared unless its comment says so.
 */
#ifndef WCP_BASE_BASE_H
#define WCP_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- status ---- */

/* The values are those of enum wcp_status in wirecopy.h (asserted there). */
enum wcp_code {
    WCP_CODE_OK = 0,
    WCP_CODE_NO_MEMORY = 10,
    WCP_CODE_BAD_OPTION = 20,
    WCP_CODE_BAD_TEXT = 30,   /* not decodable in the stated encoding */
    WCP_CODE_TOO_LONG = 31,   /* above --max-document or another limit */
    WCP_CODE_BAD_RECORD = 32, /* a record that cannot be parsed */
    WCP_CODE_IO = 40,         /* fault->sys_errno is set */
    WCP_CODE_NO_SUPPORT = 50, /* built without the library it needs */
    WCP_CODE_STOPPED = 60,    /* a callback asked to stop */
};

struct wcp_fault {
    enum wcp_code code;
    int sys_errno;  /* 0 when the operating system was not involved */
    uint64_t at;    /* byte offset in the text or file, 0 when meaningless */
    char text[240]; /* what failed, lower case, no full stop, no file name */
};

/* Fill 'fault' (if not NULL) and return 'code', so that callers can write
 * "return wcp_fail(...)".  The text is cut at a character boundary. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
enum wcp_code
wcp_fail(struct wcp_fault *fault, enum wcp_code code, int sys_errno,
         const char *format, ...);

/* The fault of an exhausted allocator. */
enum wcp_code wcp_no_memory(struct wcp_fault *fault);

/* An analyser that reads one file at a time is told what these return. */
#if defined(__clang_analyzer__)
#define wcp_fail(fault, code, ...) \
    ((void)(wcp_fail)(fault, code, __VA_ARGS__), (code))
#define wcp_no_memory(fault) ((void)(wcp_no_memory)(fault), WCP_CODE_NO_MEMORY)
#endif

/* ---- memory ---- */

/*
 * All heap use of the library goes through one of these.  resize() is
 * realloc() that is also told the old size; new_size 0 frees and returns NULL.
 * It must be callable from any thread.
 */
struct wcp_memory {
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
    void *ctx;
};

extern const struct wcp_memory wcp_memory_libc;

/* NULL when out of memory or when num * size overflows; num 0 gives a valid
 * pointer for one element. */
void *wcp_new_array(const struct wcp_memory *mem, size_t num, size_t size);
/* Like wcp_new_array(), but zeroed. */
void *wcp_new_zeroed(const struct wcp_memory *mem, size_t num, size_t size);
/* Release what wcp_new_array(mem, num, size) or _zeroed gave; NULL is fine. */
void wcp_free_array(const struct wcp_memory *mem, void *ptr, size_t num,
                    size_t size);

/* The C library keeps what is freed in small pieces, and then that is still
 * resident: give it back to the system, if 'mem' is the C library's and it can
 * do that.  Worth it after much was freed, and before as much is needed. */
void wcp_memory_tidy(const struct wcp_memory *mem);

/* ---- limits (quota.c) ---- */

/* How much of something all threads have, and may have.  Begins zeroed, with
 * its limit set. */
struct wcp_quota {
    uint64_t limit; /* 0: none */
    _Atomic uint64_t used, peak;
    _Atomic uint64_t refused; /* what was asked for when it was too much */
    uint64_t needed;          /* a limit that would have done; 0: not known */
    uint64_t needed_alike;    /* if the longest texts are alike; likewise */
};

/* False, and nothing taken, above the limit. */
bool wcp_quota_take(struct wcp_quota *quota, uint64_t amount);
void wcp_quota_give(struct wcp_quota *quota, uint64_t amount);
/* What may still be taken; UINT64_MAX: there is no limit, or no quota. */
uint64_t wcp_quota_left(const struct wcp_quota *quota);

/* NO_MEMORY, and 'needed' is set, if so much more cannot be taken. */
enum wcp_code wcp_quota_need(struct wcp_quota *quota, uint64_t amount,
                             struct wcp_fault *fault);

/*
 * Memory that is counted, up to the quota's limit.  Large pieces come straight
 * from the system, so that what is given back is resident no more; others from
 * 'inner'.
 */
struct wcp_counted_memory {
    struct wcp_quota quota;
    struct wcp_memory inner;
    bool all_inner; /* large pieces as well */
};
struct wcp_memory wcp_memory_counted(struct wcp_counted_memory *counted);

/*
 * A growable array of bytes.  data is NULL while cap is 0.  Grown by doubling,
 * never above max (0: no limit but SIZE_MAX / 2).
 */
struct wcp_buffer {
    const struct wcp_memory *mem;
    uint8_t *data;
    size_t len, cap, max;
};

void wcp_buffer_init(struct wcp_buffer *buf, const struct wcp_memory *mem,
                     size_t max);
void wcp_buffer_release(struct wcp_buffer *buf);
/* Room for 'more' bytes past len.  False when out of memory or above max. */
bool wcp_buffer_reserve(struct wcp_buffer *buf, size_t more);
/* Give back the room behind len, as far as that can be done. */
void wcp_buffer_cut(struct wcp_buffer *buf);
bool wcp_buffer_append(struct wcp_buffer *buf, const void *data, size_t len);

/*
 * The same for arrays of a type: WCP_ARRAY(struct x) has fields at, num, cap.
 * wcp_array_grow() makes room for one more than num and returns false when out
 * of memory.
 */
#define WCP_ARRAY(type)  \
    struct {             \
        type *at;        \
        size_t num, cap; \
    }
bool wcp_array_reserve_raw(const struct wcp_memory *mem, void **at, size_t *cap,
                           size_t need, size_t size);
#define wcp_array_reserve(mem, array, need)                                    \
    wcp_array_reserve_raw((mem), (void **)&(array)->at, &(array)->cap, (need), \
                          sizeof *(array)->at)
#define wcp_array_grow(mem, array) \
    wcp_array_reserve((mem), (array), (array)->num + 1)
#define wcp_array_release(mem, array)                                          \
    do {                                                                       \
        wcp_free_array((mem), (array)->at, (array)->cap, sizeof *(array)->at); \
        (array)->at = NULL;                                                    \
        (array)->num = (array)->cap = 0;                                       \
    } while (0)

/* Ask for what is at a place, to be read soon.  GCC leaves out the calls of a
 * function that does nothing but this, unless there is something in it that it
 * does not understand. */
static inline void
wcp_prefetch(const void *at)
{
    __builtin_prefetch(at);
    __asm__ volatile("");
}

/* ---- little-endian values ---- */

static inline uint16_t
wcp_load16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
wcp_load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static inline uint64_t
wcp_load64(const uint8_t *p)
{
    return (uint64_t)wcp_load32(p) | (uint64_t)wcp_load32(p + 4) << 32;
}

static inline void
wcp_store16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void
wcp_store32(uint8_t *p, uint32_t value)
{
    wcp_store16(p, (uint16_t)value);
    wcp_store16(p + 2, (uint16_t)(value >> 16));
}

static inline void
wcp_store64(uint8_t *p, uint64_t value)
{
    wcp_store32(p, (uint32_t)value);
    wcp_store32(p + 4, (uint32_t)(value >> 32));
}

/* ---- time ---- */

/* Seconds of wall time from an arbitrary start; CPU seconds of the process;
 * its peak resident memory in bytes. */
double wcp_wall_seconds(void);
double wcp_cpu_seconds(void);
uint64_t wcp_peak_memory(void);

/* ---- processor ---- */

/* Sets of vector instructions, each with those before it: AVX2 with BMI2;
 * AVX-512 F, BW, DQ and VL; VBMI and VBMI2. */
enum wcp_cpu_set {
    WCP_CPU_NOTHING,
    WCP_CPU_AVX2,
    WCP_CPU_AVX512,
    WCP_CPU_AVX512_VBMI2
};

bool wcp_cpu_has(enum wcp_cpu_set set);

/* ---- threads ---- */

/* How many processors this process may run on, at least 1. */
unsigned wcp_num_processors(void);

/*
 * Run body(ctx, thread) on num_threads threads, thread = 0 .. num_threads - 1,
 * the calling thread being number 0, and wait for all.  If fewer threads can
 * be started, those that did start run; body must therefore take its work from
 * a shared counter, never from its number.  No memory order beyond start and
 * join is promised.
 */
void wcp_run_threads(unsigned num_threads, void (*body)(void *ctx, unsigned),
                     void *ctx);

/* As many threads as have something to do, if each takes 'grain' of 'num' at a
 * time: to start one takes longer than a little work. */
static inline unsigned
wcp_threads_for(unsigned num_threads, size_t num, size_t grain)
{
    const size_t most = num / grain + (num % grain != 0);

    return num_threads <= most ? num_threads : most > 0 ? (unsigned)most : 1;
}

/*
 * body(ctx, thread, i) for each i < num once, items handed out in increasing
 * order in runs of 'grain'.
 */
void wcp_parallel_for(unsigned num_threads, size_t num, size_t grain,
                      void (*body)(void *ctx, unsigned thread, size_t i),
                      void *ctx);

/* ---- a team of threads (team.c) ---- */

/* Asked a few times a second during long work, on the thread that called;
 * false: stop.  num_done is what wcp_team_did() added up, of 'total'. */
struct wcp_watch {
    /* NULL: go on always. */
    bool (*go_on)(void *ctx, size_t num_done, size_t total);
    void *ctx;
};

struct wcp_team;

/*
 * Run body(team, thread, fault) on several threads as wcp_run_threads() does.
 * When one fails or 'watch' says so (STOPPED), wcp_team_check() makes the
 * others stop.  Returns the first fault.  'watch' may be NULL.
 */
enum wcp_code
wcp_run_team(unsigned num_threads, const struct wcp_watch *watch, size_t total,
             enum wcp_code (*body)(struct wcp_team *team, unsigned thread,
                                   struct wcp_fault *fault),
             void *ctx, struct wcp_fault *fault);
void *wcp_team_ctx(const struct wcp_team *team);
/* 0, 1, 2 and so on, each once. */
size_t wcp_team_next(struct wcp_team *team);
/* To be called often: OK, or STOPPED if this thread should return. */
enum wcp_code wcp_team_check(struct wcp_team *team, unsigned thread,
                             struct wcp_fault *fault);
void wcp_team_did(struct wcp_team *team, size_t num);
/* A lock that the threads share. */
void wcp_team_lock(struct wcp_team *team);
void wcp_team_unlock(struct wcp_team *team);

/* ---- files ---- */

/*
 * An anonymous temporary file in 'dir' (NULL: TMPDIR is not consulted, /tmp).
 * It has no name once this returns, where the system can do that never had
 * one, and vanishes with its descriptor.
 */
enum wcp_code wcp_temp_open(const char *dir, int *fd_ret,
                            struct wcp_fault *fault);

/* All of len bytes at 'offset', retrying short and interrupted transfers.
 * WCP_CODE_IO with sys_errno 0 means that the file ended early. */
enum wcp_code wcp_read_at(int fd, void *data, size_t len, uint64_t offset,
                          struct wcp_fault *fault);
enum wcp_code wcp_write_at(int fd, const void *data, size_t len,
                           uint64_t offset, struct wcp_fault *fault);
/* The same where the descriptor stands, which may be a pipe's. */
enum wcp_code wcp_write_all(int fd, const void *data, size_t len,
                            struct wcp_fault *fault);
/* The same for bytes that a temporary file did not have, which are taken from
 * 'quota' (NULL: there is none); above it IO, and nothing is written. */
enum wcp_code wcp_temp_write(struct wcp_quota *quota, int fd, const void *data,
                             size_t len, uint64_t offset,
                             struct wcp_fault *fault);

#endif /* WCP_BASE_BASE_H */
