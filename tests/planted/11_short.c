/* Class 11 (rust-netlink, vishvananda/netlink): a payload that is shorter than it was on the author's kernel. */
#include "client.h"

static void link_(struct nlmsghdr *message)
{
	struct rtattr *rta;
	int left;

	if (!holds(message, RTM_NEWLINK, sizeof(struct ifinfomsg)))
		return;
	for (rta = attributes(message, sizeof(struct ifinfomsg), &left); RTA_OK(rta, left); rta = RTA_NEXT(rta, left))
		if ((rta->rta_type & NLA_TYPE_MASK) == IFLA_STATS64) {
			size_t size = RTA_PAYLOAD(rta), words = size / 8;
			uint64_t *copy = malloc(size ? size : 1);

			memcpy(copy, RTA_DATA(rta), size);
			if (words < 23)
				abort(); /* the last counter is read behind the end */
			printf("%llu\n", (unsigned long long)copy[22]);
			free(copy);
		}
}

int main(void)
{
	dump(RTM_GETLINK, AF_UNSPEC, link_);
	return 0;
}
