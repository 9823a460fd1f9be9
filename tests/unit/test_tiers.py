"""A tier that cannot run says why; where every tier has to run it fails."""

import pytest
from _pytest.outcomes import Failed, Skipped

from tests.conftest import require_or_skip


def test_a_tier_is_skipped_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NLWIRE_REQUIRE_TIERS", raising=False)
    with pytest.raises(Skipped, match="no compiler"):
        require_or_skip("no compiler")


def test_a_tier_that_has_to_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLWIRE_REQUIRE_TIERS", "1")
    with pytest.raises(Failed, match="this tier has to run here: no compiler"):
        require_or_skip("no compiler")
