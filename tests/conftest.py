"""Where test data lives: `samples/` in the repository, and a larger shared set beside it that is not always there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every machine, and no word about its speed: a red run is a fault of the program. To look for new ones,
# HYPOTHESIS_PROFILE=search makes every run another one.
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared data set is not beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def samples() -> Path:
    return SAMPLES
