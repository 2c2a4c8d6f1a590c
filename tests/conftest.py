"""Every test, and every process that it starts, computes with one thread and, where nothing else is said, sweeps in one
process: parallel are the tests.

Two tests with two threads each on two cores wait for one another most of the time.
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "LOKY_MAX_CPU_COUNT"):
    os.environ.setdefault(name, "1")
