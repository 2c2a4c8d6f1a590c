from .finite_memory import closed_form_batches as closed_form_batches
from .finite_memory import overflow_batches as overflow_batches
from .finite_memory import plain_draws as plain_draws
from .finite_memory import signal_ratios as signal_ratios
from .without_threshold import collapse_batches as collapse_batches
from .without_threshold import collapse_runs as collapse_runs
from .without_threshold import measured_exponents as measured_exponents
