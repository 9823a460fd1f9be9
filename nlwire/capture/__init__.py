"""Netlink like packets: captures read and written, conversations recorded and replayed."""
