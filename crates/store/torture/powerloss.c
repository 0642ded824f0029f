/*
 * What a loss of power leaves: a library to preload into a process, which keeps beside a data folder a shadow
 * that holds only what the process has synced.
 *
 *   LD_PRELOAD=libpowerloss.so GARRISON_POWERLOSS_DIR=/data GARRISON_POWERLOSS_SHADOW=/shadow  program ...
 *
 * When the process starts, everything in the folder counts as durable. From then on
 *   - bytes and sizes of a file reach the shadow at fsync, fdatasync and msync of that file;
 *   - names of a folder (created, renamed, removed) reach it at fsync of that folder.
 * After the process is killed, the folder is replaced by what the shadow says (restore() in src/powerloss.rs).
 * Real syncs are left out: they would only make the test slow.
 *
 * Shadow: files/<id> holds a file's durable content; names holds one line per durable name, "D path" for a
 * folder and "F id path" for a file, paths relative to the data folder.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct range { off_t start, end; };

/* A file of the folder, from its creation on, whatever it is called. */
struct file {
    ino_t inode;
    unsigned id;
    struct range *dirty;
    size_t dirty_count, dirty_room;
};

/* A durable name. */
struct name { char *path; unsigned id; int is_folder; };

struct mapping { char *address; size_t length; off_t offset; unsigned id; };

static char folder[PATH_MAX], shadow[PATH_MAX];
static size_t folder_length;
static dev_t device;
static int active;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file *files;
static size_t file_count, file_room;
static struct name *names;
static size_t name_count, name_room;
static struct mapping mappings[256];
static unsigned next_id = 1;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);
static int (*real_munmap)(void *, size_t);
static int (*real_msync)(void *, size_t, int);

static void die(const char *what) {
    dprintf(2, "powerloss: %s: %s\n", what, strerror(errno));
    _exit(99);
}

static void *grow(void *list, size_t count, size_t *room, size_t size) {
    if (count < *room) return list;
    *room = *room ? *room * 2 : 16;
    list = realloc(list, *room * size);
    if (!list) die("memory");
    return list;
}

/* The path of a descriptor relative to the folder ("" for the folder itself), or NULL when it is elsewhere. */
static const char *inside(int fd, char *buffer) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, buffer, PATH_MAX - 1);
    if (n < 0) return NULL;
    buffer[n] = 0;
    if (strncmp(buffer, folder, folder_length)) return NULL;
    if (!buffer[folder_length]) return buffer + folder_length;
    return buffer[folder_length] == '/' ? buffer + folder_length + 1 : NULL;
}

static struct file *by_inode(ino_t inode) {
    for (size_t i = file_count; i-- > 0;)
        if (files[i].inode == inode) return &files[i];
    return NULL;
}

static struct file *new_file(ino_t inode) {
    struct file *file = by_inode(inode);
    if (!file) {
        files = grow(files, file_count, &file_room, sizeof *files);
        file = &files[file_count++];
        memset(file, 0, sizeof *file);
    }
    /* An inode that is used again is another file: it starts with nothing durable. */
    file->inode = inode;
    file->id = next_id++;
    file->dirty_count = 0;
    return file;
}

/* The file of a descriptor, when it is a regular file of the folder. */
static struct file *of(int fd) {
    struct stat stat;
    char buffer[PATH_MAX];
    if (!active || fstat(fd, &stat) || !S_ISREG(stat.st_mode) || stat.st_dev != device) return NULL;
    struct file *file = by_inode(stat.st_ino);
    if (file && inside(fd, buffer)) return file;
    return inside(fd, buffer) ? new_file(stat.st_ino) : NULL;
}

static void mark(struct file *file, off_t start, off_t end) {
    if (end <= start) return;
    if (file->dirty_count) {
        struct range *last = &file->dirty[file->dirty_count - 1];
        if (start <= last->end && end >= last->start) {
            if (start < last->start) last->start = start;
            if (end > last->end) last->end = end;
            return;
        }
    }
    file->dirty = grow(file->dirty, file->dirty_count, &file->dirty_room, sizeof *file->dirty);
    file->dirty[file->dirty_count++] = (struct range){start, end};
}

static void copy_range(int from, int to, off_t start, off_t end) {
    static char buffer[1 << 16];
    while (start < end) {
        size_t want = end - start < (off_t)sizeof buffer ? (size_t)(end - start) : sizeof buffer;
        ssize_t n = pread(from, buffer, want, start);
        if (n < 0) die("read");
        if (n == 0) return;
        if (real_pwrite(to, buffer, n, start) != n) die("shadow write");
        start += n;
    }
}

static int open_shadow(unsigned id) {
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/files/%u", shadow, id);
    int fd = real_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) die("shadow file");
    return fd;
}

/* Makes a file's content durable. The descriptor may be write-only, so it is read through another one. */
static void sync_content(int fd, struct file *file) {
    struct stat stat;
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int from = real_open(self, O_RDONLY | O_CLOEXEC);
    if (from < 0 || fstat(from, &stat)) die("open for reading");
    int to = open_shadow(file->id);
    if (real_ftruncate(to, stat.st_size)) die("shadow size");
    for (size_t i = 0; i < file->dirty_count; i++)
        copy_range(from, to, file->dirty[i].start,
                   file->dirty[i].end < stat.st_size ? file->dirty[i].end : stat.st_size);
    file->dirty_count = 0;
    close(to);
    close(from);
}

static void write_names(void) {
    char new[PATH_MAX + 32], path[PATH_MAX + 32];
    snprintf(new, sizeof new, "%s/names.new", shadow);
    snprintf(path, sizeof path, "%s/names", shadow);
    FILE *out = fopen(new, "we");
    if (!out) die("shadow names");
    for (size_t i = 0; i < name_count; i++)
        if (names[i].is_folder) fprintf(out, "D %s\n", names[i].path);
        else fprintf(out, "F %u %s\n", names[i].id, names[i].path);
    if (fclose(out) || rename(new, path)) die("shadow names");
}

static void add_name(const char *path, unsigned id, int is_folder) {
    names = grow(names, name_count, &name_room, sizeof *names);
    names[name_count++] = (struct name){strdup(path), id, is_folder};
}

/* Whether `path` is a direct child of the folder `parent` (both relative). */
static int is_child(const char *path, const char *parent) {
    size_t n = strlen(parent);
    if (n) {
        if (strncmp(path, parent, n) || path[n] != '/') return 0;
        path += n + 1;
    }
    return !strchr(path, '/');
}

/* Lists a folder's present names as durable; with `content`, what is in them too, all the way down. */
static void list(const char *relative, int content) {
    char path[2 * PATH_MAX], child[2 * PATH_MAX], full[3 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, relative);
    DIR *dir = opendir(path);
    if (!dir) die("folder");
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        struct stat stat;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        snprintf(child, sizeof child, "%s%s%s", relative, *relative ? "/" : "", entry->d_name);
        snprintf(full, sizeof full, "%s/%s", folder, child);
        if (lstat(full, &stat)) continue;
        if (S_ISDIR(stat.st_mode)) {
            add_name(child, 0, 1);
            if (content) list(child, 1);
        } else if (S_ISREG(stat.st_mode)) {
            struct file *file = by_inode(stat.st_ino);
            if (!file) file = new_file(stat.st_ino);
            add_name(child, file->id, 0);
            if (content) {
                int fd = real_open(full, O_RDONLY | O_CLOEXEC);
                if (fd < 0) die("open");
                mark(file, 0, stat.st_size);
                sync_content(fd, file);
                close(fd);
            }
        }
    }
    closedir(dir);
}

static void sync_names(const char *relative) {
    size_t kept = 0;
    for (size_t i = 0; i < name_count; i++)
        if (is_child(names[i].path, relative)) free(names[i].path);
        else names[kept++] = names[i];
    name_count = kept;
    list(relative, 0);
    write_names();
}

__attribute__((constructor)) static void begin(void) {
    const char *dir = getenv("GARRISON_POWERLOSS_DIR"), *to = getenv("GARRISON_POWERLOSS_SHADOW");
    real_open = dlsym(RTLD_NEXT, "open");
    real_openat = dlsym(RTLD_NEXT, "openat");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_pwritev = dlsym(RTLD_NEXT, "pwritev");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_mmap = dlsym(RTLD_NEXT, "mmap");
    real_munmap = dlsym(RTLD_NEXT, "munmap");
    real_msync = dlsym(RTLD_NEXT, "msync");
    if (!dir || !to) return;
    struct stat stat_folder;
    char path[PATH_MAX + 32];
    if (!realpath(dir, folder) || !realpath(to, shadow) || stat(folder, &stat_folder)) die("folders");
    folder_length = strlen(folder);
    device = stat_folder.st_dev;
    snprintf(path, sizeof path, "%s/files", shadow);
    if (mkdir(path, 0700) && errno != EEXIST) die("shadow folder");
    list("", 1);
    write_names();
    active = 1;
}

/* Before a file is opened for creation: whether it is there, and how long it is (-1 when absent). */
static off_t length_before(int at, const char *path, int flags) {
    struct stat stat;
    if (!active || !(flags & (O_CREAT | O_TRUNC))) return 0;
    return fstatat(at, path, &stat, 0) ? -1 : stat.st_size;
}

static int opened(int fd, int flags, off_t before) {
    int saved = errno;
    char buffer[PATH_MAX];
    struct stat stat;
    if (active && fd >= 0 && (flags & (O_CREAT | O_TRUNC)) && !fstat(fd, &stat) && S_ISREG(stat.st_mode)
        && stat.st_dev == device && inside(fd, buffer)) {
        pthread_mutex_lock(&lock);
        if (before < 0) new_file(stat.st_ino);
        else if (flags & O_TRUNC) mark(of(fd), 0, before);
        pthread_mutex_unlock(&lock);
    }
    errno = saved;
    return fd;
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    off_t before = length_before(AT_FDCWD, path, flags);
    return opened(real_open(path, flags, mode), flags, before);
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    off_t before = length_before(AT_FDCWD, path, flags);
    return opened(real_open(path, flags, mode), flags, before);
}

int openat(int at, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    off_t before = length_before(at, path, flags);
    return opened(real_openat(at, path, flags, mode), flags, before);
}

int openat64(int at, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    off_t before = length_before(at, path, flags);
    return opened(real_openat(at, path, flags, mode), flags, before);
}

int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

/* After bytes were written: only now, so that a sync at the same time cannot take them for durable. */
static ssize_t written(int fd, ssize_t n, off_t at) {
    int saved = errno;
    if (active && n > 0) {
        pthread_mutex_lock(&lock);
        struct file *file = of(fd);
        if (file) {
            if (at < 0) at = lseek(fd, 0, SEEK_CUR) - n;
            mark(file, at, at + n);
        }
        pthread_mutex_unlock(&lock);
    }
    errno = saved;
    return n;
}

ssize_t write(int fd, const void *bytes, size_t n) { return written(fd, real_write(fd, bytes, n), -1); }
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) { return written(fd, real_pwrite(fd, bytes, n, at), at); }
ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at) { return written(fd, real_pwrite(fd, bytes, n, at), at); }
ssize_t writev(int fd, const struct iovec *v, int n) { return written(fd, real_writev(fd, v, n), -1); }
ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at) { return written(fd, real_pwritev(fd, v, n, at), at); }
ssize_t pwritev64(int fd, const struct iovec *v, int n, off_t at) { return written(fd, real_pwritev(fd, v, n, at), at); }

int ftruncate(int fd, off_t length) {
    struct stat stat;
    off_t before = active && !fstat(fd, &stat) ? stat.st_size : 0;
    int result = real_ftruncate(fd, length);
    if (!result && active && before > length) {
        pthread_mutex_lock(&lock);
        struct file *file = of(fd);
        /* What is cut off and grown again is zeros, not what the shadow still has. */
        if (file) mark(file, length, before);
        pthread_mutex_unlock(&lock);
    }
    return result;
}

int ftruncate64(int fd, off_t length) { return ftruncate(fd, length); }

static int synced(int fd, int (*real)(int)) {
    struct stat stat;
    char buffer[PATH_MAX];
    const char *relative;
    if (!active || fstat(fd, &stat) || !(relative = inside(fd, buffer))) return real(fd);
    pthread_mutex_lock(&lock);
    if (S_ISDIR(stat.st_mode)) {
        sync_names(relative);
    } else {
        struct file *file = of(fd);
        if (file) sync_content(fd, file);
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    if (!real_mmap) real_mmap = dlsym(RTLD_NEXT, "mmap");
    void *at = real_mmap(address, length, protection, flags, fd, offset);
    if (active && at != MAP_FAILED && fd >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE)) {
        pthread_mutex_lock(&lock);
        struct file *file = of(fd);
        for (size_t i = 0; file && i < sizeof mappings / sizeof *mappings; i++)
            if (!mappings[i].address) {
                mappings[i] = (struct mapping){at, length, offset, file->id};
                break;
            }
        pthread_mutex_unlock(&lock);
    }
    return at;
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    return mmap(address, length, protection, flags, fd, offset);
}

int munmap(void *address, size_t length) {
    if (!real_munmap) real_munmap = dlsym(RTLD_NEXT, "munmap");
    if (active) {
        pthread_mutex_lock(&lock);
        for (size_t i = 0; i < sizeof mappings / sizeof *mappings; i++)
            if (mappings[i].address == address) mappings[i].address = NULL;
        pthread_mutex_unlock(&lock);
    }
    return real_munmap(address, length);
}

int msync(void *address, size_t length, int flags) {
    if (active) {
        pthread_mutex_lock(&lock);
        for (size_t i = 0; i < sizeof mappings / sizeof *mappings; i++) {
            struct mapping *mapping = &mappings[i];
            char *start = mapping->address;
            if (!start || !(flags & MS_SYNC)) continue;
            if ((char *)address < start || (char *)address + length > start + mapping->length) continue;
            int to = open_shadow(mapping->id);
            off_t at = mapping->offset + ((char *)address - start);
            if (real_pwrite(to, address, length, at) != (ssize_t)length) die("shadow write");
            close(to);
        }
        pthread_mutex_unlock(&lock);
    }
    return real_msync(address, length, flags);
}
