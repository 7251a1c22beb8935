/* A disk that refuses: loaded before the C library, it lets the first writes through and fails from the n-th on.
 *
 * fail_from(n, error, once): of the calls that follow which write, force to the disk, rename or link, the n-th gives
 * `error` (and, unless `once`, every later one too). n = 0 lets all through. calls() says how many there were. Only
 * regular files and folders count: pipes and sockets work on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long count, from;
static int error_given, only_once;

void fail_from(long n, int error, int once) { count = 0; error_given = error; only_once = once; from = n; }
long calls(void) { return count; }

static int refused(void) {
    long now = ++count;
    return from && (only_once ? now == from : now >= from);
}

static int on_disk(int fd) {
    struct stat known;
    return fstat(fd, &known) == 0 && (S_ISREG(known.st_mode) || S_ISDIR(known.st_mode));
}

#define GIVE(name, ...) static typeof(name) *real; if (!real) real = dlsym(RTLD_NEXT, #name); return real(__VA_ARGS__)
#define REFUSE do { errno = error_given; return -1; } while (0)

ssize_t write(int fd, const void *data, size_t size) { if (on_disk(fd) && refused()) REFUSE; GIVE(write, fd, data, size); }
ssize_t pwrite(int fd, const void *d, size_t n, off_t at) { if (on_disk(fd) && refused()) REFUSE; GIVE(pwrite, fd, d, n, at); }
ssize_t pwrite64(int fd, const void *d, size_t n, off64_t at) { if (on_disk(fd) && refused()) REFUSE; GIVE(pwrite64, fd, d, n, at); }
ssize_t writev(int fd, const struct iovec *v, int n) { if (on_disk(fd) && refused()) REFUSE; GIVE(writev, fd, v, n); }
int fsync(int fd) { if (on_disk(fd) && refused()) REFUSE; GIVE(fsync, fd); }
int fdatasync(int fd) { if (on_disk(fd) && refused()) REFUSE; GIVE(fdatasync, fd); }
int rename(const char *a, const char *b) { if (refused()) REFUSE; GIVE(rename, a, b); }
int link(const char *a, const char *b) { if (refused()) REFUSE; GIVE(link, a, b); }
int mkdir(const char *a, mode_t mode) { if (refused()) REFUSE; GIVE(mkdir, a, mode); }
