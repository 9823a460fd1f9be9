"""include/net/tcp_states.h: the states of sockets, which other address families borrow from TCP (unix_diag).

Knows: TCP_ESTABLISHED and the others.
Never: transitions between them.
"""

from nlwire.schema import UapiEnum


class TCP(UapiEnum):
    """States of a socket; in a request's set of states each is the bit 1 << state."""

    ESTABLISHED = 1
    SYN_SENT = 2
    SYN_RECV = 3
    FIN_WAIT1 = 4
    FIN_WAIT2 = 5
    TIME_WAIT = 6
    CLOSE = 7
    CLOSE_WAIT = 8
    LAST_ACK = 9
    LISTEN = 10
    CLOSING = 11
    NEW_SYN_RECV = 12
    BOUND_INACTIVE = 13
