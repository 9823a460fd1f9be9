"""Where datagrams come from and go to: the real socket, and wrappers that keep a socket's shape and add one thing.

    base.py    the shape; the methods of a socket made from two; wrappers; receiving without truncation
    socket.py  AF_NETLINK sockets
    netns.py   a fresh network namespace and sockets in it
    trace.py   every datagram both ways, told to a function
    fault.py   overruns, interrupted dumps, lost, late, doubled, split and forged datagrams, on demand

The mock kernel's sockets (nlwire.kernel) and replayed captures (nlwire.capture.replay) have the same shape.
"""
