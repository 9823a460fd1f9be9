"""net/ipv4: the control plane of IPv4, in rooms named after the kernel's files.

ip_fib.py         struct fib_info, fib_nh, fib_alias, fib_config, fib_result, flowi4
fib_trie.py       a table's routes by key; looking up
fib_tables.py     tables by id, fib_lookup(), inet_addr_type()
metrics.py        RTA_METRICS
fib_nh.py         nexthops: made, checked, compared
fib_semantics.py  fib_create_info(): routes that say the same share what they say
fib_dump.py       fib_dump_info(), rtmsg_fib()
fib_table.py      fib_table_insert(), _delete(), _flush(), _dump()
fib_sync.py       devices and addresses that come and go; choosing a path
fib_config.py     RTM_NEWROUTE and RTM_DELROUTE, read
fib_ifaddr.py     the routes that addresses bring
fib_frontend.py   requests, dumps, notifiers, NETLINK_FIB_LOOKUP
route.py          RTM_GETROUTE
"""
