/* timers_state.pml: what the threads of timers.pml share, and the steps in which no bug is planted. */
/* Of `calls`. */
#define TIMER 1
#define SHARE 2
#define SLEEPER 4

/* Values of a status. */
#define RUNNABLE 0
#define RUNNING 1
#define WAITING 2
#define CLAIMED 3
#define WOKEN 4
#define DEAD 5

chan queues[THREADS] = [GOROUTINES] of { byte };
chan common = [GOROUTINES] of { byte };
bit sched_lock;
byte sleeping;
byte away;
bit sleeper[THREADS];
byte until[THREADS];    /* the kernel wakes it then */
bit back_early;         /* a wait in the kernel was over before its time */
bit finished;           /* of the first thread */
bit quitting;
byte now;               /* the clock */
bit timer[GOROUTINES];  /* the heap */
byte when[GOROUTINES];
byte number[GOROUTINES];
byte timers;
byte made;
bit timed[GOROUTINES];  /* of a goroutine */
byte waiting;           /* of all P's */
byte lasts[GOROUTINES]; /* how long each sleeps */
bit parks;              /* goroutine 0, after its sleep */
bit calls_system;       /* goroutine 1, before its sleep */
bit all_sleep;          /* goroutine 2, too */
bit steps;              /* the first thread calls contig_step */
byte step[GOROUTINES];  /* how far a goroutine has come */
byte left = GOROUTINES; /* goroutines that are not over */
byte over;              /* threads that have ended */
bit looks;              /* contig_run runs: all threads look at the clock */
bit in_run;             /* ghost: contig_run or contig_step runs */
bit runs[GOROUTINES];   /* ghost: a thread has it in hand */
bit sleeps[GOROUTINES]; /* ghost: for a time */
byte not_before[GOROUTINES]; /* ghost: no earlier does it wake */

#define BEFORE(a, b) (!timer[b] || timer[a] && (when[a] < when[b] || when[a] == when[b] && TIE(a, b)))
#define FIRST_TIMER (BEFORE(0, 1) && BEFORE(0, 2) -> 0 : (BEFORE(1, 2) -> 1 : 2))
#define FIRST_TIME (timers == 0 -> NEVER : when[FIRST_TIMER])

/* Ghost: b does not come before a. */
#define AFTER(a, b) (!timer[b] || when[a] < when[b] || when[a] == when[b] && number[a] <= number[b])

#define AHEAD(time) ((time) != NEVER && now < (time))
#define WATCHES(m) (sleeper[m] && until[m] <= FIRST_TIME)

inline lock(m) {
    atomic { !sched_lock && DRAINED(m) -> sched_lock = 1 }
}

/* contig_call, with the lock. */
inline call(m, what, on) {
    atomic {
        x = LOAD(m, CALLS) & ~(what);
        x = x + (on -> what : 0);
        store(m, CALLS, x);
        x = 0
    }
}

/* awaken, with the lock. */
inline awaken(m, other) {
    atomic {
        CLAIM(sleeper_asleep, sleeper[other]);
        sleeper[other] = 0;
        sleeping--;
        running_changed(m)
    }
}

/* While nobody waits for a time it is the first again, so that there are fewer states. */
inline reset_clock() {
    if
    :: timers == 0 && until[0] == NEVER && until[1] == NEVER &&
        not_before[0] + not_before[1] + not_before[2] == 0 ->
       now = 0;
       made = 0
    :: else
    fi
}

/* contig_runq_put.  That 0 is runnable is stored before. */
inline runq_put(one) {
    atomic {
        CLAIM(woken_once, !runs[one] && !sleeps[one]);
        queue!one
    }
}

inline runq_get() {
    if
    :: len(queue) != 0 -> queue?g
    :: else
    fi
}

inline first_publish(m) {
    atomic { store(m, FIRST, FIRST_TIME); call(m, TIMER, timers != 0) }
}

/* make_common, of `count`. */
inline make_common() {
    atomic {
        do
        :: count == 0 -> break
        :: else -> queue?x; common!x; count--
        od;
        x = 0
    }
}

/* give. */
inline give(m) {
    atomic {
        lock(m);
        if
        :: sleeping != 0 -> count = (len(queue) + 1) / 2; make_common(); awaken(m, 1 - m)
        :: else
        fi;
        unlock(m)
    }
}

/* take, with the lock. */
inline take(m) {
    atomic {
        shared = (LOAD(m, CALLS) & SHARE) != 0;
        count = (shared -> THREADS - away : sleeping + 1);
        count = (len(common) + count - 1) / count;
        if
        :: shared && count == len(common) -> call(m, SHARE, false)
        :: else
        fi;
        do
        :: count == 0 -> break
        :: else -> common?x; queue!x; count--
        od;
        shared = 0;
        x = 0
    }
}

inline leave(m) {
    atomic { lock(m); away--; running_changed(m); unlock(m) }
}

/* REQUEST_EXIT: contig_g_end. */
inline end_of(m) {
    atomic {
        left--;
        runs[g] = 0;
        if
        :: g == 0 -> store(m, STATUS, DEAD)
        :: else
        fi;
        g = NONE
    }
}

/* REQUEST_YIELD, of goroutine 2. */
inline yield() {
    atomic { runs[2] = 0; g = NONE; runq_put(2) }
}

/* contig_threads_look. */
inline threads_look(m, on) {
    lock(m);
    looks = on;
    unlock(m)
}

/* contig_timers_fire, with the lock. */
inline timers_fire(m) {
    do
    :: FIRST_TIME <= now -> wake_first(m)
    :: else -> break
    od
}

#define SLEEPS_NEXT (g == 0 && step[0] == 1 || g == 1 && step[1] == 2 || g == 2 && step[2] == 2 && all_sleep)

/* contig_execute, serve. */
inline execute(m) {
    atomic {
        CLAIM(woken_once, !sleeps[g]);
        CLAIM(runs_asked, in_run);
        if
        :: !runs[g] ->
           runs[g] = 1;
           if
           :: g == 0 -> store(m, STATUS, RUNNING)
           :: else
           fi
        :: else
        fi;
        step[g]++
    };
    if
    :: SLEEPS_NEXT -> timer_sleep(m)
    :: g == 0 && step[0] == 2 && parks -> park(m)
    :: g == 1 && step[1] == 1 ->
       if
       :: calls_system -> enter(m); step[0] == 4; leave(m)
       :: else
       fi
    :: g == 2 && step[2] == 1 ->
       ready(m);
       if
       :: parks && !was_ready -> atomic { step[2] = 0; yield() }
       :: else -> was_ready = 0
       fi
    :: else ->
       atomic {
           step[g] = 4;
           end_of(m)
       }
    fi
}

proctype Clock() {
end:
    do
    :: atomic {
        timer[0] && now < when[0] || timer[1] && now < when[1] || timer[2] && now < when[2] ||
        AHEAD(until[0]) || AHEAD(until[1]) ->
        now++
    }
    od
} /* unreached: it serves for ever */
