import pytest

from helpers import tiny_job


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """Store, split and fingerprints of the small job."""
    return tiny_job.write_data(tmp_path_factory.mktemp("data"))
