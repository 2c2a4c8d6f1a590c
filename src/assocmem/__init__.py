"""Scaling laws for associative memories, executable: the module behind every notebook of the book.

`ZipfTask` is the data, `fill`, `frequency` and `threshold` the weights of the associations,
`simulate_errors` measures the error of memories that store them with random embeddings, and
`theory` predicts it.
"""

from assocmem.claims import (
    Claim,
    claim_agree,
    claim_at_most,
    claim_equal,
    claim_holds,
    claim_near,
    report,
)
from assocmem.embeddings import (
    coherence,
    gaussian_embeddings,
    spherical_embeddings,
    spherical_gram,
)
from assocmem.estimate import Estimate, agree, estimate_mean
from assocmem.law import expected_errors
from assocmem.memory import (
    association_matrix,
    embedding_blocks,
    factorized_scores,
    generalization_error,
    recall,
    scores,
    sweep_errors,
)
from assocmem.parameters import Each, Integer, OneOf, Real, check_memory, validate
from assocmem.plots import colors, plot_band, plot_heatmap, plot_reference, set_theme, show_figure
from assocmem.powerlaw import PowerLaw, fit_power_law
from assocmem.powersums import power_sum
from assocmem.schemes import PerDimension, Scheme, fill, frequency, threshold
from assocmem.sharp import (
    best_threshold,
    best_threshold_asymptote,
    proposition_2_asymptote,
)
from assocmem.simulate import simulate_errors, simulate_unseen, summarize
from assocmem.task import ZipfTask
from assocmem.theory import (
    proposition_2_exponent,
    proposition_3_exponent,
    proposition_3_lower,
    proposition_3_prediction,
    proposition_3_proven_threshold,
    proposition_3_threshold,
    proposition_3_upper,
    stored_error,
    theorem_1_lower,
    theorem_1_lower_published,
    theorem_1_upper,
    theorem_1_upper_published,
    theorem_2_any_memory,
    theorem_2_lower,
    theorem_2_lower_published,
)
from assocmem.theory_data import (
    proposition_1_asymptote,
    proposition_1_error,
    proposition_1_exponent,
    proposition_1_remainder,
    proposition_4_crossover,
    proposition_4_lower,
    proposition_4_prediction,
)
from assocmem.weights import WeightLaw

__all__ = [
    "Claim",
    "Each",
    "Estimate",
    "Integer",
    "OneOf",
    "PerDimension",
    "PowerLaw",
    "Real",
    "Scheme",
    "WeightLaw",
    "ZipfTask",
    "agree",
    "association_matrix",
    "best_threshold",
    "best_threshold_asymptote",
    "check_memory",
    "claim_agree",
    "claim_at_most",
    "claim_equal",
    "claim_holds",
    "claim_near",
    "coherence",
    "colors",
    "embedding_blocks",
    "estimate_mean",
    "expected_errors",
    "factorized_scores",
    "fill",
    "fit_power_law",
    "frequency",
    "gaussian_embeddings",
    "generalization_error",
    "plot_band",
    "plot_heatmap",
    "plot_reference",
    "power_sum",
    "proposition_1_asymptote",
    "proposition_1_error",
    "proposition_1_exponent",
    "proposition_1_remainder",
    "proposition_2_asymptote",
    "proposition_2_exponent",
    "proposition_3_exponent",
    "proposition_3_lower",
    "proposition_3_prediction",
    "proposition_3_proven_threshold",
    "proposition_3_threshold",
    "proposition_3_upper",
    "proposition_4_crossover",
    "proposition_4_lower",
    "proposition_4_prediction",
    "recall",
    "report",
    "scores",
    "set_theme",
    "show_figure",
    "simulate_errors",
    "simulate_unseen",
    "spherical_embeddings",
    "spherical_gram",
    "stored_error",
    "summarize",
    "sweep_errors",
    "theorem_1_lower",
    "theorem_1_lower_published",
    "theorem_1_upper",
    "theorem_1_upper_published",
    "theorem_2_any_memory",
    "theorem_2_lower",
    "theorem_2_lower_published",
    "threshold",
    "validate",
]
