"""net/bridge: bridges and their ports, without packets and without VLAN filtering (as in a kernel without 802.1Q).

br_private.py       net_bridge, net_bridge_port
br_fdb.py           the forwarding database
br_fdb_request.py   what may be asked of it
br_multicast.py     groups, the ports behind which they are listened to, routers
br_mdb.py           what may be asked of groups; br_mdb_config.py: how it is read; br_mdb_fill.py: what is said of them
br_stp.py           states of ports, the bridge's id
br_if.py            ports come and go
br_device.py        the device
br_netlink.py       what may be asked of a bridge; br_netlink_info.py: what is said of it
br_netlink_port.py  what may be asked of a port; br_netlink_fill.py: what is said of it
br.py               what ports' devices do, boot
"""
