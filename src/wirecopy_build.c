/*
 * wirecopy_build.c - the public API: what the library is made of
 *
 * Versions that can change without a new build are asked of the library that
 * is there now; the others are those it was compiled with.
 */
#include "wirecopy_internal.h"

#include "sketch/kernels.h"

#include <iconv.h>
#include <string.h>
#include <xxhash.h>

#if defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif
#ifdef WCP_HAVE_LIBARCHIVE
#include <archive.h>
#endif
#ifdef WCP_HAVE_LIBCSV
#include <csv.h>
#endif
#ifdef WCP_HAVE_ZLIB
#include <zlib.h>
#endif

#define TEXT(x) #x
#define TEXT_OF(x) TEXT(x)
#define DOTTED(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)

/* Two libraries do not say it in a header that C can read: CMake does. */
#ifndef WCP_SIMDJSON_VERSION
#define WCP_SIMDJSON_VERSION "of unknown version"
#endif
#ifndef WCP_UCHARDET_VERSION
#define WCP_UCHARDET_VERSION "of unknown version"
#endif

static const char *
compiler(void)
{
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown";
#endif
}

static const char *
iconv_name(void)
{
#if defined(_LIBICONV_VERSION)
    return "libiconv";
#elif defined(__GLIBC__)
    return "glibc";
#else
    return "the C library's";
#endif
}

static const char *
iconv_version(void)
{
#if defined(_LIBICONV_VERSION)
    return TEXT_OF(_LIBICONV_VERSION);
#elif defined(__GLIBC__)
    return gnu_get_libc_version();
#else
    return NULL;
#endif
}

static const char *
libarchive_version(void)
{
#ifdef WCP_HAVE_LIBARCHIVE
    const char *text = archive_version_string(), *blank = strchr(text, ' ');

    return blank != NULL ? blank + 1 : text;
#else
    return NULL;
#endif
}

const char *
wcp_build_info(enum wcp_build_part part)
{
    switch (part) {
    case WCP_BUILD_VERSION:
        return WCP_VERSION;
    case WCP_BUILD_SIGNATURES:
        return TEXT_OF(WCP_SIGNATURE_VERSION);
    case WCP_BUILD_KERNELS:
        return wcp_kernels_best()->name;
    case WCP_BUILD_COMPILER:
        return compiler();
    case WCP_BUILD_ICONV:
        return iconv_name();
    case WCP_BUILD_ICONV_VERSION:
        return iconv_version();
    case WCP_BUILD_XXHASH:
        return DOTTED(XXH_VERSION_MAJOR, XXH_VERSION_MINOR,
                      XXH_VERSION_RELEASE);
    case WCP_BUILD_SIMDJSON:
        return WCP_SIMDJSON_VERSION;
    case WCP_BUILD_LIBARCHIVE:
        return libarchive_version();
    case WCP_BUILD_UCHARDET:
#ifdef WCP_HAVE_UCHARDET
        return WCP_UCHARDET_VERSION;
#else
        return NULL;
#endif
    case WCP_BUILD_LIBCSV:
#ifdef WCP_HAVE_LIBCSV
        return DOTTED(CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
#else
        return NULL;
#endif
    case WCP_BUILD_ZLIB:
#ifdef WCP_HAVE_ZLIB
        return zlibVersion();
#else
        return NULL;
#endif
    }
    return NULL;
}
