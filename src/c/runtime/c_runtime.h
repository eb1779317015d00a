/* c_runtime.h: what the files of src/c/runtime share: a goroutine that runs C, and side stacks.
 *
 * All functions here run on the system stack. */
#ifndef CONTIG_C_RUNTIME_C_RUNTIME_H
#define CONTIG_C_RUNTIME_C_RUNTIME_H

#include "src/c/arch/x86_64/c_layout.h"
#include "src/c/contig_c.h"
#include "src/c/scopes.h"
#include "src/core/move/site_table.h"
#include "src/runtime/runtime.h"

/* What g->c points to: a goroutine that runs C.  One for each side stack; free ones are in a list. */
struct c_goroutine {
    void (*function)(void *);
    void *argument;
    uint64_t side_top;
    uint64_t reserve_bytes;
    struct c_registers
        *saved;        /* on the side stack, while the goroutine is preempted in a prologue */
    uint64_t side_low; /* the lowest byte above the guard */
    uint64_t maximum_stack_bytes;
    void *local;
    enum contig_error *ended;
    struct c_goroutine *next_free;
    uint64_t high_water_bytes;
    uint64_t copied_bytes;
    uint64_t growths;
    struct c_scopes scopes;
};

/* All that a prologue's caller may have in registers; see arch/x86_64/morestack.S. */
struct c_registers {
    uint64_t xmm[16];
    uint64_t arguments[7];
    uint64_t kept[6];
    uint64_t frame_bytes;
    uint64_t side;
    uint64_t unused;
};

/* clang's pointer of the side stack that is in use, and the system stack's while a goroutine's is. */
extern _Thread_local uint64_t __safestack_unsafe_stack_ptr;
extern _Thread_local uint64_t contig_c_system_side;

/* side.c */
struct c_goroutine *contig_c_side_take(void); /* NULL: there is none left */
void contig_c_side_give(struct c_goroutine *c);
bool contig_c_side_intact(const struct c_goroutine *c); /* false: it has overflowed */
/* The side stack whose guard has this address, or NULL. */
struct c_goroutine *contig_c_side_of_guard(uint64_t address);
/* fault.c */
void contig_c_faults_start(void);
void contig_c_end_overflowed(void); /* the running goroutine's side stack is too short */

/* go.c */
void contig_c_go_on_forced(struct g *g);
/* A number, and a type that no variable has. */
struct c_for_gdb {
    uint32_t slab_count;
    enum g_status status;
};
extern const struct c_for_gdb contig_c_for_gdb;
extern uint64_t contig_c_forced_guard; /* 0: moves are not forced */

/* defaults.c: what contig_c_set_defaults said of the function, or all 0 */
const struct contig_c_options *contig_c_defaults(void (*function)(void *));

/* growths.c: by function */
void contig_c_count_growth(uint64_t pc, uint64_t copied_bytes);

/* adapters */
void contig_c_entry(void);
extern const char contig_c_resume[];

#endif
