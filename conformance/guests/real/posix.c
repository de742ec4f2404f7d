/* What Debian's wasi-libc lacks and the programs call: a component has no owners and no modes of
 * files, so these succeed and do nothing, as on a file system without either. */
#include <sys/stat.h>
#include <unistd.h>

int chmod(const char *path, mode_t mode)
{
    (void)path, (void)mode;
    return 0;
}

int fchmod(int file, mode_t mode)
{
    (void)file, (void)mode;
    return 0;
}

int chown(const char *path, uid_t owner, gid_t group)
{
    (void)path, (void)owner, (void)group;
    return 0;
}

int fchown(int file, uid_t owner, gid_t group)
{
    (void)file, (void)owner, (void)group;
    return 0;
}
