/* Class 6 (FRR ce39ca16dd, iproute2 ede5e0b6): the table of attributes is one entry short. */
#include "client.h"

static void route(struct nlmsghdr *message)
{
	struct {
		struct rtattr *tb[RTA_MAX];
		size_t guard;
	} table = { .guard = 0x5a5a5a5a };
	struct rtattr *rta;
	int left;

	if (!holds(message, RTM_NEWROUTE, sizeof(struct rtmsg)))
		return;
	for (rta = attributes(message, sizeof(struct rtmsg), &left); RTA_OK(rta, left); rta = RTA_NEXT(rta, left))
		if ((rta->rta_type & NLA_TYPE_MASK) <= RTA_MAX)
			*(&table.tb[0] + (rta->rta_type & NLA_TYPE_MASK)) = rta;
	if (table.guard != 0x5a5a5a5a)
		abort(); /* the stack is smashed */
}

int main(void)
{
	dump(RTM_GETROUTE, AF_INET, route);
	return 0;
}
