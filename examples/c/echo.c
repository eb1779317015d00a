/* echo.c: a server and its clients on loopback, a goroutine for each end of each connection.
 *
 *      echo [CONNECTIONS]      5000 at first: ten thousand goroutines
 *
 * A goroutine that would block parks.  When none can run, main waits for the system, and wakes whom it names: main runs
 * on the system stack (contig-cc --host-main). */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/c/contig_c.h"

#define ROUNDS 3

static int poll_set;
static struct sockaddr_in address;
static unsigned long echoed, clients_done, wanted = 5000;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* Parks until the system says that `fd` is ready. */
static void wait_for(int fd, uint32_t events)
{
    struct epoll_event event = {.events = events | EPOLLONESHOT, .data.u64 = contig_c_self()};
    if (epoll_ctl(poll_set, EPOLL_CTL_MOD, fd, &event) != 0 &&
        epoll_ctl(poll_set, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll_ctl");
    contig_c_park(CONTIG_WAIT_PARKED);
}

/* Wakes the goroutines whose files are ready. */
static void wake_some(void)
{
    struct epoll_event events[256];
    int count = epoll_wait(poll_set, events, 256, -1);
    for (int i = 0; i < count; i++)
        contig_ready(events[i].data.u64);
}

/* Bytes that were read, 0 at the end of the connection. */
static size_t receive(int fd, char *buffer, size_t size)
{
    ssize_t got;
    while ((got = read(fd, buffer, size)) < 0 && errno == EAGAIN)
        wait_for(fd, EPOLLIN);
    return got < 0 ? 0 : (size_t)got;
}

static void send_all(int fd, const char *buffer, size_t size)
{
    while (size > 0) {
        ssize_t sent = write(fd, buffer, size);
        if (sent >= 0) {
            buffer += sent;
            size -= (size_t)sent;
        } else if (errno == EAGAIN)
            wait_for(fd, EPOLLOUT);
        else
            fail("write");
    }
}

static void serve(void *argument)
{
    int fd = (int)(intptr_t)argument;
    char buffer[100];
    size_t got;
    while ((got = receive(fd, buffer, sizeof buffer)) > 0) {
        send_all(fd, buffer, got);
        echoed++;
    }
    close(fd);
}

static void accept_all(void *argument)
{
    int listener = (int)(intptr_t)argument;
    for (unsigned long i = 0; i < wanted; i++) {
        int fd;
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) < 0 && errno == EAGAIN)
            wait_for(listener, EPOLLIN);
        if (fd < 0 || contig_go_c(serve, (void *)(intptr_t)fd, NULL, NULL) != CONTIG_OK)
            fail("accept");
    }
}

static void client(void *unused)
{
    (void)unused;
    char sent[100], got[100];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (fd < 0)
        fail("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        if (errno != EINPROGRESS)
            fail("connect");
        wait_for(fd, EPOLLOUT);
    }
    for (int round = 0; round < ROUNDS; round++) {
        size_t size = (size_t)snprintf(sent, sizeof sent, "client %lu, round %d",
                                       (unsigned long)contig_c_self(), round);
        send_all(fd, sent, size);
        for (size_t at = 0; at < size;) {
            size_t more = receive(fd, got + at, size - at);
            if (more == 0)
                fail("echo");
            at += more;
        }
        if (memcmp(sent, got, size) != 0)
            fail("another echo");
    }
    close(fd);
    clients_done++;
}

static int listen_on_loopback(void)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 4096) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        fail("listen");
    return listener;
}

/* As many connections as the system allows files. */
static void limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (wanted > (files.rlim_cur - 20) / 2)
        wanted = (files.rlim_cur - 20) / 2;
}

int main(int argc, char **argv)
{
    struct contig_statistics statistics;
    if (contig_start(NULL, NULL) != CONTIG_OK)
        return 1;
    if (argc > 1)
        wanted = strtoul(argv[1], NULL, 10);
    limit();
    poll_set = epoll_create1(0);
    contig_go_c(accept_all, (void *)(intptr_t)listen_on_loopback(), NULL, NULL);
    for (unsigned long i = 0; i < wanted; i++)
        if (contig_go_c(client, NULL, NULL, NULL) != CONTIG_OK)
            fail("goroutine");
    while (contig_run() > 0)
        wake_some();
    contig_read_statistics(&statistics);
    printf("%lu connections, %lu messages, %lu goroutines\n", clients_done, echoed,
           (unsigned long)statistics.spawned);
    return contig_stop() != CONTIG_OK;
}
