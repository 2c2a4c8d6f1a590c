from .code_versions import code_version as code_version
from .engine import sweep as sweep
from .results import provenance as provenance
