// A dump of IPv4 routes into a list, with vishvananda/netlink as its users do it. Prints routes, then wall and processor
// seconds of each round.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
)

func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	for round := 0; round < rounds; round++ {
		begin, spent := time.Now(), cpu()
		routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if round == 0 {
			fmt.Println(len(routes))
		}
		fmt.Printf("%.6f %.6f\n", time.Since(begin).Seconds(), cpu()-spent)
	}
}
