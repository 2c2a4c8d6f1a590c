from .finite_memory import closed_form_batches as closed_form_batches
from .finite_memory import overflow_batches as overflow_batches
from .finite_memory import plain_draws as plain_draws
from .finite_memory import signal_ratios as signal_ratios
