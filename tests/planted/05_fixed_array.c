/* Class 5 (libnl f918c3a4 and friends): an array of fixed size, and a length nobody compared with it. */
#include "client.h"

static void link_(struct nlmsghdr *message)
{
	unsigned char address[8];
	struct rtattr *rta;
	int left;

	if (!holds(message, RTM_NEWLINK, sizeof(struct ifinfomsg)))
		return;
	for (rta = attributes(message, sizeof(struct ifinfomsg), &left); RTA_OK(rta, left); rta = RTA_NEXT(rta, left))
		if ((rta->rta_type & NLA_TYPE_MASK) == IFLA_ADDRESS) {
			memcpy(address, RTA_DATA(rta), RTA_PAYLOAD(rta));
			printf("%02x\n", address[0]);
		}
}

int main(void)
{
	dump(RTM_GETLINK, AF_UNSPEC, link_);
	return 0;
}
