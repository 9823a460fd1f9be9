/* roundtrips COUNT: so many requests, each with its reply, by send() and recv(); microseconds for one on standard output.
 * The request is RTM_GETLINK of lo by its index, or with a second argument a message of that type, which is answered by an error.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000;
	struct {
		struct nlmsghdr head;
		struct ifinfomsg body;
	} ask = {.head = {.nlmsg_len = sizeof(ask), .nlmsg_type = argc > 2 ? atoi(argv[2]) : RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST},
		 .body = {.ifi_index = 1}};
	char reply[16384];
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0) {
		perror("socket");
		return 1;
	}
	double begin = now();
	for (long i = -count / 10; i < count; i++) {
		if (i == 0)
			begin = now();
		ask.head.nlmsg_seq = i + count;
		if (send(fd, &ask, sizeof(ask), 0) != sizeof(ask)) {
			perror("send");
			return 1;
		}
		ssize_t got = recv(fd, reply, sizeof(reply), 0);
		struct nlmsghdr *head = (void *)reply;
		if (got < (ssize_t)sizeof(*head) || head->nlmsg_seq != ask.head.nlmsg_seq) {
			fprintf(stderr, "a strange reply of %zd bytes\n", got);
			return 1;
		}
	}
	printf("%.3f\n", (now() - begin) / count);
	close(fd);
	return 0;
}
