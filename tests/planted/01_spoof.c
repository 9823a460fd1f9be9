/* Class 1 (CVE-2003-0856, -0858, -0859): whoever sends is believed. */
#define SENDER_MATTERS 0
#include "client.h"

static unsigned long sum;

static void route(struct nlmsghdr *message)
{
	int left;
	struct rtattr *rta;

	if (!holds(message, RTM_NEWROUTE, sizeof(struct rtmsg)))
		return;
	for (rta = attributes(message, sizeof(struct rtmsg), &left); RTA_OK(rta, left); rta = RTA_NEXT(rta, left))
		if ((rta->rta_type & NLA_TYPE_MASK) == RTA_OIF && RTA_PAYLOAD(rta) == 4)
			sum = sum * 31 + *(unsigned *)RTA_DATA(rta);
	sum++;
}

int main(void)
{
	dump(RTM_GETROUTE, AF_INET, route);
	printf("%lu\n", sum);
	return 0;
}
