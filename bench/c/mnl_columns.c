/* Five fields of every route in a file of netlink messages, with libmnl as its users use it: mnl_attr_parse() with a callback
 * that keeps the attributes in an array. Prints messages, then the processor seconds of
 * each round; the arrays are made anew in each. */
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int keep(const struct nlattr *attr, void *data)
{
	const struct nlattr **tb = data;
	int type = mnl_attr_get_type(attr);

	if (mnl_attr_type_valid(attr, RTA_MAX) < 0)
		return MNL_CB_OK;
	tb[type] = attr;
	return MNL_CB_OK;
}

int main(int argc, char **argv)
{
	FILE *file = fopen(argv[1], "rb");
	int rounds = argc > 2 ? atoi(argv[2]) : 5;
	size_t size, most;
	char *data;

	if (!file)
		return 1;
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	data = malloc(size);
	if (fread(data, 1, size, file) != size)
		return 1;
	most = size / 28 + 1;

	for (int round = 0; round < rounds; round++) {
		struct timespec a, b;
		size_t count = 0;
		int left = size;
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)data;

		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
		uint8_t *dst_len = malloc(most);
		uint32_t *dst = malloc(4 * most), *oif = malloc(4 * most);
		uint32_t *gateway = malloc(4 * most), *priority = malloc(4 * most);

		while (mnl_nlmsg_ok(nlh, left)) {
			const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
			const struct nlattr *tb[RTA_MAX + 1];

			memset(tb, 0, sizeof(tb));
			mnl_attr_parse(nlh, sizeof(*rtm), keep, tb);
			dst_len[count] = rtm->rtm_dst_len;
			dst[count] = tb[RTA_DST] ? mnl_attr_get_u32(tb[RTA_DST]) : 0;
			oif[count] = tb[RTA_OIF] ? mnl_attr_get_u32(tb[RTA_OIF]) : 0;
			gateway[count] = tb[RTA_GATEWAY] ? mnl_attr_get_u32(tb[RTA_GATEWAY]) : 0;
			priority[count] = tb[RTA_PRIORITY] ? mnl_attr_get_u32(tb[RTA_PRIORITY]) : 0;
			count++;
			nlh = mnl_nlmsg_next(nlh, &left);
		}
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
		free(dst_len);
		free(dst);
		free(oif);
		free(gateway);
		free(priority);
		if (!round)
			printf("%zu\n", count);
		printf("%.9f\n", (b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) / 1e9);
	}
	return 0;
}
