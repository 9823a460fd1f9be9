/* A whole dump of IPv4 routes received into one buffer and looked at no further than its end. Prints bytes, then seconds. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static char buffer[32768];

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 3;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct {
		struct nlmsghdr nlh;
		struct rtmsg rtm;
	} request = { { sizeof(request), RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 }, { AF_INET } };

	for (int round = 0; round < rounds; round++) {
		struct timespec a, b;
		size_t total = 0;

		clock_gettime(CLOCK_MONOTONIC, &a);
		if (send(fd, &request, sizeof(request), 0) < 0)
			return 1;
		for (;;) {
			ssize_t size = recv(fd, buffer, sizeof(buffer), 0);

			if (size < (ssize_t)sizeof(struct nlmsghdr))
				return 1;
			total += size;
			if (((struct nlmsghdr *)buffer)->nlmsg_type == NLMSG_DONE)
				break;
		}
		clock_gettime(CLOCK_MONOTONIC, &b);
		if (!round)
			printf("%zu\n", total);
		printf("%.6f\n", (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) / 1e9);
	}
	return 0;
}
