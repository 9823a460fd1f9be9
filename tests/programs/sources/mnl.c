/* Links and IPv4 routes dumped with libmnl, each a line; then a route added, listed and taken away. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct mnl_socket *nl;
static unsigned int seq;
static char buf[32768];

static struct nlmsghdr *request(int type, int flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	return nlh;
}

static int talk(struct nlmsghdr *nlh, mnl_cb_t each)
{
	int n, more = 1;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -1;
	while (more > 0) {
		n = mnl_socket_recvfrom(nl, buf, sizeof(buf));
		if (n < 0)
			return -1;
		more = mnl_cb_run(buf, n, seq, mnl_socket_get_portid(nl), each, NULL);
	}
	return more;
}

static int link_line(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	printf("link %d flags %#x", ifi->ifi_index, ifi->ifi_flags);
	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) {
		if (mnl_attr_get_type(attr) == IFLA_IFNAME && mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) >= 0)
			printf(" name %s", mnl_attr_get_str(attr));
		if (mnl_attr_get_type(attr) == IFLA_MTU && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			printf(" mtu %u", mnl_attr_get_u32(attr));
	}
	printf("\n");
	return MNL_CB_OK;
}

static int route_line(const struct nlmsghdr *nlh, void *data)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	char text[INET_ADDRSTRLEN];

	if (rtm->rtm_table != RT_TABLE_MAIN)
		return MNL_CB_OK;
	printf("route /%u proto %u scope %u", rtm->rtm_dst_len, rtm->rtm_protocol, rtm->rtm_scope);
	mnl_attr_for_each(attr, nlh, sizeof(*rtm)) {
		int type = mnl_attr_get_type(attr);

		if (type == RTA_DST || type == RTA_GATEWAY || type == RTA_PREFSRC)
			printf(" %d:%s", type, inet_ntop(AF_INET, mnl_attr_get_payload(attr), text, sizeof(text)));
		if (type == RTA_OIF)
			printf(" oif %u", mnl_attr_get_u32(attr));
	}
	printf("\n");
	return MNL_CB_OK;
}

static int change(int type, int flags)
{
	struct nlmsghdr *nlh = request(type, NLM_F_ACK | flags);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));

	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = 8;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = RTPROT_STATIC;
	rtm->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_DST, inet_addr("10.0.0.0"));
	mnl_attr_put_u32(nlh, RTA_GATEWAY, inet_addr("192.0.2.9"));
	return talk(nlh, NULL);
}

static int dump(int type, mnl_cb_t each)
{
	struct nlmsghdr *nlh = request(type, NLM_F_DUMP);
	struct rtgenmsg *gen = mnl_nlmsg_put_extra_header(nlh, type == RTM_GETROUTE ? sizeof(struct rtmsg) : sizeof(struct ifinfomsg));

	gen->rtgen_family = type == RTM_GETROUTE ? AF_INET : AF_PACKET;
	return talk(nlh, each);
}

static void say(const char *what, int result)
{
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "done");
}

int main(void)
{
	nl = mnl_socket_open(NETLINK_ROUTE);
	if (nl == NULL || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		perror("mnl");
		return EXIT_FAILURE;
	}
	say("links", dump(RTM_GETLINK, link_line));
	say("routes", dump(RTM_GETROUTE, route_line));
	say("add", change(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL));
	say("add again", change(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL));
	say("routes", dump(RTM_GETROUTE, route_line));
	say("delete", change(RTM_DELROUTE, 0));
	say("delete again", change(RTM_DELROUTE, 0));
	mnl_socket_close(nl);
	return EXIT_SUCCESS;
}
