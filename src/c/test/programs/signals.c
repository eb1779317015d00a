/* signals.c: handlers run on a stack of their own, whatever was interrupted. */
#define _DEFAULT_SOURCE /* setitimer */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

static volatile sig_atomic_t raised, ticks;

__attribute__((noinline)) static long deep(long n)
{
    volatile long keep = n;
    return n <= 0 ? 0 : deep(n - 1) + keep - n + 1;
}

static void on_signal(int number)
{
    char text[500];
    memset(text, number, sizeof text);
    raised += (int)deep(100) + text[number];
}

static void on_tick(int number)
{
    ticks += deep(20) == 20 && number == SIGALRM;
}

int main(void)
{
    struct sigaction action;
    struct itimerval soon = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    memset(&action, 0, sizeof action);
    action.sa_handler = on_tick;
    signal(SIGUSR1, on_signal);
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < 10; i++)
        raise(SIGUSR1);
    setitimer(ITIMER_REAL, &soon, NULL);
    for (long sum = 0; ticks < 200; sum += deep(60))
        if (sum % 60 != 0)
            return 1;
    setitimer(ITIMER_REAL, &never, NULL);
    printf("%d %d\n", (int)raised, ticks >= 200);
    return signal(SIGUSR1, SIG_DFL) == on_signal ? 0 : 2;
}
