/* No class of its own: a mistake that takes two faults in one message; who does not see that the first leads somewhere has
 * to have both at once. */
#include "client.h"

static void link_(struct nlmsghdr *message)
{
	struct rtattr *rta;
	int left, step = 0;

	if (!holds(message, RTM_NEWLINK, sizeof(struct ifinfomsg)))
		return;
	for (rta = attributes(message, sizeof(struct ifinfomsg), &left); RTA_OK(rta, left); rta = RTA_NEXT(rta, left)) {
		if (rta->rta_type == IFLA_TXQLEN && RTA_PAYLOAD(rta) != 4)
			step = 1;
		if (step && rta->rta_type == (IFLA_GROUP | NLA_F_NESTED))
			abort();
	}
}

int main(void)
{
	dump(RTM_GETLINK, AF_UNSPEC, link_);
	return 0;
}
