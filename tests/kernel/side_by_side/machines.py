"""Every machine, by what it asks about.

Knows: which there are.
Never: what they ask.
"""

from tests.kernel.side_by_side.forwarding import Forwarding, Sources
from tests.kernel.side_by_side.machine import Addresses, Both, Links, Routes
from tests.kernel.side_by_side.machine6 import Addresses6, Routes6
from tests.kernel.side_by_side.more import Bridges, Everything, Neighbours, Nexthops, Rules
from tests.kernel.side_by_side.more6 import Everything6, Neighbours6, Nexthops6, Rules6
from tests.kernel.side_by_side.traffic import Traffic
from tests.kernel.side_by_side.wide import Wide
from tests.kernel.side_by_side.wide6 import Wide6

MACHINES: list[type[Both]] = [
    *(Links, Addresses, Routes, Rules, Neighbours, Nexthops, Bridges, Traffic, Everything, Wide),
    *(Forwarding, Sources),
    *(Addresses6, Routes6, Rules6, Neighbours6, Nexthops6, Everything6, Wide6),
]
