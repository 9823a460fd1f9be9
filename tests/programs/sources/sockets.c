/* What a netlink socket does, call by call, on standard output: the same natively and supervised.
 * sockets WHAT... runs the named scenes. Everything is NETLINK_USERSOCK or an error of NETLINK_ROUTE: no device is needed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SAY(...) (printf(__VA_ARGS__), fflush(stdout))
#define TRY(call) do { errno = 0; long r_ = (long)(call); SAY("%s = %ld %s\n", #call, r_, r_ < 0 ? strerrorname_np(errno) : ""); } while (0)

static struct {
	struct nlmsghdr head;
	struct ifinfomsg body;
} ask = {.head = {.nlmsg_len = sizeof(ask), .nlmsg_type = 127, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK, .nlmsg_seq = 7}};
static char room[65536];

static int route(int flags)
{
	return socket(AF_NETLINK, SOCK_RAW | flags, NETLINK_ROUTE);
}

/* A USERSOCK pair: one sends to the other's portid. */
static int user(unsigned portid)
{
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_USERSOCK);
	struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_pid = portid};
	if (bind(fd, (void *)&name, sizeof(name)))
		perror("bind");
	return fd;
}

static struct sockaddr_nl to(unsigned portid)
{
	return (struct sockaddr_nl){.nl_family = AF_NETLINK, .nl_pid = portid};
}

static long send_to(int fd, unsigned portid, const void *data, size_t size)
{
	struct sockaddr_nl name = to(portid);
	return sendto(fd, data, size, MSG_DONTWAIT, (void *)&name, sizeof(name));
}

static void show_error(const char *what, ssize_t got)
{
	struct nlmsghdr *head = (void *)room;
	struct nlmsgerr *error = NLMSG_DATA(head);
	SAY("%s: %zd bytes, type %d seq %u error %d\n", what, got, head->nlmsg_type, head->nlmsg_seq, error->error);
	memset(room, 0, sizeof(room));
}

static void names(void)
{
	struct sockaddr_nl name = {0};
	socklen_t size = sizeof(name);
	int fd = route(SOCK_CLOEXEC);
	TRY(getsockname(fd, (void *)&name, &size));
	SAY("unbound: family %d pid %u groups %u size %u\n", name.nl_family, name.nl_pid, name.nl_groups, size);
	name = to(0);
	TRY(bind(fd, (void *)&name, 11));
	TRY(bind(fd, (void *)&name, -1));
	TRY(bind(fd, (void *)&name, 200));
	TRY(bind(fd, NULL, 12));
	name.nl_family = AF_INET;
	TRY(bind(fd, (void *)&name, 12));
	name.nl_family = AF_NETLINK;
	name.nl_groups = 5;
	TRY(bind(fd, (void *)&name, sizeof(name)));
	size = sizeof(name);
	TRY(getsockname(fd, (void *)&name, &size));
	SAY("bound: own pid %d groups %u size %u\n", name.nl_pid == (unsigned)getpid(), name.nl_groups, size);
	size = 4;
	memset(&name, 0x55, sizeof(name));
	TRY(getsockname(fd, (void *)&name, &size));
	SAY("cut: family %d pid untouched %d size %u\n", name.nl_family, name.nl_pid == 0x55555555, size);
	size = -1;
	TRY(getsockname(fd, (void *)&name, &size));
	TRY(getsockname(fd, (void *)&name, NULL));
	TRY(getsockname(fd, (void *)8, &size));
	int second = route(0);
	size = sizeof(name);
	name = to(0);
	TRY(bind(second, (void *)&name, sizeof(name)));
	getsockname(second, (void *)&name, &size);
	SAY("second: negative %d\n", (int)name.nl_pid < -4096);
	TRY(close(fd));
	int third = route(0);
	name = to(0);
	TRY(bind(third, (void *)&name, sizeof(name)));
	getsockname(third, (void *)&name, &size);
	SAY("after close: own pid %d\n", name.nl_pid == (unsigned)getpid());
	name = to(0);
	TRY(connect(third, (void *)&name, sizeof(name)));
	size = sizeof(name);
	TRY(getpeername(third, (void *)&name, &size));
	SAY("peer: pid %u groups %u\n", name.nl_pid, name.nl_groups);
	name.nl_family = AF_UNSPEC;
	TRY(connect(third, (void *)&name, 1));
	TRY(connect(third, (void *)&name, 2));
	TRY(listen(third, 1));
	TRY(accept(third, NULL, NULL));
	TRY(shutdown(third, SHUT_RDWR));
	TRY(socket(AF_NETLINK, SOCK_STREAM, 0));
	TRY(socket(AF_NETLINK, SOCK_RAW, 31));
	TRY(socket(AF_NETLINK, SOCK_RAW, 99));
	TRY(socket(AF_NETLINK, SOCK_RAW | 0x100000, 0));
}

static void options(void)
{
	int fd = route(0), value = 1;
	unsigned char byte;
	socklen_t size = sizeof(value);
	struct stat stat;
	TRY(fstat(fd, &stat));
	SAY("a socket: %d\n", S_ISSOCK(stat.st_mode) != 0);
	for (int option = SO_DEBUG; option <= SO_DOMAIN; option++)
		if (option == SO_TYPE || option == SO_DOMAIN || option == SO_PROTOCOL || option == SO_RCVBUF || option == SO_ERROR) {
			size = sizeof(value);
			TRY(getsockopt(fd, SOL_SOCKET, option, &value, &size));
			SAY("option %d: %d, %u bytes\n", option, value, size);
		}
	for (int option = 0; option < 16; option++) {
		value = 1;
		size = sizeof(value);
		TRY(setsockopt(fd, SOL_NETLINK, option, &value, sizeof(value)));
		TRY(getsockopt(fd, SOL_NETLINK, option, &value, &size));
		SAY("option %d: %d, %u bytes\n", option, option == NETLINK_LIST_MEMBERSHIPS ? 0 : value, size);
	}
	value = 4096;
	TRY(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, sizeof(value)));
	size = sizeof(value);
	TRY(getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &value, &size));
	SAY("SO_RCVBUF %d\n", value);
	size = 1;
	TRY(getsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &byte, &size));
	TRY(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &byte, 1));
	TRY(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, (void *)8, 4));
	TRY(setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &value, -1));
	TRY(getsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &value, NULL));
	TRY(getsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, (void *)8, &(socklen_t){4}));
	TRY(getsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &value, &(socklen_t){-1}));
	TRY(setsockopt(fd, 12345, 1, &value, sizeof(value)));
	TRY(ioctl(fd, FIONBIO, &(int){1}));
	SAY("nonblocking: %d\n", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	TRY(recv(fd, room, sizeof(room), 0));
	TRY(ioctl(fd, FIONREAD, &value));
	TRY(ioctl(fd, TCGETS, room));
}

static void transfer(void)
{
	int fd = route(0);
	struct iovec iov[3] = {{&ask, 5}, {(char *)&ask + 5, 11}, {(char *)&ask + 16, sizeof(ask) - 16}};
	struct sockaddr_nl name;
	char control[64];
	struct msghdr message = {.msg_iov = iov, .msg_iovlen = 3};
	TRY(send(fd, &ask, sizeof(ask), 0));
	show_error("recv", recv(fd, room, sizeof(room), 0));
	TRY(write(fd, &ask, sizeof(ask)));
	show_error("read", read(fd, room, sizeof(room)));
	TRY(writev(fd, iov, 3));
	struct iovec parts[2] = {{room, 10}, {room + 10, 1000}};
	show_error("readv", readv(fd, parts, 2));
	TRY(sendmsg(fd, &message, 0));
	message = (struct msghdr){.msg_name = &name, .msg_namelen = sizeof(name), .msg_iov = parts, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof(control)};
	ssize_t got = recvmsg(fd, &message, 0);
	show_error("recvmsg", got);
	SAY("name %d %u %u, %u bytes; control %zu; flags %x\n", name.nl_family, name.nl_pid, name.nl_groups, message.msg_namelen, message.msg_controllen, message.msg_flags);
	name = to(0);
	TRY(sendto(fd, &ask, sizeof(ask), 0, (void *)&name, sizeof(name)));
	TRY(recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC));
	parts[0].iov_len = 0;
	message.msg_iovlen = 1;
	TRY(recvmsg(fd, &message, MSG_PEEK | MSG_TRUNC));
	SAY("flags %x\n", message.msg_flags);
	socklen_t size = sizeof(name);
	memset(&name, 0, sizeof(name));
	TRY(recvfrom(fd, room, 20, 0, (void *)&name, &size));
	SAY("from %d %u, %u bytes\n", name.nl_family, name.nl_pid, size);
	TRY(recv(fd, room, sizeof(room), MSG_DONTWAIT));
	struct mmsghdr many[3] = {{.msg_hdr = {.msg_iov = iov, .msg_iovlen = 3}}, {.msg_hdr = {.msg_iov = iov, .msg_iovlen = 3}}, {.msg_hdr = {.msg_iov = iov, .msg_iovlen = 0}}};
	TRY(sendmmsg(fd, many, 3, 0));
	SAY("sent %u %u\n", many[0].msg_len, many[1].msg_len);
	struct iovec into[3] = {{room, 100}, {room + 100, 100}, {room + 200, 100}};
	for (int i = 0; i < 3; i++)
		many[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &into[i], .msg_iovlen = 1}};
	TRY(recvmmsg(fd, many, 3, MSG_WAITFORONE, NULL));
	SAY("got %u %u\n", many[0].msg_len, many[1].msg_len);
	TRY(recvmmsg(fd, many, 3, MSG_DONTWAIT, NULL));
	TRY(send(fd, &ask, 0, 0));
	TRY(read(fd, room, 0));
	TRY(send(fd, &ask, sizeof(ask), MSG_OOB));
	TRY(recv(fd, room, 10, MSG_OOB));
	TRY(pread(fd, room, 10, 0));
	TRY(preadv2(fd, parts, 2, 0, 0));
	TRY(lseek(fd, 0, SEEK_SET));
	int on = 1;
	TRY(setsockopt(fd, SOL_NETLINK, NETLINK_PKTINFO, &on, sizeof(on)));
	TRY(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	TRY(send(fd, &ask, sizeof(ask), 0));
	parts[0].iov_len = 10;
	message.msg_iovlen = 2;
	message.msg_controllen = sizeof(control);
	show_error("recvmsg", recvmsg(fd, &message, 0));
	for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one))
		SAY("cmsg %d %d, %zu bytes, %d\n", one->cmsg_level, one->cmsg_type, (size_t)one->cmsg_len, *(int *)CMSG_DATA(one));
	TRY(send(fd, &ask, sizeof(ask), 0));
	message.msg_controllen = 24;
	show_error("recvmsg", recvmsg(fd, &message, 0));
	SAY("control %zu flags %x\n", message.msg_controllen, message.msg_flags);
}

static void hostile(void)
{
	int fd = route(SOCK_NONBLOCK), page = sysconf(_SC_PAGESIZE);
	char *edge = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *fixed = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(edge + page, page);
	struct iovec bad[2] = {{edge + page - 8, 16}, {(void *)-4096L, 8}};
	struct msghdr message = {.msg_iov = bad, .msg_iovlen = 1};
	TRY(send(fd, (void *)8, 32, 0));
	TRY(send(fd, (void *)-1L, 32, 0));
	TRY(send(fd, edge + page - 8, 16, 0));
	TRY(send(fd, edge, (size_t)1 << 40, 0));
	TRY(send(fd, edge, (size_t)-1, 0));
	TRY(sendmsg(fd, NULL, 0));
	TRY(sendmsg(fd, &message, 0));
	message.msg_iovlen = 100000;
	TRY(sendmsg(fd, &message, 0));
	TRY(recvmsg(fd, &message, 0));
	message.msg_iov = (void *)16;
	message.msg_iovlen = 1;
	TRY(sendmsg(fd, &message, 0));
	TRY(writev(fd, bad, 2));
	TRY(writev(fd, bad, UIO_MAXIOV + 1));
	bad[0].iov_len = -1;
	TRY(writev(fd, bad, 1));
	TRY(readv(fd, bad, 1));
	TRY(send(fd, &ask, sizeof(ask), 0));
	TRY(recv(fd, (void *)8, 100, 0));
	TRY(send(fd, &ask, sizeof(ask), 0));
	TRY(recv(fd, fixed, 100, 0));
	TRY(send(fd, &ask, sizeof(ask), 0));
	TRY(recv(fd, edge + page - 8, 100, 0));
	TRY(send(fd, &ask, sizeof(ask), 0));
	show_error("an enormous room", recv(fd, room, (size_t)1 << 46, 0));
	TRY(sendto(fd, &ask, sizeof(ask), 0, (void *)8, 12));
	TRY(sendto(fd, &ask, sizeof(ask), 0, (void *)&ask, 500));
	TRY(sendto(fd, &ask, sizeof(ask), 0, (void *)&ask, 12));
	TRY(sendmmsg(fd, (void *)8, 2, 0));
	TRY(recvmmsg(fd, (void *)8, 2, 0, NULL));
	TRY(ioctl(fd, 0x8933, 8));
	TRY(read(-1, room, 10));
	TRY(read(600, room, 10));
	show_error("what is left", recv(fd, room, sizeof(room), 0));
	TRY(recv(fd, room, sizeof(room), 0));
}

static void descriptors(void)
{
	int fd = route(0), status;
	int copy = dup(fd), other = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	SAY("dup %d, cloexec %d and %d\n", copy >= 0 && copy != fd, fcntl(copy, F_GETFD), fcntl(other, F_GETFD));
	TRY(send(copy, &ask, sizeof(ask), 0));
	show_error("through the other", recv(other, room, sizeof(room), 0));
	TRY(close(fd));
	TRY(send(fd, &ask, sizeof(ask), 0));
	TRY(send(other, &ask, sizeof(ask), 0));
	show_error("after close", recv(copy, room, sizeof(room), 0));
	TRY(dup2(copy, copy) == copy);
	TRY(dup3(copy, copy, 0));
	TRY(dup2(other, fd) == fd);
	TRY(send(fd, &ask, sizeof(ask), 0));
	show_error("at its number", recv(fd, room, sizeof(room), 0));
	int zero = open("/dev/zero", O_RDONLY);
	TRY(dup2(zero, fd) == fd);
	TRY(read(fd, room, 4));
	TRY(send(copy, &ask, sizeof(ask), 0));
	if (!fork()) {
		show_error("in a child", recv(copy, room, sizeof(room), 0));
		_exit(0);
	}
	wait(&status);
	TRY(recv(copy, room, sizeof(room), MSG_DONTWAIT));
	TRY(fcntl(copy, F_SETFL, O_NONBLOCK));
	TRY(recv(other, room, sizeof(room), 0));
}

static void *receiver(void *argument)
{
	show_error("a thread", recv(*(int *)argument, room, sizeof(room), 0));
	return NULL;
}

static void threads(void)
{
	int fd = route(0);
	pthread_t thread;
	pthread_create(&thread, NULL, receiver, &fd);
	usleep(50000);
	long sent = send(fd, &ask, sizeof(ask), 0);
	pthread_join(thread, NULL);
	SAY("sent %ld\n", sent);
}

static int polled(int fd, int timeout)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};
	int found = poll(&one, 1, timeout);
	return found > 0 ? one.revents & (POLLIN | POLLHUP) : found;
}

static int selected(int fd)
{
	fd_set set;
	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, &(struct timeval){0});
}

static int edges(int epoll, int timeout)
{
	struct epoll_event event;
	return epoll_wait(epoll, &event, 1, timeout);
}

static void readiness(void)
{
	int fd = route(0), epoll = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	TRY(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
	TRY(polled(fd, 0));
	TRY(selected(fd));
	TRY(edges(epoll, 0));
	TRY(send(fd, &ask, sizeof(ask), 0));
	TRY(polled(fd, 0));
	TRY(selected(fd));
	TRY(edges(epoll, 0));
	TRY(edges(epoll, 0));
	show_error("first", recv(fd, room, sizeof(room), 0));
	TRY(polled(fd, 0));
	TRY(selected(fd));
	TRY(edges(epoll, 0));
	TRY(send(fd, &ask, sizeof(ask), 0));
	TRY(edges(epoll, 0));
	TRY(send(fd, &ask, sizeof(ask), 0));
	show_error("second", recv(fd, room, sizeof(room), 0));
	TRY(polled(fd, 0));
	show_error("third", recv(fd, room, sizeof(room), 0));
	TRY(polled(fd, 0));
	int one = user(70001), other = user(70002);
	event.events = EPOLLIN | EPOLLET;
	TRY(epoll_ctl(epoll, EPOLL_CTL_ADD, other, &event));
	if (!fork()) {
		usleep(50000);
		send_to(one, 70002, "later", 5);
		usleep(50000);
		send_to(one, 70002, "again", 5);
		_exit(0);
	}
	TRY(edges(epoll, 5000));
	TRY(edges(epoll, 5000));
	TRY(edges(epoll, 0));
	wait(NULL);
	TRY(recv(other, room, sizeof(room), 0));
	TRY(recv(other, room, sizeof(room), 0));
	TRY(polled(other, 0));
}

static void on_signal(int number)
{
	(void)number;
}

/* A signal in a while, and again, should a busy machine be so slow that nobody waits yet; then no more. */
static void in_a_while(int flags)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
	struct itimerval timer = {{.tv_usec = 100000}, {.tv_usec = 50000}};
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void calm(void)
{
	struct itimerval never = {{0}};
	setitimer(ITIMER_REAL, &never, NULL);
}

static void signals(void)
{
	int fd = user(70003), other = user(70004);
	in_a_while(0);
	TRY(recv(fd, room, sizeof(room), 0));
	calm();
	TRY(send_to(other, 70003, "kept", 4));
	TRY(recv(fd, room, sizeof(room), 0));
	in_a_while(SA_RESTART);
	if (!fork()) {
		usleep(250000);
		send_to(other, 70003, "after", 5);
		_exit(0);
	}
	TRY(recv(fd, room, sizeof(room), 0));
	wait(NULL);
	calm();
	struct timeval patience = {.tv_usec = 100000};
	TRY(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)));
	struct timespec begin, end;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	TRY(recv(fd, room, sizeof(room), 0));
	clock_gettime(CLOCK_MONOTONIC, &end);
	double waited = (end.tv_sec - begin.tv_sec) + (end.tv_nsec - begin.tv_nsec) / 1e9;
	SAY("waited %d\n", waited > 0.08 && waited < 2);
}

static char state_of(int pid)
{
	char path[64], text[256], *end;
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	int fd = open(path, O_RDONLY);
	ssize_t got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = 0;
	end = strrchr(text, ')');
	return end ? end[2] : '?';
}

static void *other_waits(void *argument)
{
	ssize_t got = recv(*(int *)argument, room, sizeof(room), 0);
	return (void *)got;
}

/* What a signal does to each call that waits. */
static void interrupted(void)
{
	int fd = user(70011), other = user(70012), size = 2304, pair[2], sent = 0;
	struct timeval patience = {.tv_sec = 5};
	TRY(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)));
	in_a_while(SA_RESTART);
	TRY(recv(fd, room, sizeof(room), 0));
	calm();
	patience.tv_sec = 0;
	TRY(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)));
	struct iovec into[2] = {{room, 100}, {room + 100, 100}};
	struct mmsghdr two[2] = {{.msg_hdr = {.msg_iov = into, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = into + 1, .msg_iovlen = 1}}};
	int apart = user(70013); /* the kernel keeps the error for the next who receives (do_recvmmsg()), be it ERESTARTSYS */
	send_to(other, 70013, "one", 3);
	in_a_while(0);
	TRY(recvmmsg(apart, two, 2, 0, NULL));
	calm();
	SAY("got %u\n", two[0].msg_len);

	pthread_t thread;
	void *got;
	pthread_create(&thread, NULL, other_waits, &other);
	usleep(50000);
	int child = fork();
	if (!child)
		for (;;) {
			usleep(100000);
			kill(getppid(), SIGALRM);
		}
	TRY(recv(fd, room, sizeof(room), 0));
	kill(child, SIGKILL);
	wait(NULL);
	TRY(send_to(fd, 70012, "thread", 6));
	pthread_join(thread, &got);
	SAY("the thread was not meant: %zd\n", (ssize_t)got);

	if (!fork()) {
		char stopped = 0;
		usleep(50000);
		kill(getppid(), SIGSTOP);
		for (int i = 0; i < 500 && (stopped = state_of(getppid())) != 'T'; i++)
			usleep(10000);
		kill(getppid(), SIGCONT);
		usleep(50000);
		send_to(other, 70011, stopped == 'T' ? "stopped" : "no", stopped == 'T' ? 7 : 2);
		_exit(0);
	}
	TRY(recv(fd, room, sizeof(room), 0));
	wait(NULL);

	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	in_a_while(0);
	TRY(recvmsg(pair[0], &message, 0));
	calm();

	TRY(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	while (send_to(other, 70011, room, 100) == 100)
		sent++;
	struct sockaddr_nl name = to(70011);
	in_a_while(0);
	TRY(sendto(other, room, 100, 0, (void *)&name, sizeof(name)));
	calm();

	if (!fork()) {
		if (!fork()) {
			usleep(50000);
			kill(getppid(), SIGQUIT);
			_exit(0);
		}
		recv(other, room, sizeof(room), 0);
		_exit(0);
	}
	int status = 0;
	wait(&status);
	SAY("a signal that nobody handles: %d\n", WTERMSIG(status));
}

static volatile sig_atomic_t ticks;

static void tick(int number)
{
	(void)number;
	ticks++;
}

/* Signals all the time must neither lose nor double anything. */
static void storm(void)
{
	int fd = user(70005), other = user(70006);
	struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
	struct itimerval often = {{.tv_usec = 100}, {.tv_usec = 100}}, never = {{0}};
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	long lost = 0, failed = 0;
	for (int i = 0; i < 2000; i++) {
		int got = -1;
		failed += send_to(other, 70005, &i, sizeof(i)) != sizeof(i);
		failed += recv(fd, &got, sizeof(got), 0) != sizeof(got);
		lost += got != i;
	}
	setitimer(ITIMER_REAL, &never, NULL);
	SAY("lost %ld failed %ld\n", lost, failed);
	TRY(recv(fd, room, sizeof(room), MSG_DONTWAIT));
}

static long pass(int through, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 'x';
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *one = CMSG_FIRSTHDR(&message);
	*one = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
	memcpy(CMSG_DATA(one), &fd, sizeof(fd));
	return sendmsg(through, &message, 0);
}

static int passed(int through)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	int fd = -1;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	TRY(recvmsg(through, &message, MSG_CMSG_CLOEXEC));
	for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one))
		memcpy(&fd, CMSG_DATA(one), sizeof(fd));
	SAY("byte %c control %zu flags %x\n", byte, (size_t)message.msg_controllen, message.msg_flags & ~MSG_CMSG_CLOEXEC);
	return fd;
}

static void rights(void)
{
	int pair[2], fd = route(0), pipes[2];
	TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	TRY(pipe(pipes));
	if (!fork()) {
		close(fd);
		int got = passed(pair[1]);
		SAY("a descriptor %d, cloexec %d\n", got >= 0, fcntl(got, F_GETFD));
		TRY(send(got, &ask, sizeof(ask), 0));
		show_error("passed", recv(got, room, sizeof(room), 0));
		got = passed(pair[1]);
		TRY(write(got, "pipe", 4));
		_exit(0);
	}
	usleep(50000);
	long sent = pass(pair[0], fd);
	usleep(50000);
	sent += pass(pair[0], pipes[1]);
	long got = read(pipes[0], room, 10);
	wait(NULL); /* the other one has said all it has to say: lines of two at once would come in any order */
	SAY("sent %ld, read %ld\n", sent, got);
}

static void full(void)
{
	int fd = user(70007), other = user(70008), size = 2304, sent = 0;
	TRY(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	while (send_to(other, 70007, room, 100) == 100)
		sent++;
	SAY("sent %d, then %s\n", sent, strerrorname_np(errno));
	struct sockaddr_nl name = to(70007);
	struct timeval patience = {.tv_usec = 100000};
	TRY(setsockopt(other, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)));
	TRY(sendto(other, room, 100, 0, (void *)&name, sizeof(name)));
	patience.tv_usec = 0;
	TRY(setsockopt(other, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)));
	if (!fork()) {
		usleep(100000);
		for (int i = 0; i < sent; i++)
			recv(fd, room, sizeof(room), 0);
		_exit(0);
	}
	TRY(sendto(other, room, 100, 0, (void *)&name, sizeof(name)));
	wait(NULL);
	TRY(recv(fd, room, sizeof(room), 0));
}

static void many(void)
{
	static int fds[1000];
	int made = 0, answered = 0;
	for (int i = 0; i < 1000; i++) {
		fds[i] = route(SOCK_CLOEXEC);
		if (fds[i] < 0)
			break;
		made++;
	}
	for (int i = 0; i < made; i++)
		answered += send(fds[i], &ask, sizeof(ask), 0) == sizeof(ask) && recv(fds[i], room, sizeof(room), 0) > 0;
	SAY("made %d answered %d\n", made, answered);
	for (int i = 0; i < made; i++)
		close(fds[i]);
	int fd = route(0);
	struct sockaddr_nl name = to(0);
	socklen_t size = sizeof(name);
	bind(fd, (void *)&name, sizeof(name));
	getsockname(fd, (void *)&name, &size);
	SAY("all portids are free again: %d\n", name.nl_pid == (unsigned)getpid());
}

static void children(void)
{
	int good = 0, status;
	for (int i = 0; i < 100; i++)
		if (!fork()) {
			int fd = route(0);
			struct sockaddr_nl name = to(0);
			socklen_t size = sizeof(name);
			bind(fd, (void *)&name, sizeof(name));
			getsockname(fd, (void *)&name, &size);
			int right = name.nl_pid == (unsigned)getpid() && send(fd, &ask, sizeof(ask), 0) > 0 && recv(fd, room, sizeof(room), 0) > 0;
			if (i % 3 == 0)
				raise(SIGKILL);
			_exit(!right);
		}
	for (int i = 0; i < 100; i++) {
		wait(&status);
		good += WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
	}
	SAY("children that did well: %d\n", good);
}

static void executed(const char *self)
{
	int fd = route(0), closed = route(SOCK_CLOEXEC);
	char one[16], other[16];
	send(fd, &ask, sizeof(ask), 0);
	snprintf(one, sizeof(one), "%d", fd);
	snprintf(other, sizeof(other), "%d", closed);
	if (!fork())
		execl(self, self, "--inherited", one, other, NULL);
	wait(NULL);
}

static void filters(void)
{
	int fd = user(70009), other = user(70010);
	struct sock_filter code[] = {{BPF_LD | BPF_B | BPF_ABS, 0, 0, 0}, {BPF_JMP | BPF_JEQ, 0, 1, 'k'}, {BPF_RET, 0, 0, 0xffff}, {BPF_RET, 0, 0, 0}};
	struct sock_fprog program = {4, code}, nowhere = {4, (void *)8}, empty = {0, code}, endless = {3, code};
	TRY(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &program, sizeof(int)));
	TRY(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, 8));
	TRY(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &nowhere, sizeof(nowhere)));
	TRY(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &empty, sizeof(empty)));
	TRY(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &endless, 16));
	TRY(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)));
	TRY(send_to(other, 70009, "drop", 4));
	TRY(recv(fd, room, sizeof(room), MSG_DONTWAIT));
	TRY(send_to(other, 70009, "keep", 4));
	TRY(recv(fd, room, sizeof(room), MSG_DONTWAIT));
	TRY(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &program, sizeof(int)));
	TRY(send_to(other, 70009, "drop", 4));
	TRY(recv(fd, room, sizeof(room), MSG_DONTWAIT));
}

static void ring(void)
{
	TRY(syscall(SYS_io_uring_setup, 8, room));
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(void); } scenes[] = {
		{"names", names}, {"options", options}, {"transfer", transfer}, {"hostile", hostile}, {"descriptors", descriptors},
		{"threads", threads}, {"readiness", readiness}, {"signals", signals}, {"interrupted", interrupted}, {"storm", storm}, {"rights", rights},
		{"full", full}, {"many", many}, {"children", children}, {"ring", ring},
		{"filters", filters},
	};
	if (argc == 4 && !strcmp(argv[1], "--inherited")) {
		show_error("inherited", recv(atoi(argv[2]), room, sizeof(room), 0));
		TRY(recv(atoi(argv[3]), room, sizeof(room), 0) );
		return 0;
	}
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "executed"))
			executed(argv[0]);
		for (size_t k = 0; k < sizeof(scenes) / sizeof(*scenes); k++)
			if (!strcmp(argv[i], scenes[k].name))
				scenes[k].run();
	}
	return 0;
}
