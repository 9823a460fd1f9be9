/* What libc says of interfaces: getifaddrs, if_nametoindex, if_indextoname, if_nameindex, SIOCGIFCONF and its like. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void show(const struct ifaddrs *one)
{
	char text[64] = "";
	int family = one->ifa_addr ? one->ifa_addr->sa_family : -1;
	if (family == AF_INET)
		inet_ntop(AF_INET, &((struct sockaddr_in *)one->ifa_addr)->sin_addr, text, sizeof(text));
	if (family == AF_INET6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)one->ifa_addr)->sin6_addr, text, sizeof(text));
	printf("%s %x %d %s\n", one->ifa_name, one->ifa_flags, family, text);
}

int main(void)
{
	struct ifaddrs *all;
	if (getifaddrs(&all)) {
		perror("getifaddrs");
		return 1;
	}
	for (struct ifaddrs *one = all; one; one = one->ifa_next)
		show(one);
	freeifaddrs(all);
	char name[IF_NAMESIZE] = "";
	printf("%u %s\n", if_nametoindex("lo"), if_indextoname(1, name) ? name : "?");
	struct if_nameindex *names = if_nameindex();
	for (struct if_nameindex *one = names; one && one->if_index; one++)
		printf("%u %s\n", one->if_index, one->if_name);
	if_freenameindex(names);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char room[4096];
	struct ifconf conf = {.ifc_len = sizeof(room), .ifc_buf = room};
	int result = ioctl(fd, SIOCGIFCONF, &conf);
	printf("SIOCGIFCONF %d %d\n", result, conf.ifc_len);
	for (int at = 0; at < conf.ifc_len; at += sizeof(struct ifreq)) {
		struct ifreq *one = (void *)(room + at);
		printf("%s %s\n", one->ifr_name, inet_ntoa(((struct sockaddr_in *)&one->ifr_addr)->sin_addr));
	}
	static const struct { const char *name; unsigned long request; } asked[] = {
		{"SIOCGIFFLAGS", SIOCGIFFLAGS}, {"SIOCGIFMTU", SIOCGIFMTU}, {"SIOCGIFTXQLEN", SIOCGIFTXQLEN},
		{"SIOCGIFADDR", SIOCGIFADDR}, {"SIOCGIFNETMASK", SIOCGIFNETMASK}, {"SIOCGIFHWADDR", SIOCGIFHWADDR},
		{"SIOCGIFMETRIC", SIOCGIFMETRIC}, {"SIOCGIFINDEX", SIOCGIFINDEX},
	};
	for (int which = 0; which < 2; which++)
		for (unsigned i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
			struct ifreq request = {0};
			strcpy(request.ifr_name, which ? "nowhere" : "lo");
			result = ioctl(fd, asked[i].request, &request);
			printf("%s %d %x %x\n", asked[i].name, result, request.ifr_ifindex, ((int *)&request.ifr_ifindex)[1]);
		}
	close(fd);
	return 0;
}
