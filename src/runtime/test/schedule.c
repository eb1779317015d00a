/* schedule.c: see schedule.h.  In place of sync.c: threads are stacks of one thread of the system.
 *
 *      ready --chosen--> runs --point--> ready            goes on at no cost; another one costs a preemption
 *                        `--wait--> waits --wake--> ready
 *                        `--wait with a time-out, pause--> may: goes on when nobody else can, or for a preemption
 *
 * A choice is the number of the thread that goes on, among those that can.  An execution follows the choices of `path`,
 * and takes the first behind its end; the next execution has the last choice replaced for which another is left.
 * What belongs to a thread: its stack, its guard word, the program's thread-local variables. */
#define _GNU_SOURCE /* dl_iterate_phdr, sigaltstack */
#include "src/runtime/test/schedule.h"

#include <inttypes.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include "src/runtime/arch/x86_64/layout.h"
#include "src/runtime/sync.h"

#define STACK_BYTES (256u << 10)
#define LOCAL_BYTES_MAX 256u
#define CHOICES_MAX 65536u
#define SWITCHES_MAX 4096u
/* An execution that takes more steps, or more seconds without one, has no end. */
#define STEPS_MAX 50000u
#define STILL_SECONDS 10u
/* So often in a row a thread that only may goes on, since nobody else can, before nobody ever will. */
#define IDLE_MAX 16u

enum state { STATE_NONE, STATE_READY, STATE_WAITS, STATE_MAY, STATE_ENDED };

struct thread {
    void *sp;
    uint64_t guard;
    enum state state;
    const uint32_t *word; /* that it waits for */
    uint64_t since;   /* the step when it was last chosen, or began to wait; no two are the same */
    const char *file; /* where it is */
    int line;
    void *(*run)(void *);
    void *argument;
    unsigned char locals[LOCAL_BYTES_MAX];
};

/* Where more than one thread could go on. */
struct choice {
    uint64_t step;
    uint8_t taken, count, thread;
    bool costs;
};

/* A thread that goes on in place of another one. */
struct change {
    uint64_t step;
    uint8_t from, to;
    const char *file;
    int line;
};

/* The threads that can go on, the default first. */
struct options {
    uint8_t thread[SCHEDULE_THREADS_MAX];
    bool costs[SCHEDULE_THREADS_MAX];
    uint32_t count;
};

void schedule_switch(void **from, void *to);
void schedule_point_of_goroutine(void);

static unsigned char stacks[SCHEDULE_THREADS_MAX][STACK_BYTES] __attribute__((aligned(16)));
static struct thread threads[SCHEDULE_THREADS_MAX];
static uint32_t threads_made, now;
static struct choice path[CHOICES_MAX];
static uint32_t path_kept, path_length; /* followed; recorded */
static struct change changes[SWITCHES_MAX];
static uint32_t changes_made;
static uint64_t step, executions, clock_now;
static uint64_t preemptions_max, preemptions;
static uint32_t idle;
static bool exploring, calm;
static const struct schedule_program *running;
static const char *repeated; /* the rest of the schedule that is run again, or NULL */

/* The program's thread-local variables: of the thread that runs, and as they begin. */
static unsigned char *locals;
static const void *locals_first;
static size_t locals_bytes, locals_first_bytes;

static void schedule_print(void)
{
    const char *between = "";
    fprintf(stderr, "%s: execution %" PRIu64 ", preemptions %" PRIu64 "\n", running->name,
            executions, preemptions);
    for (uint32_t i = 0; i < changes_made; i++)
        fprintf(stderr, "  step %" PRIu64 ": thread %u is at %s:%d, thread %u goes on\n",
                changes[i].step, changes[i].from, changes[i].file, changes[i].line, changes[i].to);
    fprintf(stderr, "again: --program=%s --threads=%u --schedule=", running->name,
            running->threads);
    for (uint32_t i = 0; i < path_length; i++)
        if (path[i].taken != 0) {
            fprintf(stderr, "%s%" PRIu64 ":%u", between, path[i].step, path[i].thread);
            between = ",";
        }
    fputs("\n", stderr);
}

/* EXPECT ends the process. */
static void at_exit(void)
{
    if (exploring)
        schedule_print();
}

static _Noreturn void wrong(const char *what)
{
    fprintf(stderr, "%s\n", what);
    schedule_print();
    _exit(1);
}

static void on_crash(int number)
{
    (void)number;
    wrong("a crash");
}

static void on_tick(int number)
{
    static uint64_t seen_step, seen_execution;
    static uint32_t still;
    (void)number;
    still = step == seen_step && executions == seen_execution ? still + 1 : 0;
    seen_step = step;
    seen_execution = executions;
    if (exploring && still > STILL_SECONDS)
        wrong("a loop without an end");
}

static void option_add(struct options *options, uint32_t thread, bool costs)
{
    if (costs && (preemptions == preemptions_max || calm))
        return;
    options->thread[options->count] = (uint8_t)thread;
    options->costs[options->count++] = costs;
}

/* The other threads that are ready, and those that may go on, who waits longest first: that alone costs nothing, if
 * nobody is ready, so that all have their turn. */
static void options_others(struct options *options, enum state state, bool costs)
{
    uint64_t last = 0;
    for (uint32_t k = 0; k < threads_made; k++) {
        uint32_t found = threads_made;
        for (uint32_t i = 0; i < threads_made; i++)
            if (threads[i].state == state && threads[i].since > last &&
                (found == threads_made || threads[i].since < threads[found].since))
                found = i;
        if (found == threads_made)
            return;
        last = threads[found].since;
        if (found != now || state == STATE_MAY)
            option_add(options, found, costs);
        costs = costs || state == STATE_MAY;
    }
}

static struct options options_now(void)
{
    struct options options = {.count = 0};
    bool goes_on = threads[now].state == STATE_READY;
    if (goes_on)
        option_add(&options, now, false);
    options_others(&options, STATE_READY, goes_on);
    bool anybody = options.count != 0;
    options_others(&options, STATE_MAY, anybody);
    idle += !anybody;
    if (options.count == 0 || idle > IDLE_MAX)
        wrong("no thread goes on");
    return options;
}

/* The option that the schedule which is run again names for this step; the default if it names none. */
static uint32_t option_repeated(const struct options *options)
{
    char *end;
    if (strtoull(repeated, &end, 10) != step || *end != ':')
        return 0;
    unsigned long thread = strtoul(end + 1, &end, 10);
    repeated = *end == ',' ? end + 1 : end;
    for (uint32_t k = 0; k < options->count; k++)
        if (options->thread[k] == thread)
            return k;
    wrong("the schedule names a thread that does not go on");
}

static uint32_t option_taken(const struct options *options)
{
    if (options->count == 1 || calm)
        return 0;
    if (path_length == CHOICES_MAX)
        wrong("too many choices");
    struct choice *choice = &path[path_length++];
    if (repeated != NULL)
        choice->taken = (uint8_t)option_repeated(options);
    else if (path_length > path_kept)
        choice->taken = 0;
    else if (choice->step != step || choice->count != options->count)
        wrong("the program is not the same each time");
    choice->step = step;
    choice->count = (uint8_t)options->count;
    choice->thread = options->thread[choice->taken];
    choice->costs = options->costs[choice->taken];
    preemptions += choice->costs;
    return choice->taken;
}

static uint64_t *guard_word(void)
{
    uint64_t thread;
    __asm__("mov %%fs:0, %0" : "=r"(thread));
    return (uint64_t *)(uintptr_t)(thread + GUARD_TLS_OFFSET);
}

static void go_on_with(uint32_t next)
{
    struct thread *from = &threads[now], *to = &threads[next];
    if (changes_made < SWITCHES_MAX)
        changes[changes_made++] =
            (struct change){step, (uint8_t)now, (uint8_t)next, from->file, from->line};
    from->guard = *guard_word();
    memcpy(from->locals, locals, locals_bytes);
    now = next;
    memcpy(locals, to->locals, locals_bytes);
    *guard_word() = to->guard;
    schedule_switch(&from->sp, to->sp);
}

/* The thread that runs is in this state; returns when it goes on: true if it was made ready, or was so. */
static bool choose(enum state state)
{
    struct thread *self = &threads[now];
    self->state = state;
    self->since = ++step;
    if (step > STEPS_MAX)
        wrong("an execution without an end");
    struct options options = options_now();
    uint32_t next = options.thread[option_taken(&options)];
    if (next != now && threads[next].state == STATE_READY)
        idle = 0;
    if (next != now)
        go_on_with(next);
    bool ready = self->state == STATE_READY;
    self->state = STATE_READY;
    return ready;
}

static void point(void)
{
    if (exploring && !calm)
        choose(STATE_READY);
}

void contig_schedule_point(const char *file, int line)
{
    threads[now].file = file;
    threads[now].line = line;
    point();
}

void contig_sync_pause(void)
{
    if (exploring)
        choose(STATE_MAY);
}

/* In a loop without an end of its own: others go first. */
void schedule_point_of_goroutine(void)
{
    threads[now].file = "a goroutine";
    contig_sync_pause();
}

void contig_sync_wait(uint32_t *word, uint32_t value, uint64_t nanoseconds)
{
    point();
    if (*word != value)
        return;
    threads[now].word = word;
    uint64_t end = nanoseconds < UINT64_MAX - clock_now ? clock_now + nanoseconds : UINT64_MAX;
    bool woken = choose(nanoseconds == SYNC_FOR_EVER ? STATE_WAITS : STATE_MAY);
    threads[now].word = NULL;
    if (!woken && clock_now < end)
        clock_now = end;
}

/* Time goes by where a wait is over by it, and nowhere else. */
uint64_t contig_sync_now(void)
{
    return clock_now;
}

/* The thread that has waited there longest, or NULL. */
static struct thread *longest_waiting(const uint32_t *word)
{
    struct thread *found = NULL;
    for (uint32_t i = 0; i < threads_made; i++)
        if (threads[i].word == word && threads[i].state != STATE_READY &&
            (found == NULL || threads[i].since < found->since))
            found = &threads[i];
    return found;
}

void contig_sync_wake(uint32_t *word, uint32_t count)
{
    point();
    struct thread *thread = longest_waiting(word);
    for (; count != 0 && thread != NULL; count--, thread = longest_waiting(word))
        thread->state = STATE_READY;
}

/* The frames of the execution before were left, and not returned from: AddressSanitizer takes them for live. */
static void stack_forget(uint32_t number)
{
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(stacks[number], STACK_BYTES);
#else
    (void)number;
#endif
}

/* The first function of each thread but the first. */
static _Noreturn void thread_begin(void)
{
    struct thread *self = &threads[now];
    self->state = STATE_READY;
    self->run(self->argument);
    for (uint32_t i = 0; i < threads_made; i++)
        if (threads[i].word == (const uint32_t *)&self->state)
            threads[i].state = STATE_READY;
    choose(STATE_ENDED);
    abort();
}

bool contig_thread_start(contig_thread *thread, void *(*run)(void *), void *argument)
{
    if (threads_made == SCHEDULE_THREADS_MAX)
        return false;
    struct thread *made = &threads[threads_made];
    stack_forget(threads_made);
    uintptr_t *top = (uintptr_t *)(void *)(stacks[threads_made] + STACK_BYTES);
    top[-1] = 0;
    top[-2] = (uintptr_t)thread_begin;
    *made = (struct thread){.sp = top - 8,
                            .since = threads_made,
                            .state = STATE_READY,
                            .run = run,
                            .argument = argument};
    memcpy(made->locals, locals_first, locals_first_bytes);
    thread->handle = threads_made++;
    point();
    return true;
}

void contig_thread_join(contig_thread thread)
{
    const struct thread *other = &threads[thread.handle];
    while (other->state != STATE_ENDED) {
        threads[now].word = (const uint32_t *)&other->state;
        choose(STATE_WAITS);
        threads[now].word = NULL;
    }
}

/* While the thread does not go on its word is here. */
uint64_t *contig_thread_guard(void)
{
    threads[now].guard = *guard_word();
    return &threads[now].guard;
}

void schedule_calm(bool wanted)
{
    calm = wanted;
}

static int locals_find(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    (void)data;
    for (uint32_t i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_TLS) {
            locals = info->dlpi_tls_data;
            locals_bytes = info->dlpi_phdr[i].p_memsz;
            locals_first = (const void *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
            locals_first_bytes = info->dlpi_phdr[i].p_filesz;
        }
    return 1; /* the program itself is the first */
}

static void begin(void)
{
    static unsigned char signal_stack[65536];
    const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
    const struct itimerval each_second = {{1, 0}, {1, 0}};
    if (locals != NULL)
        return;
    dl_iterate_phdr(locals_find, NULL);
    if (locals_bytes == 0 || locals_bytes > LOCAL_BYTES_MAX)
        abort();
    sigaltstack(&(stack_t){.ss_sp = signal_stack, .ss_size = sizeof signal_stack}, NULL);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigaction(crashes[i], &action, NULL);
    action.sa_handler = on_tick;
    action.sa_flags |= SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &each_second, NULL);
    atexit(at_exit);
}

static void execute(const struct schedule_program *program)
{
    running = program;
    executions++;
    step = SCHEDULE_THREADS_MAX;
    clock_now = 0;
    path_length = changes_made = preemptions = idle = 0;
    now = 0;
    threads[0].state = STATE_READY;
    threads_made = 1;
    exploring = true;
    calm = false;
    program->run(program->threads);
    for (uint32_t i = 1; i < threads_made; i++)
        if (threads[i].state != STATE_ENDED)
            wrong("a thread is left");
    exploring = false;
}

/* The path of the next execution; false: all were run. */
static bool path_advance(void)
{
    while (path_length != 0 && path[path_length - 1].taken + 1 == path[path_length - 1].count)
        path_length--;
    path_kept = path_length;
    if (path_length != 0)
        path[path_length - 1].taken++;
    return path_length != 0;
}

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

struct schedule_count schedule_explore(const struct schedule_program *program,
                                       struct schedule_limits limits)
{
    struct schedule_count count = {.all = false};
    double first = seconds_now();
    begin();
    preemptions_max = limits.preemptions;
    executions = 0;
    path_kept = 0;
    repeated = NULL;
    do {
        execute(program);
        if (path_length > count.choices)
            count.choices = path_length;
        count.all = !path_advance();
        count.seconds = seconds_now() - first;
    } while (!count.all && executions < limits.executions &&
             count.seconds < (double)limits.seconds);
    count.executions = executions;
    return count;
}

bool schedule_repeat(const struct schedule_program *program, const char *text)
{
    begin();
    preemptions_max = UINT64_MAX;
    executions = 0;
    repeated = text;
    execute(program);
    bool whole = *repeated == '\0';
    schedule_print();
    return whole;
}
