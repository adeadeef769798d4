/* Loaded before libc: writes to what begins with $FAILING fail with error number $FAILING_WITH, as on a broken disk.
 *
 * Reads go on, as does all that lies elsewhere. $FAILING_AT: only `fsync`, or only `rename` into the place; empty: what
 * writes or forces data. $FAILING_WHEN: only from the moment that this path is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int fails(const char *path, const char *at) {
    const char *place = getenv("FAILING"), *only = getenv("FAILING_AT"), *when = getenv("FAILING_WHEN");
    if (!place || strncmp(path, place, strlen(place)) || (when && access(when, F_OK)))
        return 0;
    if (only && *only ? strcmp(only, at) : !strcmp(at, "rename"))
        return 0;
    errno = atoi(getenv("FAILING_WITH"));
    return 1;
}

static int broken(int descriptor, const char *at) {
    char link[64], path[4096];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    if (length >= 0 && fails(path, at))
        return 1;
    errno = before;
    return 0;
}

ssize_t write(int fd, const void *from, size_t size) {
    return broken(fd, "write") ? -1 : REAL(write)(fd, from, size);
}
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) {
    return broken(fd, "write") ? -1 : REAL(pwrite)(fd, from, size, at);
}
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) {
    return broken(fd, "write") ? -1 : REAL(pwrite64)(fd, from, size, at);
}
int ftruncate(int fd, off_t size) { return broken(fd, "write") ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return broken(fd, "write") ? -1 : REAL(ftruncate64)(fd, size); }
int fsync(int fd) { return broken(fd, "fsync") ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return broken(fd, "fsync") ? -1 : REAL(fdatasync)(fd); }
int rename(const char *from, const char *to) { return fails(to, "rename") ? -1 : REAL(rename)(from, to); }
