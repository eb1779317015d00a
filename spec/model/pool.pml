/* pool.pml: the pool of one order, a cache for each of two P's, and a collection that flushes them and frees spans.
 *
 * Each P allocates and frees stacks (stackalloc, stackfree) from its cache, which holds two; it fills an empty one to
 * half and empties a full one to half under the pool's lock.  A span holds two stacks; the page heap has two spans.  A
 * collection runs beside them, and a second one when both are done.  It stops one P after the other to flush it
 * (forEachP, prepareForSweep).  While it marks, it holds the address of a stack's word, as of a sudog's slot; the stack
 * may be freed meanwhile.  Go stops the world to change gcphase; nothing here needs that, and it is not modelled.
 *
 * bug REFILL_UNLOCKED breaks slot_once: stackcacherefill takes slots from the pool without its lock.
 * bug FLUSH_UNLOCKED breaks slot_once: stackcache_clear puts slots into the pool without its lock.
 * bug FLUSH_RUNNING breaks slot_once: the cache of a P is flushed while the P runs.
 * bug FREED_TWICE breaks slot_once: stackfree puts a slot into the cache and into the pool.
 * bug COUNT_LOST breaks used_kept: stackcacherefill does not count the slots that it takes.
 * bug SPANS_UNLOCKED breaks slot_there: freeStackSpans does not hold the pool's lock.
 * bug FREED_IN_CYCLE breaks span_kept: stackpoolfree gives an empty span back while a collection marks.
 * bug SPANS_FREED_EARLY breaks span_kept: freeStackSpans runs before the marking has ended.
 * bug FLUSH_LOCKS_FIRST breaks no_deadlock: who flushes holds the pool's lock while it waits for the P to stop.
 * bug UNFLUSHED breaks spans_returned: the collection does not flush the caches.
 */
#include "claims.pml"

hidden byte slot_once;      /* a slot that is put somewhere, or handed out, is nowhere else */
hidden byte slot_there;     /* the pool has a slot: there are as many as stacks may be in use */
hidden byte used_kept;      /* the span of a stack that is in use is a span of stacks */
hidden byte span_kept;      /* an address that a collection found is in a span of stacks until it has marked it */
hidden byte spans_returned; /* after a collection without a stack in use the page heap has all spans */

#define PROCESSORS 2
#define SPANS 2
#define SLOTS 4 /* two a span */
#define SPAN(slot) ((slot) / 2)
#define CAPACITY 2
#define ALLOCATIONS 2 /* of each P */
#define NONE 4

bit locked;              /* stackpool[order].item.mu */
bit is_stack[SPANS];     /* mSpanManual; else the page heap has the span */
bit listed[SLOTS];       /* in its span's manualFreeList */
byte allocated[SPANS];   /* allocCount */
bit cached[PROCESSORS * SLOTS];
bit used[SLOTS];         /* by a goroutine, which may run on either P */
bit marking;             /* gcphase, which setGCPhase stores by an xchg */
bit stop[PROCESSORS];    /* runSafePointFn, which forEachP stores by an xchg */
bit at_safe_point[PROCESSORS] = 1;
bit finished[PROCESSORS];

#define CACHED(p, slot) cached[(p) * SLOTS + (slot)]
#define CACHE_SIZE(p) (CACHED(p, 0) + CACHED(p, 1) + CACHED(p, 2) + CACHED(p, 3))
#define PLACES(slot) (listed[slot] + CACHED(0, slot) + CACHED(1, slot) + used[slot])
#define UNUSED (used[0] + used[1] + used[2] + used[3] == 0)

inline lock() {
    atomic { !locked -> locked = 1 }
}

inline unlock() {
    locked = 0
}

/* The first of a list, or none.  Which one is first does not matter. */
inline first_listed(slot) {
    d_step {
        if
        :: listed[0] -> slot = 0
        :: !listed[0] && listed[1] -> slot = 1
        :: !listed[0] && !listed[1] && listed[2] -> slot = 2
        :: !listed[0] && !listed[1] && !listed[2] && listed[3] -> slot = 3
        :: else -> slot = NONE
        fi
    }
}

inline first_cached(p, slot) {
    d_step {
        if
        :: CACHED(p, 0) -> slot = 0
        :: !CACHED(p, 0) && CACHED(p, 1) -> slot = 1
        :: !CACHED(p, 0) && !CACHED(p, 1) && CACHED(p, 2) -> slot = 2
        :: !CACHED(p, 0) && !CACHED(p, 1) && !CACHED(p, 2) && CACHED(p, 3) -> slot = 3
        :: else -> slot = NONE
        fi
    }
}

/* mheap.allocManual: one step, under the page heap's lock. */
inline alloc_span() {
    d_step {
        if
        :: !is_stack[0] -> is_stack[0] = 1; listed[0] = 1; listed[1] = 1
        :: is_stack[0] && !is_stack[1] -> is_stack[1] = 1; listed[2] = 1; listed[3] = 1
        :: else -> skip
        fi
    }
}

/* mheap.freeManual. */
inline free_span(span) {
    d_step {
        is_stack[span] = 0;
        listed[2 * span] = 0;
        listed[2 * span + 1] = 0
    }
}

/* stackpoolalloc: the lists are read and written in steps of their own. */
inline stackpoolalloc(slot) {
    first_listed(slot);
    if
    :: slot == NONE ->
       alloc_span();
       first_listed(slot)
    :: else
    fi;
    CLAIM(slot_there, slot != NONE);
    listed[slot] = 0;
#ifndef COUNT_LOST
    count = allocated[SPAN(slot)];
    allocated[SPAN(slot)] = count + 1;
    count = 0
#endif
}

inline stackpoolfree(slot) {
    CLAIM(slot_once, PLACES(slot) == 0);
    listed[slot] = 1;
    count = allocated[SPAN(slot)];
    allocated[SPAN(slot)] = count - (count > 0);
    count = 0;
    if
#ifdef FREED_IN_CYCLE
    :: allocated[SPAN(slot)] == 0 -> free_span(SPAN(slot))
#else
    :: !marking && allocated[SPAN(slot)] == 0 -> free_span(SPAN(slot))
#endif
    :: else
    fi
}

/* From the cache to the pool, until `left` are left: stackcacherelease, stackcache_clear. */
inline release(p, left) {
    do
    :: CACHE_SIZE(p) > left ->
       first_cached(p, slot);
       CACHED(p, slot) = 0;
       stackpoolfree(slot)
    :: else -> break
    od
}

inline stackalloc(p) {
    first_cached(p, slot);
    if
    :: slot == NONE ->
       /* stackcacherefill */
#ifndef REFILL_UNLOCKED
       lock();
#endif
       stackpoolalloc(slot);
#ifndef REFILL_UNLOCKED
       unlock();
#endif
       CLAIM(slot_once, PLACES(slot) == 0);
       CACHED(p, slot) = 1
    :: else
    fi;
    CACHED(p, slot) = 0;
    CLAIM(slot_once, PLACES(slot) == 0);
    CLAIM(used_kept, is_stack[SPAN(slot)]);
    used[slot] = 1
}

inline stackfree(p) {
    if
    :: CACHE_SIZE(p) == CAPACITY ->
       lock();
       release(p, CAPACITY / 2);
       unlock()
    :: else
    fi;
    CACHED(p, dying) = 1;
#ifdef FREED_TWICE
    lock();
    stackpoolfree(dying);
    unlock();
#endif
    dying = 0
}

proctype Processor(byte p) {
    byte slot;
    byte count;
    byte dying;
    byte allocations;

    do
    :: /* A safe point. */
       slot = 0;
       at_safe_point[p] = 1;
       if
       :: allocations < ALLOCATIONS ->
          atomic { !stop[p] -> at_safe_point[p] = 0 };
          stackalloc(p);
          allocations++
       :: /* A goroutine that ends, or whose stack has moved. */
          atomic {
              !UNUSED && !stop[p] ->
              at_safe_point[p] = 0;
              if
              :: used[0] -> dying = 0
              :: used[1] -> dying = 1
              :: used[2] -> dying = 2
              :: used[3] -> dying = 3
              fi;
              CLAIM(used_kept, is_stack[SPAN(dying)]);
              used[dying] = 0
          };
          stackfree(p)
       :: atomic { allocations == ALLOCATIONS && (UNUSED || !finished[1 - p]) -> finished[p] = 1 };
          break
       fi
    od
}

inline free_stack_spans() {
#ifndef SPANS_UNLOCKED
    lock();
#endif
    for (span : 0 .. SPANS - 1) {
        if
        :: is_stack[span] && allocated[span] == 0 -> free_span(span)
        :: else
        fi
    }
#ifndef SPANS_UNLOCKED
    unlock()
#endif
}

/* prepareForSweep of one P, which is stopped. */
inline flush(p) {
#ifdef FLUSH_LOCKS_FIRST
    lock();
#endif
#ifndef FLUSH_RUNNING
    stop[p] = 1;
    at_safe_point[p];
#endif
#ifndef FLUSH_UNLOCKED
#ifndef FLUSH_LOCKS_FIRST
    lock();
#endif
#endif
    release(p, 0);
#ifndef FLUSH_UNLOCKED
    unlock();
#endif
    stop[p] = 0
}

/* A collection: gcStart, marking, gcMarkTermination, freeStackSpans, forEachP. */
inline collection() {
    marking = 1;
    /* The marking finds an address in a stack that is in use, and marks it a while later. */
    atomic {
        if
        :: used[0] -> found = 0
        :: used[1] -> found = 1
        :: used[2] -> found = 2
        :: used[3] -> found = 3
        :: found = NONE
        fi
    };
#ifdef SPANS_FREED_EARLY
    free_stack_spans();
#endif
    CLAIM(span_kept, found == NONE || is_stack[SPAN(found)]);
    found = NONE;
    marking = 0;
#ifndef SPANS_FREED_EARLY
    free_stack_spans();
#endif
#ifndef UNFLUSHED
    flush(0);
    flush(1);
#endif
    slot = 0
}

proctype Collector() {
    byte found = NONE;
    byte slot;
    byte count;
    byte span;
    byte rounds;

    do
    :: rounds == 0 ->
       rounds = 1;
       collection()
    :: rounds == 1 && finished[0] && finished[1] ->
       rounds = 2;
       collection()
    :: rounds == 2 -> break
    od;
    CLAIM(spans_returned, UNUSED && !is_stack[0] && !is_stack[1])
}

init {
    atomic {
        run Processor(0);
        run Processor(1);
        run Collector()
    }
}
