// What Go's net package says of interfaces and their addresses.
package main

import (
	"fmt"
	"net"
	"os"
)

func main() {
	interfaces, err := net.Interfaces()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for _, one := range interfaces {
		addresses, err := one.Addrs()
		fmt.Println(one.Index, one.Name, one.MTU, one.Flags, one.HardwareAddr, addresses, err)
	}
}
