"""Scaling laws for associative memories, executable: the module behind every notebook of the book.

`ZipfTask` is the data, `fill`, `frequency` and `threshold` the weights of the associations,
`simulate_errors` measures the error of memories that store them with random embeddings,
`theory` predicts it, and `sweep` runs a function at every configuration of a grid.
"""

from __future__ import annotations

import importlib as _importlib
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from assocmem.associations import (
    association_weight_limit,
    association_weights,
    effective_rho,
)
from assocmem.averages import (
    circle_embeddings,
    circle_margins,
    rival_conditionals,
    simulate_averages,
    simulate_coherence,
)
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
from assocmem.grid_results import (
    cell_means,
    compare_published,
    load_grid,
    rows_at,
    seed_difference,
    tuned,
    verdict_table,
)
from assocmem.law import error_batches, expected_errors
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
from assocmem.store import Store
from assocmem.sweep import sweep
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
from assocmem.theory_learned import (
    lemma_1_coherence,
    proposition_5_dimension,
    proposition_5_margin,
    two_rivals_lower,
    welch_coherence,
)
from assocmem.versions import code_version
from assocmem.weights import WeightLaw

if _TYPE_CHECKING:
    from assocmem.forgetting import FirstHit, first_hit
    from assocmem.grid import grid_cost, grid_errors, published_stream
    from assocmem.learned import (
        input_curvature,
        input_gradient,
        lost_gradients,
        output_gradients,
        pair_distances,
        plane_errors,
        recallable_outputs,
        watch,
    )
    from assocmem.learners import (
        AssociationLearner,
        GradientLearner,
        HiddenLearner,
        Learner,
        ProjectedLearner,
        TokenLearner,
    )
    from assocmem.network import Batch, Gradients, Network, association_gradient
    from assocmem.optimizers import SGD, Adam, NormalizedSGD, Optimizer, SignSGD
    from assocmem.training import (
        batches,
        merge_tokens,
        network_errors,
        network_losses,
        population,
        train,
    )

#: Modules that need torch, and what they define: loaded when a name of theirs is first used, since
#: torch alone takes longer to import than all the rest.
_WITH_TORCH = {
    "forgetting": ("FirstHit", "first_hit"),
    "grid": ("grid_cost", "grid_errors", "published_stream"),
    "learned": (
        "input_curvature",
        "input_gradient",
        "lost_gradients",
        "output_gradients",
        "pair_distances",
        "plane_errors",
        "recallable_outputs",
        "watch",
    ),
    "learners": (
        "AssociationLearner",
        "GradientLearner",
        "HiddenLearner",
        "Learner",
        "ProjectedLearner",
        "TokenLearner",
    ),
    "network": ("Batch", "Gradients", "Network", "association_gradient"),
    "optimizers": ("SGD", "Adam", "NormalizedSGD", "Optimizer", "SignSGD"),
    "training": (
        "batches",
        "merge_tokens",
        "network_errors",
        "network_losses",
        "population",
        "train",
    ),
}


def __getattr__(name: str) -> _Any:
    """Load a name of a module that needs torch."""
    for module, names in _WITH_TORCH.items():
        if name in names:
            value = getattr(_importlib.import_module(f"assocmem.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "SGD",
    "Adam",
    "AssociationLearner",
    "Batch",
    "Claim",
    "Each",
    "Estimate",
    "FirstHit",
    "GradientLearner",
    "Gradients",
    "HiddenLearner",
    "Integer",
    "Learner",
    "Network",
    "NormalizedSGD",
    "OneOf",
    "Optimizer",
    "PerDimension",
    "PowerLaw",
    "ProjectedLearner",
    "Real",
    "Scheme",
    "SignSGD",
    "Store",
    "TokenLearner",
    "WeightLaw",
    "ZipfTask",
    "agree",
    "association_gradient",
    "association_matrix",
    "association_weight_limit",
    "association_weights",
    "batches",
    "best_threshold",
    "best_threshold_asymptote",
    "cell_means",
    "check_memory",
    "circle_embeddings",
    "circle_margins",
    "claim_agree",
    "claim_at_most",
    "claim_equal",
    "claim_holds",
    "claim_near",
    "code_version",
    "coherence",
    "colors",
    "compare_published",
    "effective_rho",
    "embedding_blocks",
    "error_batches",
    "estimate_mean",
    "expected_errors",
    "factorized_scores",
    "fill",
    "first_hit",
    "fit_power_law",
    "frequency",
    "gaussian_embeddings",
    "generalization_error",
    "grid_cost",
    "grid_errors",
    "input_curvature",
    "input_gradient",
    "lemma_1_coherence",
    "load_grid",
    "lost_gradients",
    "merge_tokens",
    "network_errors",
    "network_losses",
    "output_gradients",
    "pair_distances",
    "plane_errors",
    "plot_band",
    "plot_heatmap",
    "plot_reference",
    "population",
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
    "proposition_5_dimension",
    "proposition_5_margin",
    "published_stream",
    "recall",
    "recallable_outputs",
    "report",
    "rival_conditionals",
    "rows_at",
    "scores",
    "seed_difference",
    "set_theme",
    "show_figure",
    "simulate_averages",
    "simulate_coherence",
    "simulate_errors",
    "simulate_unseen",
    "spherical_embeddings",
    "spherical_gram",
    "stored_error",
    "summarize",
    "sweep",
    "sweep_errors",
    "theorem_1_lower",
    "theorem_1_lower_published",
    "theorem_1_upper",
    "theorem_1_upper_published",
    "theorem_2_any_memory",
    "theorem_2_lower",
    "theorem_2_lower_published",
    "threshold",
    "train",
    "tuned",
    "two_rivals_lower",
    "validate",
    "verdict_table",
    "watch",
    "welch_coherence",
]
