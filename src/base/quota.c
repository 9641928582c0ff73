/*
 * quota.c - how much memory or disk is in use, and how much may be
 *
 * The C library keeps much of what is freed, and then it is still resident.
 * So pieces that are worth a system call are mapped one by one; what is left
 * to the C library is small and soon used again.
 */
#include "base/base.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum {
    LARGE = 128 << 10, /* bytes: mapped */
    PAGE = 4096,       /* for counting; pages may be larger */
    SMALL_EXTRA = 16,  /* what the C library needs besides */
    MARGIN = 1 << 20   /* of what is said to be needed */
};

bool
wcp_quota_take(struct wcp_quota *quota, uint64_t amount)
{
    uint64_t used = atomic_fetch_add(&quota->used, amount) + amount;
    uint64_t peak = atomic_load(&quota->peak);

    if (quota->limit > 0 && used > quota->limit) {
        atomic_fetch_sub(&quota->used, amount);
        atomic_store(&quota->refused, amount);
        return false;
    }
    while (used > peak &&
           !atomic_compare_exchange_weak(&quota->peak, &peak, used))
        ;
    return true;
}

void
wcp_quota_give(struct wcp_quota *quota, uint64_t amount)
{
    atomic_fetch_sub(&quota->used, amount);
}

uint64_t
wcp_quota_left(const struct wcp_quota *quota)
{
    uint64_t used;

    if (quota == NULL || quota->limit == 0)
        return UINT64_MAX;
    used = atomic_load(&quota->used);
    return used < quota->limit ? quota->limit - used : 0;
}

enum wcp_code
wcp_quota_need(struct wcp_quota *quota, uint64_t amount,
               struct wcp_fault *fault)
{
    if (amount <= wcp_quota_left(quota)) {
        if (quota != NULL)
            quota->needed = 0;
        return WCP_CODE_OK;
    }
    /* Threads do not always have the same at one time. */
    quota->needed = atomic_load(&quota->used) + amount + MARGIN;
    return wcp_no_memory(fault);
}

static bool
is_mapped(const struct wcp_counted_memory *counted, size_t size)
{
    return size >= LARGE && !counted->all_inner;
}

/* What a piece is counted as. */
static uint64_t
cost_of(const struct wcp_counted_memory *counted, size_t size)
{
    if (size == 0)
        return 0;
    return is_mapped(counted, size) ? ((uint64_t)size + PAGE - 1) / PAGE * PAGE
                                    : (uint64_t)size + SMALL_EXTRA;
}

static void *
plain_resize(const struct wcp_counted_memory *counted, void *ptr,
             size_t old_size, size_t new_size)
{
    return counted->inner.resize(counted->inner.ctx, ptr, old_size, new_size);
}

static void *
map(size_t size)
{
    void *ptr = mmap(NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return ptr == MAP_FAILED ? NULL : ptr;
}

/* From one kind of memory to another, or within what is mapped. */
static void *
move(const struct wcp_counted_memory *counted, void *ptr, size_t old_size,
     size_t new_size)
{
    const bool was_mapped = ptr != NULL && is_mapped(counted, old_size);
    void *to;

#if defined(MREMAP_MAYMOVE)
    if (was_mapped && is_mapped(counted, new_size)) {
        to = mremap(ptr, old_size, new_size, MREMAP_MAYMOVE);
        return to == MAP_FAILED ? NULL : to;
    }
#endif
    to = is_mapped(counted, new_size)
             ? map(new_size)
             : plain_resize(counted, NULL, 0, new_size);
    if (to == NULL || ptr == NULL)
        return to;
    memcpy(to, ptr, old_size < new_size ? old_size : new_size);
    if (was_mapped)
        munmap(ptr, old_size);
    else
        plain_resize(counted, ptr, old_size, 0);
    return to;
}

static void *
counted_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    struct wcp_counted_memory *counted = ctx;
    struct wcp_quota *quota = &counted->quota;
    const uint64_t before = ptr != NULL ? cost_of(counted, old_size) : 0;
    const uint64_t after = cost_of(counted, new_size);
    void *to = NULL;

    if (after > before && !wcp_quota_take(quota, after - before))
        return NULL;
    if (new_size == 0 && ptr != NULL && is_mapped(counted, old_size))
        munmap(ptr, old_size);
    else if (new_size > 0 && (is_mapped(counted, new_size) ||
                              (ptr != NULL && is_mapped(counted, old_size))))
        to = move(counted, ptr, old_size, new_size);
    else
        to = plain_resize(counted, ptr, old_size, new_size);
    if (to == NULL && new_size > 0) {
        if (after > before)
            wcp_quota_give(quota, after - before);
        return NULL;
    }
    if (before > after)
        wcp_quota_give(quota, before - after);
    return to;
}

struct wcp_memory
wcp_memory_counted(struct wcp_counted_memory *counted)
{
    return (struct wcp_memory){ counted_resize, counted };
}
