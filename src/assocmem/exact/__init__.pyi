from .law import error_batches as error_batches
from .law import expected_errors as expected_errors
from .thresholds import best_threshold as best_threshold
from .thresholds import error_by_threshold as error_by_threshold
