"""Where test data lives: `samples/` in the repository, and a larger shared set beside it that is not always there."""

from __future__ import annotations

from pathlib import Path

import pytest

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
