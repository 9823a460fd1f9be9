/* Class 12 (FreeBSD's atf_python, pyynl): an attribute of length 0 is followed by itself. */
#include "client.h"

static void route(struct nlmsghdr *message)
{
	struct rtattr *rta;
	volatile unsigned long sum = 0;
	int left;

	if (!holds(message, RTM_NEWROUTE, sizeof(struct rtmsg)))
		return;
	rta = attributes(message, sizeof(struct rtmsg), &left);
	while (left >= (int)sizeof(*rta) && rta->rta_len <= left) {
		sum += rta->rta_type;
		left -= RTA_ALIGN(rta->rta_len);
		rta = (struct rtattr *)((char *)rta + RTA_ALIGN(rta->rta_len));
	}
}

int main(void)
{
	dump(RTM_GETROUTE, AF_INET, route);
	return 0;
}
