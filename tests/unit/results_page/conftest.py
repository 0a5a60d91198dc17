import pytest


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Chapters read contrasts from the working folder."""
    monkeypatch.chdir(tmp_path)
