from pathlib import Path

import pytest
from fabricated import build_world


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> Path:
    """A folder with scores/<split>, runs/<split>/fold<k>, manifest, findings and attention.npz."""
    folder = tmp_path_factory.mktemp("world")
    build_world(folder)
    return folder
