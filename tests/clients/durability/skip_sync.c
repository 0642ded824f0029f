/*
 * Leaves one sync out: a library to preload before powerloss.so, so that a test can show that the loss of power is
 * noticed when a sync is missing.
 *
 *   GARRISON_SKIP_SYNC='.../records.db-wal'   fsync and fdatasync of paths that match this pattern do nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int skipped(int fd) {
    const char *pattern = getenv("GARRISON_SKIP_SYNC");
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (!pattern || n < 0) return 0;
    path[n] = 0;
    return fnmatch(pattern, path, 0) == 0;
}

int fsync(int fd) {
    return skipped(fd) ? 0 : ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
    return skipped(fd) ? 0 : ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
