/* Class 4 (libnl 424b3b6d): attributes are put into one attribute of one's own, whose 16-bit length wraps. */
#include "client.h"

static char own[1 << 18];

static void route(struct nlmsghdr *message)
{
	struct rtattr *nest = (struct rtattr *)own, *rta;
	size_t used = RTA_LENGTH(0);
	int left;

	if (!holds(message, RTM_NEWROUTE, sizeof(struct rtmsg)))
		return;
	for (rta = attributes(message, sizeof(struct rtmsg), &left); RTA_OK(rta, left); rta = RTA_NEXT(rta, left)) {
		int copies;

		/* each is kept for eight address families */
		for (copies = 0; copies < 8 && used + rta->rta_len < sizeof(own); copies++) {
			memcpy(own + used, rta, rta->rta_len);
			used += RTA_ALIGN(rta->rta_len);
		}
	}
	nest->rta_len = used;
	if (nest->rta_len != used)
		abort(); /* what was built is not what is read: somebody else's buffer overflow */
}

int main(void)
{
	dump(RTM_GETROUTE, AF_INET, route);
	return 0;
}
