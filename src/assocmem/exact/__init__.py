"""The exact law of the error, in which neither tokens nor dimensions are drawn."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
