"""The wires that chapters start from: fixed names of equal length, indexes, MACs and addresses.

v0 (10) ---- v1 (11)                      both here
w0 (12) ---- w1 (13, in the peer namespace)
"""

CALM = """
    sysctl net/ipv6/conf/default/accept_dad=0
    sysctl net/ipv6/conf/default/router_solicitations=0
    sysctl net/ipv6/conf/all/forwarding=1
    sysctl net/ipv4/ip_forward=1
    ip link set lo up
"""

VETH = f"""
    {CALM}
    ip link add v0 index 10 address 02:00:00:00:00:10 type veth peer name v1 index 11 address 02:00:00:00:00:11
    ip link set v0 up
    ip link set v1 up
"""

WIRED = f"""
    {VETH}
    ip address add 192.0.2.1/24 dev v0
    ip address add 203.0.113.1/24 dev v1
    ip address add 2001:db8::1/64 dev v0 nodad
    ip address add 2001:db8:1::1/64 dev v1 nodad
"""

ACROSS = f"""
    {WIRED}
    ip link add w0 index 12 address 02:00:00:00:00:12 type veth peer name w1 index 13 address 02:00:00:00:00:13
    ip link set w1 netns PEER
    ip link set w0 up
    peer ip link set lo up
    peer ip link set w1 up
    ip address add 198.51.100.1/24 dev w0
    peer ip address add 198.51.100.2/24 dev w1
"""
