"""The scripts, by area."""

from tests.kernel.transcripts.play import Script
from tests.kernel.transcripts.scripts import routes

SCRIPTS: list[Script] = [*routes.SCRIPTS]
