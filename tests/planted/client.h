/* What the planted clients have in common: a careful conversation. Each client then makes one mistake of its own.
 *
 * dump() asks, receives, checks the sender, the sequence number and each frame, and hands every message to the client.
 */
#include <errno.h>
#include <linux/if.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/if_link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef void (*handler)(struct nlmsghdr *message);

#ifndef SENDER_MATTERS
#define SENDER_MATTERS 1
#endif

static char buffer[65536] __attribute__((aligned(4)));

static inline int opened(int protocol, unsigned groups)
{
	struct sockaddr_nl own = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW, protocol);

	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0) {
		perror("socket");
		exit(2);
	}
	return fd;
}

/* One datagram from the kernel; 0 where there is none. */
static inline ssize_t receive(int fd)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		struct iovec iov = { buffer, sizeof(buffer) };
		struct msghdr msg = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1 };
		ssize_t size = recvmsg(fd, &msg, 0);

		if (size < 0 && errno == EINTR)
			continue;
		if (size >= 0 && SENDER_MATTERS && from.nl_pid != 0)
			continue;
		return size <= 0 || msg.msg_flags & MSG_TRUNC ? 0 : size;
	}
}

/* Where the next message begins; a message's length may be close to 2^32. */
static inline struct nlmsghdr *following(struct nlmsghdr *message, size_t *left)
{
	size_t step = ((size_t)message->nlmsg_len + 3) & ~(size_t)3;

	if (step > *left)
		step = *left;
	*left -= step;
	return (struct nlmsghdr *)((char *)message + step);
}

static inline void dump(int type, unsigned char family, handler take)
{
	struct {
		struct nlmsghdr head;
		unsigned char body[16];
	} request = { { sizeof(request), type, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 }, { family } };
	int fd = opened(NETLINK_ROUTE, 0);
	ssize_t size;

	if (send(fd, &request, sizeof(request), 0) < 0) {
		perror("send");
		exit(2);
	}
	while ((size = receive(fd)) > 0) {
		struct nlmsghdr *message = (struct nlmsghdr *)buffer;
		size_t left = size;

		while (left >= sizeof(*message) && message->nlmsg_len >= sizeof(*message) && message->nlmsg_len <= left) {
			if (message->nlmsg_seq == 1) {
				if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
					close(fd);
					return;
				}
				take(message);
			}
			message = following(message, &left);
		}
	}
	close(fd);
}

/* The first attribute behind a fixed header, and how many bytes of attributes there are. */
static inline struct rtattr *attributes(struct nlmsghdr *message, size_t header, int *left)
{
	size_t start = NLMSG_LENGTH((header + 3) & ~(size_t)3);

	*left = message->nlmsg_len > start ? (int)(message->nlmsg_len - start) : 0;
	return (struct rtattr *)((char *)message + start);
}

static inline int holds(struct nlmsghdr *message, int type, size_t header)
{
	return message->nlmsg_type == type && message->nlmsg_len >= NLMSG_LENGTH(header);
}
