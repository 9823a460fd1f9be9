/* Class 2 (CVE-2009-1185, CVE-2011-1823): an event is acted upon without asking who sent it. */
#define SENDER_MATTERS 0
#include "client.h"

int main(void)
{
	int fd = opened(NETLINK_ROUTE, RTMGRP_LINK);
	struct timeval patience = { .tv_usec = 100000 };
	struct {
		struct nlmsghdr head;
		struct ifinfomsg body;
	} request = { { sizeof(request), RTM_GETLINK, NLM_F_REQUEST, 1, 0 }, { .ifi_index = 1 } };
	ssize_t size;
	int events = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, &request, sizeof(request), 0) < 0)
		return 2;
	while ((size = receive(fd)) > 0) {
		struct nlmsghdr *message = (struct nlmsghdr *)buffer;

		if ((size_t)size >= sizeof(*message) && message->nlmsg_type == RTM_NEWLINK)
			printf("run /sbin/modprobe for event %d\n", ++events);
		if (events)
			break;
	}
	while ((size = receive(fd)) > 0)
		printf("run /sbin/modprobe for event %d\n", ++events);
	return 0;
}
