/* Opens a socket as root, changes a link, becomes nobody, and tries again: the kernel looks at both, who opened and who sends. */
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void change(int fd)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg body;
	} ask = {.head = {.nlmsg_len = sizeof(ask), .nlmsg_type = RTM_NEWLINK, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		 .body = {.ifi_index = 1}};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char rest[256];
	} answer;
	if (send(fd, &ask, sizeof(ask), 0) < 0 || recv(fd, &answer, sizeof(answer), 0) < 0)
		perror("talk");
	else
		printf("%d\n", answer.error.error);
	fflush(stdout);
}

int main(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	change(fd);
	if (setuid(65534))
		perror("setuid");
	change(fd);
	change(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
	return 0;
}
