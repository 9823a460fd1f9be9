"""Programs whose netlink sockets are ours: unmodified, unprivileged, static or not, by seccomp user notification.

    with Supervised(["ip", "link"], ground) as running:
        status = running.wait()

``ground`` gives the sockets (base.Ground); nlwire/ground has grounds for the mock kernel, the real one and recordings.
"""

from nlwire.supervise.base import Address, Caller, Ground, Port, Received
from nlwire.supervise.launch import Refused, Supervised

__all__ = ["Address", "Caller", "Ground", "Port", "Received", "Refused", "Supervised"]
