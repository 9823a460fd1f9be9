/* Class 8 (FRR e9f79fff57): a name is copied up to its NUL, which need not be there. */
#include "client.h"

static void link_(struct nlmsghdr *message)
{
	char name[IFNAMSIZ];
	struct rtattr *rta;
	int left;

	if (!holds(message, RTM_NEWLINK, sizeof(struct ifinfomsg)))
		return;
	for (rta = attributes(message, sizeof(struct ifinfomsg), &left); RTA_OK(rta, left); rta = RTA_NEXT(rta, left))
		if ((rta->rta_type & NLA_TYPE_MASK) == IFLA_IFNAME) {
			strcpy(name, RTA_DATA(rta));
			puts(name);
		}
}

int main(void)
{
	dump(RTM_GETLINK, AF_UNSPEC, link_);
	return 0;
}
