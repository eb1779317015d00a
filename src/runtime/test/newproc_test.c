/* newproc_test.c: what contig_go writes for a new goroutine, word by word.
 *
 * proofs/assembly/sequences/new_goroutine.toml begins from these words. */
#include "src/runtime/runtime.h"
#include "src/testing/expect.h"

static uint64_t stack_word(const struct g *g, uint64_t below_hi)
{
    return contig_sched.arena[(g->stack.hi - below_hi - arena_base) / 8];
}

/* LIFE-8, SWITCH-6 */
int main(void)
{
    const uint64_t context = 0x123456789abcdef0;
    struct contig_options options = {.arena_bytes = 1 << 20};
    uint64_t id = 0;
    EXPECT(contig_start(&options, NULL) == CONTIG_OK);
    EXPECT(contig_go(contig_goexit, context, &id) == CONTIG_OK);
    const struct g *g = contig_g_by_id(id);
    EXPECT(g->stack.hi % 16 == 0);
    EXPECT(g->stack.sched.sp == g->stack.hi - 48 && g->stack.sched.bp == g->stack.hi - 48);
    EXPECT(g->stack.sched.pc == (uint64_t)(uintptr_t)contig_gostart_resume);
    EXPECT(g->stack.sched.ctxt == context && g->ret == (uint64_t)(uintptr_t)contig_goexit);
    EXPECT(g->mxcsr == 0x1f80 && g->fpu_control == 0x37f);
    EXPECT(g->stackguard == g->stack.lo + STACK_GUARD_BYTES);
    EXPECT(stack_word(g, 40) == (uint64_t)(uintptr_t)contig_goexit_return);
    EXPECT(stack_word(g, 48) == 0 && stack_word(g, 32) == 0 && stack_word(g, 24) == 0 &&
           stack_word(g, 16) == 0 && stack_word(g, 8) == 0);
    EXPECT(contig_stop() == CONTIG_OK);
    return 0;
}
