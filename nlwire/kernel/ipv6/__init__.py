"""net/ipv6, as far as link messages show it.

inet6_dev.py  struct inet6_dev and its settings
addrconf.py   when an interface has IPv6, and what a link message says of it
"""
