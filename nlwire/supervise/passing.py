"""sendmsg() and recvmsg() on other sockets: descriptors of ours that programs pass to each other (SCM_RIGHTS).

The kernel gives a passed descriptor the lowest free number, where the filter would not see it used. So, while one of ours is on
its way, receiving is done here, and ours get a number in the range; at all other times these calls go on untouched.

Knows: SCM_RIGHTS.
Never: netlink.
"""

from nlwire.supervise.call import GO_ON, Call


def sendmsg(call: Call) -> int:
    """Look whether one of ours is sent away."""
    return GO_ON


def recvmsg(call: Call) -> int:
    """Receive it at a number in the range."""
    return GO_ON
