"""net/ipv6.

in6_addr.py     kinds of addresses
inet6_dev.py    struct inet6_dev and its settings; inet6_if.py: struct inet6_ifaddr
addrconf/       addresses, settings, what interfaces' changes do
mcast.py        groups; anycast.py: addresses of routers
ip6_fib.py      the structs of the FIB; fib6_tree.py: prefixes; fib6_add.py: routes come and go; fib6_lookup.py; fib6_nh.py
fib6_rules.py   rules
route*.py       routes: requests, messages, dumps, RTM_GETROUTE, what interfaces' changes do
saddr.py        which address a packet is sent from
ndisc.py        neighbours
route_init.py   what is registered
"""
