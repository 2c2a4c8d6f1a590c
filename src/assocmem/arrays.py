"""The types of arrays that all parts of the module share."""

import numpy as np
from numpy.typing import NDArray

#: Numbers in double precision.
Array = NDArray[np.float64]
#: Positions in an array.
Rows = NDArray[np.intp]
