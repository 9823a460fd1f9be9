"""The scripts, by area."""

from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.scripts import (
    addresses,
    kinds,
    links,
    lookups,
    routes,
    routes_multipath,
    routes_refused,
)

SCRIPTS: list[Script] = [
    *links.SCRIPTS,
    *kinds.SCRIPTS,
    *addresses.SCRIPTS,
    *routes.SCRIPTS,
    *routes_multipath.SCRIPTS,
    *routes_refused.SCRIPTS,
    *lookups.SCRIPTS,
]
