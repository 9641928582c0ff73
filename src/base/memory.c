/*
 * memory.c - the allocator hook, growable buffers and arrays
 */
#include "base/base.h"

#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <string.h>
#include <sys/mman.h>

/* A large page, and what is worth one. */
#define LARGE ((size_t)2 << 20)

/*
 * Ask for large pages for what is large: a page costs the system most when it
 * is touched first, and the processor when it has to find it again.  What is
 * not used of the last one is memory lost, 2 MB at most for each.
 */
#if defined(MADV_HUGEPAGE)
static void
use_large_pages(void *ptr, size_t size)
{
    const uintptr_t begin = ((uintptr_t)ptr + LARGE - 1) / LARGE * LARGE;
    const uintptr_t end = ((uintptr_t)ptr + size) / LARGE * LARGE;

    if (begin < end)
        madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}
#else
static void
use_large_pages(void *ptr, size_t size)
{
    (void)ptr;
    (void)size;
}
#endif

/* From the start of a large page, so that no part of one is lost. */
static void *
new_large(size_t size)
{
    void *ptr = NULL;

    if (posix_memalign(&ptr, LARGE, size) != 0)
        return NULL;
    use_large_pages(ptr, size);
    return ptr;
}

static void *
libc_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    (void)ctx;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    if (ptr == NULL && new_size >= LARGE)
        return new_large(new_size);
    ptr = realloc(ptr, new_size);
    if (ptr != NULL && new_size >= LARGE)
        use_large_pages(ptr, new_size);
    return ptr;
}

const struct wcp_memory wcp_memory_libc = { libc_resize, NULL };

void
wcp_memory_tidy(const struct wcp_memory *mem)
{
#if defined(__GLIBC__)
    if (mem->resize == libc_resize)
        malloc_trim(0);
#else
    (void)mem;
#endif
}

/* False on overflow; an empty array still gets one element. */
static bool
array_size(size_t num, size_t size, size_t *total_ret)
{
    if (num == 0)
        num = 1;
    if (size > 0 && num > SIZE_MAX / 2 / size)
        return false;
    *total_ret = num * size;
    return true;
}

void *
wcp_new_array(const struct wcp_memory *mem, size_t num, size_t size)
{
    size_t total;

    if (!array_size(num, size, &total))
        return NULL;
    return mem->resize(mem->ctx, NULL, 0, total);
}

void *
wcp_new_zeroed(const struct wcp_memory *mem, size_t num, size_t size)
{
    size_t total;
    void *ptr;

    if (!array_size(num, size, &total))
        return NULL;
    ptr = mem->resize(mem->ctx, NULL, 0, total);
    if (ptr != NULL)
        memset(ptr, 0, total);
    return ptr;
}

void
wcp_free_array(const struct wcp_memory *mem, void *ptr, size_t num, size_t size)
{
    size_t total;

    if (ptr != NULL && array_size(num, size, &total))
        mem->resize(mem->ctx, ptr, total, 0);
}

void
wcp_buffer_init(struct wcp_buffer *buf, const struct wcp_memory *mem,
                size_t max)
{
    *buf = (struct wcp_buffer){ .mem = mem };
    buf->max = max > 0 && max < SIZE_MAX / 2 ? max : SIZE_MAX / 2;
}

void
wcp_buffer_release(struct wcp_buffer *buf)
{
    if (buf->cap > 0)
        buf->mem->resize(buf->mem->ctx, buf->data, buf->cap, 0);
    buf->data = NULL;
    buf->len = buf->cap = 0;
}

bool
wcp_buffer_reserve(struct wcp_buffer *buf, size_t more)
{
    size_t need, cap;
    uint8_t *data;

    if (more > buf->max || buf->len > buf->max - more)
        return false;
    need = buf->len + more;
    if (need <= buf->cap)
        return true;
    cap = buf->cap < 256 ? 256 : buf->cap;
    while (cap < need)
        cap *= 2;
    if (cap > buf->max)
        cap = buf->max;
    data = buf->mem->resize(buf->mem->ctx, buf->data, buf->cap, cap);
    if (data == NULL)
        return false;
    buf->data = data;
    buf->cap = cap;
    return true;
}

void
wcp_buffer_cut(struct wcp_buffer *buf)
{
    uint8_t *data;

    if (buf->len == 0) {
        wcp_buffer_release(buf);
        return;
    }
    data = buf->mem->resize(buf->mem->ctx, buf->data, buf->cap, buf->len);
    if (data == NULL)
        return;
    buf->data = data;
    buf->cap = buf->len;
}

bool
wcp_buffer_append(struct wcp_buffer *buf, const void *data, size_t len)
{
    if (!wcp_buffer_reserve(buf, len))
        return false;
    if (len > 0)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    return true;
}

bool
wcp_array_reserve_raw(const struct wcp_memory *mem, void **at, size_t *cap,
                      size_t need, size_t size)
{
    size_t new_cap, new_size, old_size = *cap * size;
    void *ptr;

    if (need <= *cap)
        return true;
    new_cap = *cap < 16 ? 16 : *cap + *cap / 2;
    if (new_cap < need)
        new_cap = need;
    if (!array_size(new_cap, size, &new_size))
        return false;
    ptr = mem->resize(mem->ctx, *at, old_size, new_size);
    if (ptr == NULL)
        return false;
    *at = ptr;
    *cap = new_cap;
    return true;
}
