// Links, addresses and routes by github.com/vishvananda/netlink (Debian's golang-github-vishvananda-netlink-dev): listed, then changed.
package main

import (
	"fmt"
	"net"
	"os"

	"github.com/vishvananda/netlink"
)

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func list() {
	links, err := netlink.LinkList()
	check(err)
	for _, link := range links {
		a := link.Attrs()
		fmt.Println(link.Type(), a.Index, a.Name, a.MTU, a.HardwareAddr, a.Flags, a.OperState)
		addresses, err := netlink.AddrList(link, netlink.FAMILY_V4)
		check(err)
		for _, one := range addresses {
			fmt.Println(" ", one)
		}
		neighbours, err := netlink.NeighList(a.Index, netlink.FAMILY_V4)
		check(err)
		for _, one := range neighbours {
			fmt.Println(" ", one.IP, one.HardwareAddr, one.State)
		}
	}
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	check(err)
	for _, one := range routes {
		fmt.Println(one)
	}
	rules, err := netlink.RuleList(netlink.FAMILY_V4)
	check(err)
	for _, one := range rules {
		fmt.Println(one)
	}
}

func main() {
	list()
	link, err := netlink.LinkByName("v0")
	check(err)
	_, ten, _ := net.ParseCIDR("10.0.0.0/8")
	route := netlink.Route{LinkIndex: link.Attrs().Index, Dst: ten, Gw: net.ParseIP("192.0.2.9")}
	check(netlink.RouteAdd(&route))
	fmt.Println("again:", netlink.RouteAdd(&route))
	check(netlink.LinkSetMTU(link, 1400))
	address, _ := netlink.ParseAddr("192.0.2.7/24")
	check(netlink.AddrAdd(link, address))
	check(netlink.LinkAdd(&netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "br0", TxQLen: -1, HardwareAddr: net.HardwareAddr{2, 0, 0, 0, 0, 9}}}))
	bridge, err := netlink.LinkByName("br0")
	check(err)
	check(netlink.LinkSetMaster(link, bridge))
	found, err := netlink.RouteGet(net.ParseIP("10.1.2.3"))
	check(err)
	fmt.Println(found)
	list()
	check(netlink.RouteDel(&route))
	check(netlink.LinkDel(bridge))
}
