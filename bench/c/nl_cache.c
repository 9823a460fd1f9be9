/* A dump of IPv4 routes into libnl's cache, as its users do it. Prints routes, then wall and processor seconds of each round. */
#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1;
	struct nl_sock *sock = nl_socket_alloc();

	if (nl_connect(sock, NETLINK_ROUTE) < 0)
		return 1;
	for (int round = 0; round < rounds; round++) {
		double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
		struct nl_cache *cache;

		if (rtnl_route_alloc_cache(sock, AF_INET, 0, &cache) < 0)
			return 1;
		wall = now(CLOCK_MONOTONIC) - wall;
		cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
		if (!round)
			printf("%d\n", nl_cache_nitems(cache));
		printf("%.6f %.6f\n", wall, cpu);
		nl_cache_free(cache);
	}
	return 0;
}
