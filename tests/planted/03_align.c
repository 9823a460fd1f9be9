/* Class 3 (libnl, CVE-2017-0553): a length close to 2^32 wraps to nothing when it is aligned, and room is made for nothing. */
#include "client.h"

int main(void)
{
	struct {
		struct nlmsghdr head;
		struct rtmsg body;
	} request = { { sizeof(request), RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 1, 0 }, { .rtm_family = AF_INET } };
	int fd = opened(NETLINK_ROUTE, 0);
	ssize_t size;

	if (send(fd, &request, sizeof(request), 0) < 0)
		return 2;
	while ((size = receive(fd)) > 0) {
		struct nlmsghdr *message = (struct nlmsghdr *)buffer;
		uint32_t left = size;

		while (left >= sizeof(*message)) {
			uint32_t room = NLMSG_ALIGN((uint32_t)message->nlmsg_len);
			char *copy;

			if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR || message->nlmsg_len < 16)
				return 0;
			if (room > left)
				return 0;
			copy = malloc(room ? room : 1);
			memcpy(copy, message, message->nlmsg_len);
			free(copy);
			left -= room;
			message = (struct nlmsghdr *)((char *)message + room);
		}
	}
	return 0;
}
