/* no_guards.c: a system that does not know MADV_GUARD_INSTALL, as before Linux 6.13. */
#define _DEFAULT_SOURCE /* syscall */
#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

int madvise(void *address, size_t bytes, int advice)
{
    if (advice == 102) {
        errno = EINVAL;
        return -1;
    }
    return (int)syscall(SYS_madvise, address, bytes, advice);
}
