"""Grounds: where the sockets of supervised programs are."""
