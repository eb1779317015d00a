/* memory.pml: the words that threads share, under sequential consistency, or with the store buffers of x86-TSO.
 *
 * Before it is included, THREADS and WORDS say how many there are.  With -DTSO each thread has a FIFO buffer of stores:
 * its own loads see them, others see them when they reach the memory, at any time.  A fence and a locked instruction
 * wait until the thread's buffer is empty.
 */
byte memory[WORDS];

#ifdef TSO

/* The bound of the search: a thread that has two stores in its buffer waits before it stores again. */
#define DEPTH 2

byte stores[THREADS]; /* how many stores a thread has buffered */
byte stored_word[THREADS * DEPTH];
byte stored_value[THREADS * DEPTH];

#define BUFFERED(t, i, word) (stores[t] > (i) && stored_word[(t) * DEPTH + (i)] == (word))
#define LOAD(t, word) \
    (BUFFERED(t, 1, word) -> stored_value[(t) * DEPTH + 1] : \
     (BUFFERED(t, 0, word) -> stored_value[(t) * DEPTH] : memory[word]))
#define DRAINED(t) (stores[t] == 0)

inline store(t, word, value) {
    atomic {
        stores[t] < DEPTH ->
        stored_word[(t) * DEPTH + stores[t]] = word;
        stored_value[(t) * DEPTH + stores[t]] = value;
        stores[t]++
    }
}

/* Takes the stores of one thread to the memory.  These processes have the numbers of the threads. */
active [THREADS] proctype Buffer() {
end:
    do
    :: d_step {
        stores[_pid] > 0 ->
        memory[stored_word[_pid * DEPTH]] = stored_value[_pid * DEPTH];
        stores[_pid]--;
        stored_word[_pid * DEPTH] = stored_word[_pid * DEPTH + 1];
        stored_value[_pid * DEPTH] = stored_value[_pid * DEPTH + 1];
        stored_word[_pid * DEPTH + 1] = 0;
        stored_value[_pid * DEPTH + 1] = 0
    }
    od
} /* unreached: it serves for ever */

#else

#define LOAD(t, word) memory[word]
#define DRAINED(t) true

inline store(t, word, value) {
    memory[word] = value
}

#endif

/* Locked instructions: xchg, and cmpxchg with `won` for its answer. */
inline exchange(t, word, value, old) {
    atomic {
        DRAINED(t) ->
        old = memory[word];
        memory[word] = value
    }
}

inline compare_and_swap(t, word, old, new, won) {
    atomic {
        DRAINED(t) ->
        won = (memory[word] == old);
        memory[word] = (won -> new : memory[word])
    }
}
