/* defers_test.c: deferred calls, panics, what recovers from them, and goroutines that quit: contig_c.h, called by C on
 * goroutines.  What happens is noted by letters, in order. */
#include "src/c/test/started.h"

static char notes[100];

static void note(const char *text)
{
    strncat(notes, text, sizeof notes - strlen(notes) - 1);
}

static bool noted(const char *text)
{
    bool same = strcmp(notes, text) == 0;
    if (!same)
        fprintf(stderr, "noted '%s', not '%s'\n", notes, text);
    notes[0] = '\0';
    return same;
}

static void say(void *text)
{
    deep(20);
    note(text);
}

static void recovering(void *text)
{
    const char *message = contig_c_recover();
    note(text);
    note(message == NULL ? "-" : message);
    EXPECT(contig_c_recover() == NULL);
}

static void panicking(void *message)
{
    note("p");
    contig_c_panic(message);
}

static void defer_three(void *argument)
{
    (void)argument;
    EXPECT(contig_c_defer(say, "1") == CONTIG_OK);
    EXPECT(contig_c_defer(say, "2") == CONTIG_OK);
    EXPECT(contig_c_defer(recovering, "3") == CONTIG_OK);
    deep(200);
    note("f");
}

static void nested(void *argument)
{
    EXPECT(contig_c_defer(say, "o") == CONTIG_OK);
    EXPECT(contig_c_call(defer_three, argument) == CONTIG_OK);
    note("e");
}

static void defers_while_deferred(void *argument)
{
    EXPECT(contig_c_defer(say, argument) == CONTIG_OK);
    note("d");
}

static void defers_a_deferring(void *argument)
{
    EXPECT(contig_c_defer(say, "l") == CONTIG_OK);
    EXPECT(contig_c_defer(defers_while_deferred, argument) == CONTIG_OK);
}

/* Three deferred calls: the second one, in order of their running, recovers. */
static void recovers_in_the_middle(void *message)
{
    EXPECT(contig_c_defer(recovering, "c") == CONTIG_OK);
    EXPECT(contig_c_defer(recovering, "b") == CONTIG_OK);
    EXPECT(contig_c_defer(say, "a") == CONTIG_OK);
    deep(100);
    panicking(message);
    note("never");
}

/* The panic of a function that is called in no scope of its own ends the scope around. */
static void panics_again(void *message)
{
    EXPECT(contig_c_defer(recovering, "r") == CONTIG_OK);
    EXPECT(contig_c_defer(panicking, "second") == CONTIG_OK);
    contig_c_panic(message);
}

static void recovers_inside(void *argument)
{
    (void)argument;
    EXPECT(contig_c_call(recovers_in_the_middle, "inner") == CONTIG_PANICKED);
    note("i");
}

/* A panic within a deferred call, and over before that: the outer panic goes on. */
static void panic_in_a_deferred_call(void *message)
{
    EXPECT(contig_c_defer(recovering, "r") == CONTIG_OK);
    EXPECT(contig_c_defer(recovers_inside, NULL) == CONTIG_OK);
    contig_c_panic(message);
}

static void recover_in_a_scope(void *argument)
{
    EXPECT(contig_c_call(recovering, argument) == CONTIG_OK);
}

/* Only a deferred call that the panic calls recovers, and not from a scope of its own. */
static void recover_elsewhere(void *message)
{
    EXPECT(contig_c_recover() == NULL);
    EXPECT(contig_c_defer(recovering, "r") == CONTIG_OK);
    EXPECT(contig_c_defer(recover_in_a_scope, "s") == CONTIG_OK);
    contig_c_panic(message);
}

static int compare(const void *left, const void *right)
{
    (void)left;
    (void)right;
    contig_c_panic("compared");
}

static void panic_in_a_callback(void *argument)
{
    int numbers[] = {2, 1};
    (void)argument;
    EXPECT(contig_c_defer(recovering, "q") == CONTIG_OK);
    qsort(numbers, 2, sizeof(int), compare);
    note("never");
}

/* What a goroutine waits for is closed, or was closed before; and a number is no channel. */
static void sends_on_closed(void *argument)
{
    uint64_t channel = *(uint64_t *)argument;
    EXPECT(contig_c_defer(recovering, "c") == CONTIG_OK);
    (void)contig_c_send(channel, "element");
    note("never");
}

static void selects_on_closed(void *argument)
{
    struct contig_select_case cases[] = {
        {.channel = *(uint64_t *)argument, .slot = (uint64_t)(uintptr_t) "element", .sends = 1}};
    EXPECT(contig_c_defer(recovering, "s") == CONTIG_OK);
    (void)contig_c_select(cases, 1);
    note("never");
}

static void receives_from_none(void *argument)
{
    EXPECT(contig_c_defer(recovering, "n") == CONTIG_OK);
    (void)contig_c_receive(*(uint64_t *)argument, NULL);
    note("never");
}

static void closes(void *argument)
{
    EXPECT(contig_chan_close(*(uint64_t *)argument) == CONTIG_OK);
}

static void operations_panic(void *argument)
{
    uint64_t channel, none = 12345;
    (void)argument;
    EXPECT(contig_chan_make(8, 0, &channel) == CONTIG_OK);
    go(closes, &channel);
    EXPECT(contig_c_call(sends_on_closed, &channel) == CONTIG_PANICKED);
    EXPECT(noted("csend on closed channel"));
    EXPECT(contig_c_call(sends_on_closed, &channel) == CONTIG_PANICKED);
    EXPECT(noted("csend on closed channel"));
    EXPECT(contig_c_call(selects_on_closed, &channel) == CONTIG_PANICKED);
    EXPECT(noted("ssend on closed channel"));
    EXPECT(contig_c_receive(channel, NULL) == 0);
    EXPECT(contig_c_call(receives_from_none, &none) == CONTIG_PANICKED);
    EXPECT(noted("noperation on a number that is no channel"));
    EXPECT(contig_chan_free(channel) == CONTIG_OK);
}

/* More than a scope has room for. */
static void defers_ten(void *argument)
{
    static char texts[10][2];
    for (int i = 0; i < 10; i++) {
        texts[i][0] = (char)('0' + i);
        EXPECT(contig_c_defer(i == 5 ? recovering : say, texts[i]) == CONTIG_OK);
    }
    if (argument != NULL)
        contig_c_panic(argument);
}

static void all_that_recover(void *argument)
{
    (void)argument;
    EXPECT(contig_c_defer(say, "") == CONTIG_BAD_STATE);
    EXPECT(contig_c_recover() == NULL);
    EXPECT(contig_c_call(nested, NULL) == CONTIG_OK);
    EXPECT(noted("f3-21eo"));
    EXPECT(contig_c_call(defers_a_deferring, "x") == CONTIG_OK);
    EXPECT(noted("dxl"));
    EXPECT(contig_c_call(defers_ten, NULL) == CONTIG_OK);
    EXPECT(noted("98765-43210"));
    EXPECT(contig_c_call(defers_ten, "!") == CONTIG_PANICKED);
    EXPECT(noted("98765!43210"));
    EXPECT(contig_c_call(recovers_in_the_middle, "m") == CONTIG_PANICKED);
    EXPECT(noted("pabmc-"));
    EXPECT(contig_c_call(panics_again, "first") == CONTIG_PANICKED);
    EXPECT(noted("prsecond"));
    EXPECT(contig_c_call(panic_in_a_deferred_call, "outer") == CONTIG_PANICKED);
    EXPECT(noted("pabinnerc-irouter"));
    EXPECT(contig_c_call(recover_elsewhere, "m") == CONTIG_PANICKED);
    EXPECT(noted("s-rm"));
    EXPECT(contig_c_call(panic_in_a_callback, NULL) == CONTIG_PANICKED);
    EXPECT(noted("qcompared"));
    EXPECT(contig_c_defer(say, "") == CONTIG_BAD_STATE);
    EXPECT(contig_c_defer(NULL, "") == CONTIG_BAD_OPTION);
    EXPECT(contig_c_recover() == NULL);
}

static enum contig_error how_ends(void (*function)(void *), void *argument)
{
    enum contig_error ended = CONTIG_INVARIANT;
    struct contig_c_options options = {.ended = &ended};
    EXPECT(contig_go_c(function, argument, &options, NULL) == CONTIG_OK);
    contig_run();
    return ended;
}

/* CGO-9, CGO-10: on goroutines, with moves and without, and by main on the system stack. */
static void scopes_end_in_order(void)
{
    start();
    all_that_recover(NULL);
    for (int forced = 0; forced < 2; forced++) {
        contig_c_force_moves(forced != 0);
        EXPECT(how_ends(all_that_recover, NULL) == CONTIG_OK);
        EXPECT(how_ends(operations_panic, NULL) == CONTIG_OK);
    }
    contig_c_force_moves(false);
    stop();
}

static void panics_for_good(void *argument)
{
    EXPECT(contig_c_defer(say, argument) == CONTIG_OK);
    (void)contig_c_call(panicking, "nobody recovers from this");
    note("never");
}

static void dies(void *argument)
{
    (void)contig_c_call(panics_for_good, argument);
    note("never");
}

static void looks_for_a_scope(void *argument)
{
    (void)argument;
    note(contig_c_defer(say, "") == CONTIG_BAD_STATE ? "none" : "left");
}

/* What it deferred is not called, and is freed. */
static void exits_at_once(void *argument)
{
    (void)contig_c_call(defers_ten, NULL);
    for (int i = 0; i < 10; i++)
        EXPECT(contig_c_defer(say, argument) == CONTIG_OK);
    contig_c_exit();
}

static void exits_in_a_scope(void *argument)
{
    (void)contig_c_call(exits_at_once, argument);
}

/* CGO-9: the report shows who panicked, and the next goroutine with the same side stack begins without scopes. */
static void panics_end_goroutines(void)
{
    start();
    EXPECT(how_ends(dies, "w") == CONTIG_PANICKED);
    EXPECT(noted("pw"));
    EXPECT(reported("nobody recovers from this") && reported("panicking()") && reported("dies()"));
    EXPECT(how_ends(looks_for_a_scope, NULL) == CONTIG_OK);
    EXPECT(noted("none"));
    EXPECT(how_ends(exits_in_a_scope, "never") == CONTIG_OK);
    EXPECT(noted("98765-43210"));
    stop();
}

static void quits(void *argument)
{
    EXPECT(contig_c_defer(recovering, argument) == CONTIG_OK);
    contig_c_quit();
}

/* The deferred call that quitting runs panics, and one that is older recovers: the frames of contig_c_quit are gone. */
static void quits_and_panics(void *argument)
{
    EXPECT(contig_c_defer(recovering, argument) == CONTIG_OK);
    EXPECT(contig_c_defer(panicking, "late") == CONTIG_OK);
    contig_c_quit();
}

/* The deferred call that quitting runs panics and recovers by itself: quitting goes on where it was. */
static void quits_over_a_recovery(void *argument)
{
    EXPECT(contig_c_defer(say, argument) == CONTIG_OK);
    EXPECT(contig_c_defer(recovers_inside, NULL) == CONTIG_OK);
    contig_c_quit();
}

static void recovers_two(void *argument)
{
    (void)argument;
    EXPECT(contig_c_call(panic_in_a_deferred_call, "outer") == CONTIG_PANICKED);
}

/* The same, with a panic within a panic's deferred call. */
static void quits_over_two(void *argument)
{
    EXPECT(contig_c_defer(say, argument) == CONTIG_OK);
    EXPECT(contig_c_defer(recovers_two, NULL) == CONTIG_OK);
    contig_c_quit();
}

struct quitting {
    void (*function)(void *);
    void *argument;
};

static void quits_below(void *argument)
{
    struct quitting *quitting = argument;
    EXPECT(contig_c_defer(say, "z") == CONTIG_OK);
    (void)contig_c_call(quitting->function, quitting->argument);
    note("never");
}

static void quits_far_below(void *argument)
{
    (void)contig_c_call(quits_below, argument);
    note("never");
}

/* CGO-10 */
static void goroutines_quit(void)
{
    struct quitting plain = {quits, "d"}, panic = {quits_and_panics, "d"},
                    recovery = {quits_over_a_recovery, "d"}, two = {quits_over_two, "d"};
    start();
    EXPECT(how_ends(quits_far_below, &plain) == CONTIG_OK);
    EXPECT(noted("d-z"));
    EXPECT(how_ends(quits_far_below, &panic) == CONTIG_OK);
    EXPECT(noted("pdlatez"));
    EXPECT(how_ends(quits_far_below, &recovery) == CONTIG_OK);
    EXPECT(noted("pabinnerc-idz"));
    EXPECT(how_ends(quits_far_below, &two) == CONTIG_OK);
    EXPECT(noted("pabinnerc-irouterdz"));
    stop();
}

int main(void)
{
    scopes_end_in_order();
    panics_end_goroutines();
    goroutines_quit();
    puts("all is as promised");
    return 0;
}
