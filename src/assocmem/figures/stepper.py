"""Figures that a reader steps through in the page, without a kernel or a network."""

import base64
import html
import io
import re
from collections.abc import Iterable, Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from assocmem.display import display
from assocmem.parameters import refuse


def show_steps(
    figures: Iterable[Figure], name: str, label: str, alternatives: Sequence[str]
) -> None:
    """Show figures one at a time, with a slider that moves from one to the next.

    All of them are in the page; without scripts, the first one is shown.

    Args:
        figures: the frames; each is closed before the next is asked for.
        name: name of the control in the page, letters, digits and dashes.
        label: what the slider moves along.
        alternatives: what each frame shows, in words; as many as there are frames, at least two.

    Raises:
        ValueError: for fewer than two alternatives, or not as many frames.

    Example:
        >>> from matplotlib.figure import Figure
        >>> show_steps([Figure(), Figure()], "steps", "step", ["before the step", "after it"])
        <2 frames: step>
    """
    if len(alternatives) < 2:
        raise refuse("alternatives", f"{len(alternatives)} texts", "at least 2, one for each frame")
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise refuse("name", name, "letters, digits and dashes")
    frames = []
    for position, (figure, text) in enumerate(zip(figures, alternatives, strict=True)):
        hidden = " hidden" if position else ""
        described = html.escape(text, quote=True)
        frames.append(f'<img src="{_picture(figure)}" alt="{described}"{hidden}>')
    show = (
        "const f=this.closest('.stepper').querySelector('.stepper-frames').children;"
        "for(let i=0;i<f.length;i++){f[i].hidden=i!=this.value}"
        "this.setAttribute('aria-valuetext',f[this.value].alt)"
    )
    slider = (
        f'<label for="{name}">{html.escape(label)}</label> <input id="{name}" type="range" min="0" '
        f'max="{len(frames) - 1}" value="0" step="1" autocomplete="off" oninput="{show}">'
    )
    page = f'<div class="stepper">{slider}<div class="stepper-frames">{"".join(frames)}</div></div>'
    display({"text/html": page, "text/plain": f"<{len(frames)} frames: {label}>"})


def _picture(figure: Figure) -> str:
    """The figure as the address of an image that contains it."""
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=120, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"
