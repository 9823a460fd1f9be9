/* Class 9 (iproute2 1cf50a1f): a number from the wire is an index into a table of names. */
#include "client.h"

static const char *const types[] = { "none", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole",
				     "unreachable", "prohibit", "throw", "nat", "xresolve" };

static void route(struct nlmsghdr *message)
{
	struct rtmsg *rtm = NLMSG_DATA(message);

	if (holds(message, RTM_NEWROUTE, sizeof(*rtm)))
		puts(types[rtm->rtm_type]);
}

int main(void)
{
	dump(RTM_GETROUTE, AF_INET, route);
	return 0;
}
