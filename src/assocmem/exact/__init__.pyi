from .law import error_batches as error_batches
from .law import expected_errors as expected_errors
from .thresholds import best_threshold as best_threshold
