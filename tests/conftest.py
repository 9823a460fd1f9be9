"""What every tier of tests shares."""

import os
from typing import NoReturn

import pytest


def require_or_skip(reason: str) -> NoReturn:
    """Skip a tier that cannot run here and say why; with NLWIRE_REQUIRE_TIERS=1 (continuous integration) fail instead."""
    if os.environ.get("NLWIRE_REQUIRE_TIERS") == "1":
        pytest.fail(f"this tier has to run here: {reason}", pytrace=False)
    pytest.skip(reason)
