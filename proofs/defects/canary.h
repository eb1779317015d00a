/* canary.h: what a planted defect says of itself: that it was reached, and that it did something wrong.
 *
 * BUG(wrong) stands only in the patches of this folder that fuzzing must notice.  $CONTIG_CANARY names a file of two
 * bytes that the runner looks at afterwards: whether a defect that was not found was ever there to be found. */
#ifndef CONTIG_PROOFS_DEFECTS_CANARY_H
#define CONTIG_PROOFS_DEFECTS_CANARY_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

static unsigned char bug_nowhere[2];
static volatile unsigned char *bug_canary = bug_nowhere;

__attribute__((constructor)) static void bug_canary_open(void)
{
    const char *name = getenv("CONTIG_CANARY");
    int file = name == NULL ? -1 : open(name, O_RDWR);
    void *mapping =
        file < 0 ? MAP_FAILED : mmap(NULL, 2, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapping != MAP_FAILED)
        bug_canary = mapping;
}

#define BUG(wrong) (bug_canary[0] = 1, (wrong) ? (void)(bug_canary[1] = 1) : (void)0)

#endif
