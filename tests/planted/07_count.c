/* Class 7 (FRR c3c08d4894): as many elements as the wire has, into an array of sixteen. */
#include "client.h"

static void route(struct nlmsghdr *message)
{
	unsigned hops[16];
	struct rtattr *rta;
	int left, count = 0;

	if (!holds(message, RTM_NEWROUTE, sizeof(struct rtmsg)))
		return;
	for (rta = attributes(message, sizeof(struct rtmsg), &left); RTA_OK(rta, left); rta = RTA_NEXT(rta, left)) {
		struct rtnexthop *hop = RTA_DATA(rta);
		int size = RTA_PAYLOAD(rta);

		if ((rta->rta_type & NLA_TYPE_MASK) != RTA_MULTIPATH)
			continue;
		while (size >= (int)sizeof(*hop) && hop->rtnh_len >= sizeof(*hop) && hop->rtnh_len <= size) {
			hops[count++] = hop->rtnh_ifindex;
			size -= RTNH_ALIGN(hop->rtnh_len);
			hop = RTNH_NEXT(hop);
		}
		printf("%d nexthops, the first through %u\n", count, hops[0]);
	}
}

int main(void)
{
	dump(RTM_GETROUTE, AF_INET, route);
	return 0;
}
