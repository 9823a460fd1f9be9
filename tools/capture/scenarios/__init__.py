"""What is recorded, as data: one file per family, each with its chapters.

The order matters a little: a shape is kept where it is heard first, so rich families come before those that repeat them.
"""

from tools.capture.scenarios import (
    addresses,
    bridges,
    control,
    encapsulations,
    generic,
    link_kinds,
    links,
    multicast,
    neighbours,
    netfilter,
    nexthops,
    routes,
    routes_by_hand,
    rules,
    small,
    sockets,
    traffic,
)
from tools.capture.scenarios.script import Chapter

CHAPTERS: tuple[Chapter, ...] = (
    *links.CHAPTERS,
    *link_kinds.CHAPTERS,
    *bridges.CHAPTERS,
    *addresses.CHAPTERS,
    *routes.CHAPTERS,
    *routes_by_hand.CHAPTERS,
    *encapsulations.CHAPTERS,
    *multicast.CHAPTERS,
    *rules.CHAPTERS,
    *neighbours.CHAPTERS,
    *nexthops.CHAPTERS,
    *small.CHAPTERS,
    *traffic.CHAPTERS,
    *generic.CHAPTERS,
    *control.CHAPTERS,
    *sockets.CHAPTERS,
    *netfilter.CHAPTERS,
)
