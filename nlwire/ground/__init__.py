"""Grounds: where the sockets of supervised programs are, and who listens in on them.

* ``Mock``, ``Host``, ``Recording``: the mock kernel, the real one, what was recorded
* ``fill``, ``save``: a mock kernel out of a snapshot, and into one
* ``Faulty``, ``Order``, ``order``, ``BadOrder``: a ground on which things break on demand
* ``Tap``, ``Recorder``, ``Reporter``, ``Tracer``: a ground that is listened in on, and by whom

Each is imported when it is first used: a program on the mock kernel needs no captures, a recording no mock kernel.
"""

from typing import TYPE_CHECKING

from nlwire.later import door

if TYPE_CHECKING:
    from nlwire.ground.contents import fill, save
    from nlwire.ground.faults import BadOrder, Faulty, Order, order
    from nlwire.ground.host import Host
    from nlwire.ground.mock import Mock
    from nlwire.ground.recorder import Recorder
    from nlwire.ground.recording import Recording
    from nlwire.ground.tap import Tap
    from nlwire.ground.watchers import Reporter, Tracer
else:
    __getattr__ = door(
        globals(),
        {
            "BadOrder": "nlwire.ground.faults",
            "Faulty": "nlwire.ground.faults",
            "Host": "nlwire.ground.host",
            "Mock": "nlwire.ground.mock",
            "Order": "nlwire.ground.faults",
            "Recorder": "nlwire.ground.recorder",
            "Recording": "nlwire.ground.recording",
            "Reporter": "nlwire.ground.watchers",
            "Tap": "nlwire.ground.tap",
            "Tracer": "nlwire.ground.watchers",
            "fill": "nlwire.ground.contents",
            "order": "nlwire.ground.faults",
            "save": "nlwire.ground.contents",
        },
    )

__all__ = [
    "BadOrder",
    "Faulty",
    "Host",
    "Mock",
    "Order",
    "Recorder",
    "Recording",
    "Reporter",
    "Tap",
    "Tracer",
    "fill",
    "order",
    "save",
]
