"""Ticks that can be read at a glance."""

from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter


def round_ticks(*axes: Axis) -> None:
    """Put ticks at 1, 2, 5, 10, … of a logarithmic axis that has few decades, as plain numbers.

    Args:
        *axes: the ``xaxis`` or ``yaxis`` of some axes; their scales are final.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> _, ax = plt.subplots()
        >>> ax.set_xscale("log")
        >>> round_ticks(ax.xaxis)
        >>> ax.xaxis.get_major_formatter()(20)
        '20'
        >>> plt.close()
    """
    for axis in axes:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_minor_formatter(NullFormatter())
