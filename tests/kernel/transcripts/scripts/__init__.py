"""The scripts, by area."""

from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.scripts import (
    addresses,
    addresses_asked,
    counters,
    dispatch,
    forwarding,
    kinds,
    links,
    links_changed,
    lookups,
    neighbours,
    nexthops,
    routes,
    routes_kinds,
    routes_multipath,
    routes_refused,
    rules,
    traffic,
    traffic_filters,
)

SCRIPTS: list[Script] = [
    *links.SCRIPTS,
    *links_changed.SCRIPTS,
    *kinds.SCRIPTS,
    *counters.SCRIPTS,
    *forwarding.SCRIPTS,
    *addresses.SCRIPTS,
    *addresses_asked.SCRIPTS,
    *routes.SCRIPTS,
    *routes_kinds.SCRIPTS,
    *routes_multipath.SCRIPTS,
    *routes_refused.SCRIPTS,
    *lookups.SCRIPTS,
    *rules.SCRIPTS,
    *neighbours.SCRIPTS,
    *nexthops.SCRIPTS,
    *dispatch.SCRIPTS,
    *traffic.SCRIPTS,
    *traffic_filters.SCRIPTS,
]
