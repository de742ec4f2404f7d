/* command: a WASI 0.2 command that does what programs do.
 *
 *   command [--exit N] [--trap] [--mb N] [--loop SECONDS|forever] [DIR]
 *
 * Reports its arguments, environment, both clocks and some random bytes. If DIR
 * is given: lists it, checksums every file in it, writes DIR/out.bin (N MiB, 2
 * unless told) in pieces and reads it again, makes, renames and removes a few
 * things. Then copies standard input to standard output and says on standard
 * error how much that was. Ends with status 0, with N (--exit) or in a trap
 * (--trap), after all the rest was done.
 *
 * --loop keeps calling the host instead: clocks, random, and reads and writes
 * of DIR/loop.bin, until the time is over or it is killed. It leaves standard
 * input alone.
 *
 * What it prints and writes depends on what the host told it: the content of
 * out.bin is generated from the host's random bytes. A replay that hands over
 * one wrong byte therefore shows. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#ifndef COMMAND_PIECE  // command-changed, a changed program for the same trace, sets another
#define COMMAND_PIECE (64 * 1024)
#endif
enum { PIECE = COMMAND_PIECE, LOOP_PIECE = 4096, LOOP_FILE = 1 << 20 };

static uint8_t buffer[PIECE];

static _Noreturn void fail(const char *what, const char *on)
{
    fprintf(stderr, "command: %s %s: %s\n", what, on, strerror(errno));
    exit(1);
}

/* FNV-1a, 64 bits. */
#define CHECKSUM_START UINT64_C(0xcbf29ce484222325)

static uint64_t checksum(uint64_t sum, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ bytes[i]) * UINT64_C(0x100000001b3);
    return sum;
}

/* xorshift64*; its state is never zero. */
static void generate(uint64_t *state, uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        uint64_t x = *state;
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        *state = x;
        x *= UINT64_C(0x2545f4914f6cdd1d);
        memcpy(bytes + i, &x, size - i < 8 ? size - i : 8);
    }
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        fail("clock_gettime", "");
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void write_all(int fd, const uint8_t *bytes, size_t size, const char *name)
{
    while (size > 0) {
        ssize_t n = write(fd, bytes, size);
        if (n < 0)
            fail("write", name);
        bytes += n;
        size -= (size_t)n;
    }
}

/* Reads until `size` bytes are there or the file ends. */
static size_t read_up_to(int fd, uint8_t *bytes, size_t size, const char *name)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = read(fd, bytes + got, size - got);
        if (n < 0)
            fail("read", name);
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return got;
}

static char *join(const char *dir, const char *name)
{
    size_t size = strlen(dir) + strlen(name) + 2;
    char *path = malloc(size);
    if (!path)
        fail("malloc", name);
    snprintf(path, size, "%s/%s", dir, name);
    return path;
}

static uint64_t checksum_file(const char *path, uint64_t *size)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        fail("open", path);
    uint64_t sum = CHECKSUM_START;
    *size = 0;
    for (;;) {
        size_t n = read_up_to(fd, buffer, sizeof buffer, path);
        if (n == 0)
            break;
        sum = checksum(sum, buffer, n);
        *size += n;
    }
    close(fd);
    return sum;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in `dir` without "." and "..", sorted here: the order in which
 * readdir gives them is the host's. */
static char **list(const char *dir, size_t *count)
{
    DIR *d = opendir(dir);
    if (!d)
        fail("opendir", dir);
    char **names = NULL;
    size_t capacity = 0;
    *count = 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (*count == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            names = realloc(names, capacity * sizeof *names);
            if (!names)
                fail("realloc", dir);
        }
        names[(*count)++] = strdup(e->d_name);
    }
    closedir(d);
    if (*count)
        qsort(names, *count, sizeof *names, by_name);
    return names;
}

static void report_start(int argc, char **argv)
{
    printf("arguments %d\n", argc - 1);
    for (int i = 1; i < argc; i++)
        printf("  %s\n", argv[i]);

    size_t variables = 0;
    while (environ[variables])
        variables++;
    printf("environment %zu\n", variables);
    for (size_t i = 0; i < variables; i++)
        printf("  %s\n", environ[i]);
    char cwd[256];
    printf("directory %s\n", getcwd(cwd, sizeof cwd) ? cwd : "-");

    printf("wall %llu\n", (unsigned long long)clock_ns(CLOCK_REALTIME));
    printf("monotonic %llu\n", (unsigned long long)clock_ns(CLOCK_MONOTONIC));
}

static void report_directory(const char *dir)
{
    size_t count;
    char **names = list(dir, &count);
    printf("files %zu\n", count);
    for (size_t i = 0; i < count; i++) {
        char *path = join(dir, names[i]);
        struct stat s;
        if (lstat(path, &s) != 0)
            fail("lstat", path);
        if (S_ISREG(s.st_mode)) {
            uint64_t size, sum = checksum_file(path, &size);
            printf("  %s %llu %016llx\n", names[i], (unsigned long long)size, (unsigned long long)sum);
        } else {
            printf("  %s %s\n", names[i], S_ISDIR(s.st_mode) ? "directory" : "other");
        }
        free(path);
        free(names[i]);
    }
    free(names);
}

/* Writes out.bin in pieces, reads it again from the start and from the middle. */
static void write_and_read(const char *dir, size_t mb, uint64_t seed)
{
    char *path = join(dir, "out.bin");
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0)
        fail("open", path);
    uint64_t written = CHECKSUM_START, read_back = CHECKSUM_START;
    size_t pieces = mb * ((1 << 20) / PIECE);
    for (size_t i = 0; i < pieces; i++) {
        generate(&seed, buffer, PIECE);
        written = checksum(written, buffer, PIECE);
        write_all(fd, buffer, PIECE, path);
    }
    if (lseek(fd, 0, SEEK_SET) != 0)
        fail("lseek", path);
    for (size_t i = 0; i < pieces; i++) {
        if (read_up_to(fd, buffer, PIECE, path) != PIECE)
            fail("short read", path);
        read_back = checksum(read_back, buffer, PIECE);
    }
    uint8_t middle[16] = {0};
    if (pread(fd, middle, sizeof middle, (off_t)(mb << 19)) < 0)
        fail("pread", path);
    close(fd);
    printf("out.bin %zu MiB %016llx %s, middle %016llx\n", mb, (unsigned long long)written,
           written == read_back ? "equal" : "DIFFERENT",
           (unsigned long long)checksum(CHECKSUM_START, middle, sizeof middle));
    free(path);
    if (written != read_back)
        exit(1);
}

/* Directory operations, and two that the host must refuse. */
static void change_directory(const char *dir)
{
    char *sub = join(dir, "command.tmp"), *a = join(sub, "a"), *b = join(sub, "b");
    if (mkdir(sub, 0755) != 0)
        fail("mkdir", sub);
    int fd = open(a, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (fd < 0)
        fail("open", a);
    write_all(fd, (const uint8_t *)"twelve bytes", 12, a);
    close(fd);
    if (rename(a, b) != 0)
        fail("rename", a);
    struct stat s;
    if (stat(b, &s) != 0)
        fail("stat", b);
    int full = rmdir(sub) == 0 ? 0 : errno;
    int missing = open(a, O_RDONLY) >= 0 ? 0 : errno;
    if (unlink(b) != 0)
        fail("unlink", b);
    if (rmdir(sub) != 0)
        fail("rmdir", sub);
    printf("renamed %lld bytes, refused: %s, %s\n", (long long)s.st_size, strerror(full), strerror(missing));
    free(sub);
    free(a);
    free(b);
}

static void copy_input(void)
{
    uint64_t sum = CHECKSUM_START, size = 0;
    for (;;) {
        ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
        if (n < 0)
            fail("read", "standard input");
        if (n == 0)
            break;
        write_all(STDOUT_FILENO, buffer, (size_t)n, "standard output");
        sum = checksum(sum, buffer, (size_t)n);
        size += (uint64_t)n;
    }
    fprintf(stderr, "command: copied %llu bytes, %016llx\n", (unsigned long long)size, (unsigned long long)sum);
}

/* seconds < 0: for ever. */
static void loop(const char *dir, double seconds, uint64_t seed)
{
    char *path = join(dir, "loop.bin");
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (fd < 0)
        fail("open", path);
    uint64_t start = clock_ns(CLOCK_MONOTONIC), now = start, turns = 0, said = 0;
    static uint8_t back[LOOP_PIECE];
    while (seconds < 0 || (double)(now - start) < seconds * 1e9) {
        off_t at = (off_t)(turns * LOOP_PIECE % LOOP_FILE);
        uint8_t salt[16];
        if (getentropy(salt, sizeof salt) != 0)
            fail("getentropy", "");
        generate(&seed, buffer, LOOP_PIECE);
        memcpy(buffer, salt, sizeof salt);
        if (pwrite(fd, buffer, LOOP_PIECE, at) != LOOP_PIECE)
            fail("pwrite", path);
        if (pread(fd, back, LOOP_PIECE, at) != LOOP_PIECE)
            fail("pread", path);
        if (memcmp(buffer, back, LOOP_PIECE) != 0) {
            fprintf(stderr, "command: loop.bin came back different\n");
            exit(1);
        }
        turns++;
        now = clock_ns(CLOCK_MONOTONIC);
        if ((now - start) / 1000000000u >= said) {
            said = (now - start) / 1000000000u + 1;
            fprintf(stderr, "command: %llu turns\n", (unsigned long long)turns);
        }
    }
    close(fd);
    printf("loop %llu turns\n", (unsigned long long)turns);
    free(path);
}

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: command [--exit N] [--trap] [--mb N] [--loop SECONDS|forever] [DIR]\n");
    exit(2);
}

int main(int argc, char **argv)
{
    int status = 0;
    bool trap = false, looping = false;
    double seconds = 0;
    size_t mb = 2;
    const char *dir = NULL;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (strcmp(argv[i], "--trap") == 0) {
            trap = true;
        } else if (strcmp(argv[i], "--exit") == 0 && value) {
            status = atoi(value), i++;
        } else if (strcmp(argv[i], "--mb") == 0 && value) {
            mb = strtoul(value, NULL, 10), i++;
        } else if (strcmp(argv[i], "--loop") == 0 && value) {
            looping = true, i++;
            seconds = strcmp(value, "forever") == 0 ? -1 : strtod(value, NULL);
        } else if (argv[i][0] != '-' && !dir) {
            dir = argv[i];
        } else {
            usage();
        }
    }
    if (looping && !dir)
        usage();

    report_start(argc, argv);
    uint8_t random[32];
    if (getentropy(random, sizeof random) != 0)
        fail("getentropy", "");
    uint64_t seed = checksum(CHECKSUM_START, random, sizeof random);
    printf("random %016llx\n", (unsigned long long)seed);

    if (looping) {
        loop(dir, seconds, seed | 1);
    } else {
        if (dir) {
            report_directory(dir);
            write_and_read(dir, mb, seed | 1);
            change_directory(dir);
        }
        fflush(stdout);
        copy_input();
    }
    printf("end %d\n", status);
    fflush(stdout);
    if (trap)
        __builtin_trap();
    return status;
}
