import pandas as pd
import pytest

from assocmem.published_grid import load_grid


@pytest.fixture(scope="session")
def runs() -> pd.DataFrame:
    """The stored runs of the grid; a test that changes them copies them first."""
    return load_grid()
