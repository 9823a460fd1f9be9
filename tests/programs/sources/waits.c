/* waits: opens a netlink socket and waits for what never comes. waits pid: says its pid instead. waits undumpable: forbids to look. */
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char room[100];
	int fd = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_USERSOCK);
	struct sockaddr_nl name = {.nl_family = AF_NETLINK};
	if (argc > 1 && !strcmp(argv[1], "undumpable"))
		prctl(PR_SET_DUMPABLE, 0);
	if (fd < 0 || bind(fd, (void *)&name, sizeof(name))) {
		printf("bind: %s\n", strerror(errno));
		return 1;
	}
	if (argc > 1)
		printf("%d\n", getpid());
	else
		printf("waiting\n");
	fflush(stdout);
	recv(fd, room, sizeof(room), 0);
	printf("recv: %s\n", strerror(errno));
	return 1;
}
