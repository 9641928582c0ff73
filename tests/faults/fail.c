/*
 * fail.c - preloaded into the program: lets one of its calls fail
 *
 *     FAIL_CALL    read, write, fsync, close, rename, unlink, open, link,
 * malloc or thread; the calls that do the same count as one kind FAIL_AT which
 * of these calls, from 1; 0: none, they are counted FAIL_ERRNO   with this
 * error; 0: not at all, but it moves one byte FAIL_KILL    if set, the program
 * is killed there instead FAIL_STAYS   if set, all later ones fail as well, as
 * on a full disk FAIL_REPORT  a file for the number of calls that were seen
 *
 * What stdio writes does not pass through write() as others see it.  So the
 * streams are replaced by ones whose bytes do.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t num, size_t size);
extern void *__libc_realloc(void *ptr, size_t size);
extern void *__libc_memalign(size_t align, size_t size);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
                      int (*init)(int, char **, char **), void (*fini)(void),
                      void (*linker_fini)(void), void *stack_end);

static const char *kind = "";
static unsigned long fail_at;
static int fail_errno;
static bool stays, kills;
static atomic_ulong num_calls;
static atomic_bool ready;

/* Whether this call is the one; then errno is set. */
static bool
fails(const char *call)
{
    unsigned long number;

    if (!atomic_load(&ready) || strcmp(call, kind) != 0)
        return false;
    number = atomic_fetch_add(&num_calls, 1) + 1;
    if (fail_at == 0 || (stays ? number < fail_at : number != fail_at))
        return false;
    if (kills)
        kill(getpid(), SIGKILL);
    if (fail_errno != 0)
        errno = fail_errno;
    return true;
}

/* ---- moving bytes; 64-bit offsets everywhere ---- */

static ssize_t
move(const char *call, long number, int fd, void *data, size_t len)
{
    if (fails(call)) {
        if (fail_errno != 0)
            return -1;
        len = len > 0;
    }
    return syscall(number, fd, data, len);
}

static ssize_t
move_at(const char *call, long number, int fd, void *data, size_t len,
        off_t offset)
{
    if (fails(call)) {
        if (fail_errno != 0)
            return -1;
        len = len > 0;
    }
    return syscall(number, fd, data, len, offset);
}

static void *
writable(const void *data)
{
    union {
        const void *from;
        void *to;
    } both = { .from = data };

    return both.to;
}

ssize_t
read(int fd, void *data, size_t len)
{
    return move("read", SYS_read, fd, data, len);
}

ssize_t
write(int fd, const void *data, size_t len)
{
    return move("write", SYS_write, fd, writable(data), len);
}

ssize_t
pread(int fd, void *data, size_t len, off_t offset)
{
    return move_at("read", SYS_pread64, fd, data, len, offset);
}

ssize_t
pread64(int fd, void *data, size_t len, off_t offset)
{
    return move_at("read", SYS_pread64, fd, data, len, offset);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t offset)
{
    return move_at("write", SYS_pwrite64, fd, writable(data), len, offset);
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off_t offset)
{
    return move_at("write", SYS_pwrite64, fd, writable(data), len, offset);
}

/* ---- names and descriptors ---- */

int
fsync(int fd)
{
    return fails("fsync") ? -1 : (int)syscall(SYS_fsync, fd);
}

/* A close that fails has closed all the same. */
int
close(int fd)
{
    int done = (int)syscall(SYS_close, fd);

    return fails("close") ? -1 : done;
}

int
rename(const char *from, const char *to)
{
    if (fails("rename"))
        return -1;
    return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    if (fails("rename"))
        return -1;
    return (int)syscall(SYS_renameat, from_dir, from, to_dir, to);
}

int
unlinkat(int dir, const char *path, int flags)
{
    return fails("unlink") ? -1 : (int)syscall(SYS_unlinkat, dir, path, flags);
}

int
link(const char *from, const char *to)
{
    if (fails("link"))
        return -1;
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static int
open_mode(const char *path, int flags, va_list args)
{
    int mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, int) : 0;

    if (fails("open"))
        return -1;
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int
open(const char *path, int flags, ...)
{
    va_list args;
    int fd;

    va_start(args, flags);
    fd = open_mode(path, flags, args);
    va_end(args);
    return fd;
}

int
open64(const char *path, int flags, ...)
{
    va_list args;
    int fd;

    va_start(args, flags);
    fd = open_mode(path, flags | O_LARGEFILE, args);
    va_end(args);
    return fd;
}

static void *
next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

int
mkostemp(char *path, int flags)
{
    int (*real)(char *, int);

    *(void **)&real = next("mkostemp");
    return fails("open") ? -1 : real(path, flags);
}

int
mkostemp64(char *path, int flags)
{
    return mkostemp(path, flags);
}

DIR *
opendir(const char *path)
{
    DIR *(*real)(const char *);

    *(void **)&real = next("opendir");
    return fails("open") ? NULL : real(path);
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attr,
               void *(*start)(void *), void *arg)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

    *(void **)&real = next("pthread_create");
    return fails("thread") ? EAGAIN : real(thread, attr, start, arg);
}

/* ---- memory ----
 *
 * libarchive 3.6 does not survive every allocation that fails; its own are
 * left alone. */

static bool
malloc_fails(const void *caller)
{
    Dl_info info;

    if (!atomic_load(&ready) || strcmp("malloc", kind) != 0)
        return false;
    if (dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
        strstr(info.dli_fname, "libarchive") != NULL)
        return false;
    return fails("malloc");
}

#define MALLOC_FAILS malloc_fails(__builtin_return_address(0))

void *
malloc(size_t size)
{
    return MALLOC_FAILS ? NULL : __libc_malloc(size);
}

void *
calloc(size_t num, size_t size)
{
    return MALLOC_FAILS ? NULL : __libc_calloc(num, size);
}

void *
realloc(void *ptr, size_t size)
{
    return MALLOC_FAILS ? NULL : __libc_realloc(ptr, size);
}

void *
aligned_alloc(size_t align, size_t size)
{
    return MALLOC_FAILS ? NULL : __libc_memalign(align, size);
}

int
posix_memalign(void **ptr_ret, size_t align, size_t size)
{
    void *ptr = MALLOC_FAILS ? NULL : __libc_memalign(align, size);

    if (ptr == NULL)
        return ENOMEM;
    *ptr_ret = ptr;
    return 0;
}

/* ---- stdio ---- */

static int
cookie_fd(void *cookie)
{
    return (int)(intptr_t)cookie;
}

static ssize_t
cookie_read(void *cookie, char *data, size_t len)
{
    return read(cookie_fd(cookie), data, len);
}

/* As glibc's own: all of it, or an error. */
static ssize_t
cookie_write(void *cookie, const char *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t put = write(cookie_fd(cookie), data + done, len - done);

        if (put <= 0)
            break;
        done += (size_t)put;
    }
    return (ssize_t)done;
}

static int
cookie_close(void *cookie)
{
    return close(cookie_fd(cookie));
}

FILE *
fdopen(int fd, const char *mode)
{
    const cookie_io_functions_t functions = { .read = cookie_read,
                                              .write = cookie_write,
                                              .close = cookie_close };

    return fopencookie((void *)(intptr_t)fd, mode, functions);
}

/* ---- start and end ---- */

__attribute__((constructor)) static void
prepare(void)
{
    const char *value;

    if ((value = getenv("FAIL_CALL")) == NULL)
        return;
    kind = value;
    if ((value = getenv("FAIL_AT")) != NULL)
        fail_at = strtoul(value, NULL, 10);
    if ((value = getenv("FAIL_ERRNO")) != NULL)
        fail_errno = atoi(value);
    stays = getenv("FAIL_STAYS") != NULL;
    kills = getenv("FAIL_KILL") != NULL;
    stdout = fdopen(STDOUT_FILENO, "w");
}

static int (*real_main)(int, char **, char **);

/* Calls count from main() on: what has no memory before is not the program's
 * to say. */
static int
counted_main(int argc, char **argv, char **env)
{
    atomic_store(&ready, true);
    return real_main(argc, argv, env);
}

int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
                  int (*init)(int, char **, char **), void (*fini)(void),
                  void (*linker_fini)(void), void *stack_end)
{
    int (*real)(int (*)(int, char **, char **), int, char **,
                int (*)(int, char **, char **), void (*)(void), void (*)(void),
                void *);

    *(void **)&real = next("__libc_start_main");
    real_main = main;
    return real(counted_main, argc, argv, init, fini, linker_fini, stack_end);
}

__attribute__((destructor)) static void
report(void)
{
    const char *path = getenv("FAIL_REPORT");
    char text[32];
    int fd, len;

    if (path == NULL)
        return;
    fflush(stdout); /* while it still counts */
    atomic_store(&ready, false);
    len = snprintf(text, sizeof text, "%lu\n", atomic_load(&num_calls));
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC,
                      0600);
    if (fd >= 0 && syscall(SYS_write, fd, text, len) != len)
        abort();
}
