/* Class 10 (CVE-2015-6496, ip 6.1.0): an attribute that has always been there is not there. */
#include "client.h"

static void link_(struct nlmsghdr *message)
{
	struct rtattr *tb[IFLA_MAX + 1] = { 0 }, *rta;
	int left;

	if (!holds(message, RTM_NEWLINK, sizeof(struct ifinfomsg)))
		return;
	for (rta = attributes(message, sizeof(struct ifinfomsg), &left); RTA_OK(rta, left); rta = RTA_NEXT(rta, left))
		if ((rta->rta_type & NLA_TYPE_MASK) <= IFLA_MAX)
			tb[rta->rta_type & NLA_TYPE_MASK] = rta;
	printf("mtu %u\n", *(volatile unsigned *)RTA_DATA(tb[IFLA_MTU]));
}

int main(void)
{
	dump(RTM_GETLINK, AF_UNSPEC, link_);
	return 0;
}
