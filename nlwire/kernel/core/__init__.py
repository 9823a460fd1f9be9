"""net/core: devices and what hangs on them, whatever the protocol.

netdevice.py   struct net_device and its words
dev/           net/core/dev.c: names, notifiers, coming and going, up and down, uppers and lowers
link_watch.py  carrier and operational state
"""
