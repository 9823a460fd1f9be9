"""net/ipv4: addresses, routes, rules and neighbours of IPv4. Addresses are ints in host order here: 10.0.0.1 is 0x0A000001."""
