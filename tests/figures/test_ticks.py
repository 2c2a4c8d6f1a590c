import matplotlib as mpl
import matplotlib.pyplot as plt

from assocmem.figures import round_ticks

mpl.use("Agg")


def test_round_ticks_are_plain_numbers() -> None:
    figure, ax = plt.subplots()
    ax.plot([12, 900], [0.02, 0.6])
    ax.set(xscale="log", yscale="log")
    round_ticks(ax.xaxis, ax.yaxis)
    figure.draw_without_rendering()
    labels = [text.get_text() for text in ax.get_xticklabels()]
    assert {"20", "50", "100", "200", "500"} <= set(labels)
    assert {"0.02", "0.05", "0.1", "0.2", "0.5"} <= {t.get_text() for t in ax.get_yticklabels()}
    assert not any(text.get_text() for text in ax.get_xticklabels(minor=True))
    plt.close(figure)
