/* An HTTP/1.1 origin that is as cheap as it can honestly be: one thread, one epoll, the same response to every request head.
 *
 *   origin PORT [BODY_BYTES]      PORT 0 takes a free one; the port is written to standard output. Default body: 13 bytes.
 *
 * What it must do to be honest: read every byte that arrives, find the end of each head wherever the reads cut it, answer each request on its own
 * and in order, and never let one slow reader hold up the others. What it leaves out: bodies of requests, so only GET and HEAD-less loads. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 65536, BLOCK = 1 << 18 };

struct connection {
    long long unsent;       /* bytes of the response that is being sent */
    unsigned waiting;       /* requests behind it that have arrived */
    unsigned char matched;  /* how much of the empty line that ends a head the last bytes were */
    unsigned char blocked;  /* epoll tells when there is room again */
};

static struct connection connections[MOST_CONNECTIONS];
static char input[1 << 16];
static char block[512 + BLOCK];     /* the head, then as much of the body as fits; a longer body repeats its last part */
static long long head_length, response_length;
static int poller;

static void watch(int fd, int operation, unsigned events) {
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(poller, operation, fd, &event)) perror("origin: epoll_ctl");
}

static void drop(int fd) {
    memset(&connections[fd], 0, sizeof connections[fd]);
    close(fd);
}

/* Sends what the connection is owed; returns 0 when it has gone. */
static int answer(int fd) {
    struct connection *c = &connections[fd];
    while (c->unsent || c->waiting) {
        if (!c->unsent) { c->unsent = response_length; c->waiting--; }
        long long done = response_length - c->unsent;
        const char *from = done < head_length ? block + done : block + head_length;
        long long piece = done < head_length ? head_length + BLOCK - done : BLOCK;
        ssize_t sent = send(fd, from, c->unsent < piece ? c->unsent : piece, MSG_NOSIGNAL);
        if (sent >= 0) { c->unsent -= sent; continue; }
        if (errno != EAGAIN) return 0;
        if (!c->blocked) { c->blocked = 1; watch(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT); }
        return 1;
    }
    if (c->blocked) { c->blocked = 0; watch(fd, EPOLL_CTL_MOD, EPOLLIN); }
    return 1;
}

static void receive(int fd) {
    static const char end[] = "\r\n\r\n";
    struct connection *c = &connections[fd];
    ssize_t count = recv(fd, input, sizeof input, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) { drop(fd); return; }
    for (ssize_t i = 0; i < count; i++) {
        c->matched = input[i] == end[c->matched] ? c->matched + 1 : input[i] == '\r';
        if (c->matched == 4) { c->matched = 0; c->waiting++; }
    }
    if (!c->blocked && !answer(fd)) drop(fd);
}

static void greet(int listener) {
    int fd, one = 1;
    while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MOST_CONNECTIONS) { close(fd); continue; }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(fd, EPOLL_CTL_ADD, EPOLLIN);
    }
}

int main(int argc, char **argv) {
    long long body = argc > 2 ? atoll(argv[2]) : 13;
    if (argc < 2 || body < 0) { fprintf(stderr, "usage: origin PORT [BODY_BYTES]\n"); return 2; }
    head_length = snprintf(block, 512, "HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Type: text/plain\r\nContent-Length: %lld\r\n\r\n", body);
    memset(block + head_length, 'x', BLOCK);
    response_length = head_length + body;

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096) || getsockname(listener, (struct sockaddr *)&address, &size)) {
        perror("origin: listen");
        return 1;
    }
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    struct epoll_event events[512];
    poller = epoll_create1(0);
    watch(listener, EPOLL_CTL_ADD, EPOLLIN);
    for (;;) {
        int count = epoll_wait(poller, events, 512, -1);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) greet(listener);
            else if (events[i].events & EPOLLOUT && !answer(fd)) drop(fd);
            else if (events[i].events & ~EPOLLOUT) receive(fd);
        }
    }
}
