"""What is recorded, as data: one file per family, each with its chapters."""

from tools.capture.scenarios import addresses, bridges, links, routes
from tools.capture.scenarios.script import Chapter

CHAPTERS: tuple[Chapter, ...] = (*links.CHAPTERS, *bridges.CHAPTERS, *addresses.CHAPTERS, *routes.CHAPTERS)
