/* platform.h: the one table of sizes, and the platform that this build is for.
 *
 * Every size of the core follows from two numbers of the platform, which Go derives from what the operating
 * system writes below a stack pointer (StackSystem).  SIZE-1..SIZE-6.  Source: Go 1.19 runtime/stack.go
 * (_FixedStack) and runtime/malloc.go (_NumStackOrders).
 *
 *   CONTIG_PLATFORM             StackSystem  fixed stack  orders  pooled sizes      stack guard
 *   CONTIG_LINUX (any Unix)               0        2 KiB       4  2, 4, 8, 16 KiB           928
 *   CONTIG_WINDOWS_64                  4096        8 KiB       2  8, 16 KiB                5024
 *   CONTIG_PLAN9                        512        4 KiB       3  4, 8, 16 KiB             1440
 */
#ifndef CONTIG_SPEC_PLATFORM_H
#define CONTIG_SPEC_PLATFORM_H

#define CONTIG_LINUX 1
#define CONTIG_WINDOWS_64 2
#define CONTIG_PLAN9 3

#ifndef CONTIG_PLATFORM
#define CONTIG_PLATFORM CONTIG_LINUX
#endif

#if CONTIG_PLATFORM == CONTIG_LINUX
#define STACK_SYSTEM_BYTES 0u
#define FIXED_STACK_BYTES 2048u
#define NUM_STACK_ORDERS 4u
#elif CONTIG_PLATFORM == CONTIG_WINDOWS_64
#define STACK_SYSTEM_BYTES 4096u
#define FIXED_STACK_BYTES 8192u
#define NUM_STACK_ORDERS 2u
#elif CONTIG_PLATFORM == CONTIG_PLAN9
#define STACK_SYSTEM_BYTES 512u
#define FIXED_STACK_BYTES 4096u
#define NUM_STACK_ORDERS 3u
#else
#error "CONTIG_PLATFORM names no row of the platform table"
#endif

/* What a chain of functions without a check may use below the guard: 800 bytes, Go 1.19. */
#define STACK_NOSPLIT_BYTES 800u

/* How much of that the runtime's own routines take at most: the return address of a function that has not passed its
 * check, and the one into its prologue.  proofs/assembly computes it from their code. */
#define STACK_SWITCH_BYTES 16u

/* A frame of up to this many bytes is compared with the guard as it stands, without a subtraction. */
#define STACK_SMALL_BYTES 128u

/* Above this size a frame could wrap around when it is subtracted from the stack pointer. */
#define STACK_BIG_BYTES 4096u

/* Where the guard stands above the low end of a stack. */
#define STACK_GUARD_BYTES (STACK_NOSPLIT_BYTES + STACK_SMALL_BYTES + STACK_SYSTEM_BYTES)

/* Size of a pool span, of a cache's capacity per order, and unit of the page heap.  A stack of this size or
 * more is a run of chunks of its own: cutting it from a span would leave no room for a second one. */
#define CHUNK_BYTES 32768u
#define STACK_CACHE_BYTES 32768u

/* 64 GiB of addresses in chunks; blocks of the page heap have 2^0 .. 2^14 chunks, so that the largest stack is
 * 512 MiB: the largest power of two under Go's limit of 1,000,000,000 bytes on 64-bit machines. */
#define NUM_CHUNKS 2097152u
#define NUM_BLOCK_ORDERS 15u

/* Processors (P): each has a stack cache of its own.  NUM_P itself stands for "no P": the global pool. */
#define NUM_P 64u

/* A span of the smallest stacks has this many slots. */
#define MAX_SPAN_SLOTS (CHUNK_BYTES / FIXED_STACK_BYTES)

#endif
