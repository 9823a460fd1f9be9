"""The scripts, by area."""

from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.scripts import (
    addresses,
    addresses_asked,
    kinds,
    links,
    links_changed,
    lookups,
    routes,
    routes_kinds,
    routes_multipath,
    routes_refused,
)

SCRIPTS: list[Script] = [
    *links.SCRIPTS,
    *links_changed.SCRIPTS,
    *kinds.SCRIPTS,
    *addresses.SCRIPTS,
    *addresses_asked.SCRIPTS,
    *routes.SCRIPTS,
    *routes_kinds.SCRIPTS,
    *routes_multipath.SCRIPTS,
    *routes_refused.SCRIPTS,
    *lookups.SCRIPTS,
]
