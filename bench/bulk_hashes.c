/*
 * bulk_hashes.c - which of the compiled XXH3 this machine can run
 */
#include "bench.h"

uint64_t bench_bulk_base(const void *data, size_t len);

#if defined(__x86_64__)
uint64_t bench_bulk_avx2(const void *data, size_t len);
uint64_t bench_bulk_avx512(const void *data, size_t len);

static const struct bench_bulk avx512 = { "AVX-512", bench_bulk_avx512 };
static const struct bench_bulk avx2 = { "AVX2", bench_bulk_avx2 };
static const struct bench_bulk base = { "SSE2", bench_bulk_base };
#elif defined(__aarch64__)
static const struct bench_bulk base = { "NEON", bench_bulk_base };
#else
static const struct bench_bulk base = { "scalar", bench_bulk_base };
#endif

const struct bench_bulk *
bench_bulk_at(size_t i)
{
    const struct bench_bulk *all[3];
    size_t num = 0;

#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        all[num++] = &avx512;
    if (__builtin_cpu_supports("avx2"))
        all[num++] = &avx2;
#endif
    all[num++] = &base;
    return i < num ? all[i] : NULL;
}
