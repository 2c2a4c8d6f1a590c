"""What a notebook shows beside its text, and the types under which programs find it there again."""

import sys
from collections.abc import Mapping

#: The type under which a claim travels in an executed notebook.
CLAIM_MIME = "application/vnd.assocmem.claim+json"
#: The type under which the numbers of a figure travel in an executed notebook.
FIGURE_MIME = "application/vnd.assocmem.figure+json"


def display(bundle: Mapping[str, object]) -> None:
    """Show one thing in all its forms under the notebook's cell; as text where no notebook runs.

    Args:
        bundle: the forms by MIME type, ``text/plain`` among them.

    Example:
        >>> display({"text/plain": "prop1.exponent: REPRODUCED"})
        prop1.exponent: REPRODUCED
    """
    ipython = sys.modules.get("IPython")  # a notebook has imported it; this module does not need it
    if ipython is None or ipython.get_ipython() is None:
        print(bundle["text/plain"])
    else:
        ipython.display.display(dict(bundle), raw=True)
