/* A whole dump of IPv4 routes received into one buffer and looked at no further than its end. Prints bytes, then wall
 * and processor seconds of each round. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static char buffer[32768];

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 3;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct {
		struct nlmsghdr nlh;
		struct rtmsg rtm;
	} request = { { sizeof(request), RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 }, { AF_INET } };

	for (int round = 0; round < rounds; round++) {
		double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
		size_t total = 0;

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
		wall = now(CLOCK_MONOTONIC) - wall;
		cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
		if (!round)
			printf("%zu\n", total);
		printf("%.6f %.6f\n", wall, cpu);
	}
	return 0;
}
