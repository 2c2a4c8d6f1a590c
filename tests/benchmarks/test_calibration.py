"""The table of how often claims fail: what is counted, and what the committed one says."""

import numpy as np
import pytest

from benchmarks import calibration
from benchmarks.calibration import ALLOWED, ONE_NUMBER, SAMPLES, TABLE, Row, Samples, one_number


def test_a_wrong_mean_is_noticed() -> None:
    """The same counts for samples whose mean is not what is claimed: nearly all fail."""
    wrong = Samples("wrong", SAMPLES[0].draw, 2.0, False, 12)
    streams = np.random.default_rng(0).spawn(20)
    for name, (rule, _) in ONE_NUMBER.items():
        verdicts = {one_number(rule, wrong, rng) for rng in streams}
        # what lies far below its bound is reproduced where it may be small, and else is not
        expected = {"claim_equal": "partly", "claim_between, at the edge": "not reproduced"}
        assert verdicts == {expected.get(name, "reproduced")}, name


@pytest.mark.parametrize("samples", SAMPLES, ids=lambda s: f"{s.name}-{s.bounded}")
def test_the_means_are_those_of_the_samples(samples: Samples) -> None:
    drawn = samples.draw(np.random.default_rng(0), 400_000)
    assert abs(drawn.mean() - samples.mean) < 6 * drawn.std() / 400_000**0.5
    if samples.bounded:
        assert 0 <= drawn.min() <= drawn.max() <= 1


def test_every_kind_is_made_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Known:
        def __init__(self, *_: object) -> None:
            self.law = {"mean": np.array([0.5])}

        def verdict(self, rng: np.random.Generator) -> str:
            return "not reproduced" if rng.random() < 0.5 else "undecided"

    monkeypatch.setattr(calibration, "Memory", Known)
    monkeypatch.setattr(calibration, "SAMPLES", SAMPLES[:1])
    rows = calibration.measure(40)
    assert len(rows) == 5 + 2 + 2
    assert [row.claim for row in rows[:4]] == list(ONE_NUMBER)
    assert [row.passed is None for row in rows] == [True, *[False] * 3, *[True] * 5]
    assert all(row.failed < 0.2 for row in rows[:7])
    assert all(0.2 < row.failed < 0.8 for row in rows[7:])


def test_the_page_has_a_line_for_each_kind() -> None:
    page = calibration.render(
        [Row("a", "b", 3, 4000, 0.0125, None), Row("c", "d", 4, 400, 0.0, 0.01)]
    )
    assert "| `a` | b | 3 | 4,000 | 1.25% | – |" in page
    assert "| `c` | d | 4 | 400 | 0.00% | 1.00% |" in page


def test_the_committed_table_has_every_kind_with_at_least_500_repetitions_within_what_is_allowed() -> (
    None
):
    page = TABLE.read_text(encoding="utf-8")
    lines = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| `")]
    # four claims about a number and one about many means of each law of samples; slopes; memories
    assert len(lines) == 5 * len(SAMPLES) + 2 + 2
    rates = [float(cell.strip(" %")) / 100 for line in lines for cell in line[4:] if "%" in cell]
    assert len(rates) == len(lines) + 3 * len(SAMPLES)
    assert max(rates) <= ALLOWED
    assert min(int(line[3].replace(",", "")) for line in lines) >= 500
