"""The interactive figures in a real browser: against the module's numbers, by keyboard, in the dark, without scripts.

They need no book: each is opened from the HTML that a notebook would show.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

import assocmem as am
from assocmem.figures.interactive import explore_html

pytestmark = pytest.mark.slow

#: A map of the error that is easy to compute: 1/d + 1/√T.
DIMS, SAMPLES = [10, 40, 160, 640], [10, 100, 1000, 10_000]
BUDGET = {
    "alphas": [2.0],
    "dims": DIMS,
    "samples": SAMPLES,
    "law": [[[1 / d + T**-0.5 for T in SAMPLES] for d in DIMS]],
    "unseen": [[T**-0.5 for T in SAMPLES]],
    "late": [[1 / d for d in DIMS]],
    "crossover": [[d**2 for d in DIMS]],
}
CORNERS = [[math.cos(2 * math.pi * k / 5), math.sin(2 * math.pi * k / 5)] for k in range(5)]
FRAMES = {
    "titles": ["step 0", "step 10", "step 100"],
    "outputs": [CORNERS] * 3,
    "hidden": [CORNERS] * 3,
    "labels": list(range(5)),
    "masses": [0.2] * 5,
    "says": [f"After {step} steps." for step in (0, 10, 100)],
}
DATA: dict[str, Any] = {"budget": BUDGET, "frames": FRAMES}
NAMES = ["budget", "frames", "learning", "memory", "storage", "unseen"]
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="200pt"><circle r="9"/></svg>'
)
#: One dot of the drawing for each token of a colour would be too strict: the page as a reader sees it.
SAYS = ".explore-says"


def document(name: str, theme: str = "light", **start: Any) -> str:
    picture = start.pop("picture", PICTURE)
    body = explore_html(name, picture=picture, alt="A circle", data=DATA.get(name), **start)
    look = "background: #14181e; color: #fff" if theme == "dark" else "background: #fff"
    return (
        f'<!doctype html><html lang="en" data-theme="{theme}"><head><title>Figure</title></head>'
        f'<body style="{look}"><main><h1>A figure</h1>{body}</main></body></html>'
    )


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.set_default_timeout(120_000)
    yield page
    page.close()


def opened(page: Page, name: str, theme: str = "light", **start: Any) -> Page:
    page.set_content(document(name, theme, **start))
    page.wait_for_selector(".explore-live svg *", state="attached")
    page.wait_for_function("document.querySelector('.explore-says').textContent.length > 5")
    return page


def asked(page: Page, expression: str) -> Any:
    """The value of an expression in which `figure` is what the figure gives to look at."""
    found = page.evaluate(
        f"(() => {{ const figure = document.querySelector('.explore').figure;"
        f" return JSON.stringify({expression}); }})()"
    )
    return json.loads(found)


def settled(page: Page) -> str:
    """The sentence, after the next frames have been drawn."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.inner_text(SAYS)


# The numbers


@pytest.mark.parametrize(
    ("dim", "n_tokens", "alpha", "n_outputs", "rho", "stored"),
    [
        (100, 1000, 2.0, 5, 0.0, 25),
        (100, 1000, 2.0, 5, 0.0, 1000),
        (50, 200, 0.5, 5, 0.5, 200),
        (100, math.inf, 2.0, 5, 1.0, 1000),
        (10, 100, 1.5, 15, 0.2, 40),
        (3, 50, 1.0, 8, 1.0, 12),
    ],
)
def test_storage_has_the_errors_of_the_exact_law(
    page: Page, dim: int, n_tokens: float, alpha: float, n_outputs: int, rho: float, stored: int
) -> None:
    # 8 independent seeds; Student's t with 7 degrees of freedom: |t| > 6.5 once in 3,000 times, and
    # there are six cases: a false failure once in 500 changes of the seeds
    task = am.ZipfTask(alpha, n_tokens, n_outputs)
    law = am.expected_errors(
        task, {"": am.threshold(stored, rho)}, [dim], draws=8192, rng=np.random.default_rng(1)
    )
    size = "Infinity" if math.isinf(n_tokens) else n_tokens
    errors = asked(
        opened(page, "storage"),
        f"[1, 2, 3, 4, 5, 6, 7, 8].map(seed => new figure.Law({n_outputs}, 512, seed).errors("
        f"new figure.Task({alpha}, {size}, {n_outputs}), {dim}, {stored}, {rho}).total)",
    )
    sem = math.hypot(np.std(errors, ddof=1) / math.sqrt(8), law["sem"].item())
    assert abs(np.mean(errors) - law["mean"].item()) < 6.5 * sem
    assert sem < 0.05 * law["mean"].item()


def test_storage_says_what_the_book_says(page: Page) -> None:
    opened(page, "storage", dim=100, tokens=1000, stored=25)
    shown = asked(page, "[12, 25, 100, 1000].map(stored => figure.error(100, stored).total)")
    assert [f"{error:.2g}" for error in shown] == ["0.039", "0.021", "0.17", "0.6"]
    page.wait_for_function(f"document.querySelector('{SAYS}').textContent.includes('No other')")
    assert "2.1\u00a0% of all questions fail" in page.inner_text(SAYS)


def test_memory_recalls_as_the_module_does(page: Page) -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        e, u = am.gaussian_embeddings(3, 2, rng), am.spherical_embeddings(3, 2, rng)
        q, answers = rng.uniform(0, 2, 3), rng.integers(0, 3, 3)
        scores = am.scores(am.association_matrix(q, answers, e, u), e, u)
        opened(page, "memory", e=e, u=u, q=q, answers=answers)
        for query in range(3):
            got = asked(page, f"(figure.state.query = {query}, figure.recall())")
            assert np.allclose(got["scores"], scores[query])
            assert np.allclose(np.sum(got["parts"], axis=1), scores[query])
            assert got["found"] == am.recall(scores)[query]


@pytest.mark.parametrize("rule", ["sgd", "signs"])
def test_learning_takes_the_steps_of_the_module(page: Page, rule: str) -> None:
    rate, learned = (10.0, [0, 0, 3, 7, 1, 0, 9, 3]) if rule == "sgd" else (0.3, [2, 0, 5, 5, 1])
    network = am.Network.draw(
        "W", [(x + 1) % 5 for x in range(10)], 5, runs=1, zero_memory=True, unit_outputs=True,
        generator=torch.Generator().manual_seed(1),
    )  # fmt: skip
    data = {"inputs": network.inputs[0].numpy(), "outputs": network.outputs[0].numpy()}
    page.set_content(explore_html("learning", data=data, rule=rule, rate=rate, learned=learned))
    course = asked(page, "figure.course()")
    learner = am.GradientLearner(network, am.SGD() if rule == "sgd" else am.SignSGD())
    expected = [learner.logits()[0].tolist()]
    for token in learned:
        learner.step(
            am.training.Batch(torch.tensor([[token]]), torch.ones(1, 1, dtype=torch.float64)), rate
        )
        expected.append(learner.logits()[0].tolist())
    assert np.allclose(course, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("alpha", "n_tokens"), [(2.0, math.inf), (1.3, math.inf), (1.5, 500)])
def test_unseen_has_the_curve_of_the_theory(page: Page, alpha: float, n_tokens: float) -> None:
    opened(page, "unseen", alpha=alpha, tokens=n_tokens)
    sizes = [1, 10, 1000, 100_000]
    theory = am.theory.proposition_1_error(am.ZipfTask(alpha, n_tokens, 5), np.array(sizes))
    got = asked(page, f"{sizes}.map(figure.expected)")
    assert np.allclose(got, theory, rtol=2e-3, atol=1e-12)


def test_unseen_samples_follow_the_law(page: Page) -> None:
    # the mean of 40 runs at T = 300; |z| > 4.5 once in 100,000 times
    opened(page, "unseen")
    ends = asked(
        page,
        "Array.from({length: 40}, (_, k) => { figure.state.seed = 100 + k; figure.begin();"
        " figure.learn(300); return figure.history().at(-1)[1]; })",
    )
    theory = float(am.theory.proposition_1_error(am.ZipfTask(2.0, math.inf, 5), 300))
    assert abs(np.mean(ends) - theory) < 4.5 * np.std(ends, ddof=1) / math.sqrt(40)


def test_budget_shows_the_points_and_what_lies_between(page: Page) -> None:
    opened(page, "budget", dim=40, samples=100)
    grid = asked(page, f"{DIMS}.map(d => {SAMPLES}.map(T => figure.error(d, T)))")
    assert np.allclose(grid, BUDGET["law"][0])
    middle = asked(page, "figure.error(20, 100)")
    assert middle == pytest.approx(math.sqrt(grid[0][1] * grid[1][1]))
    best = asked(page, "figure.best(10000)")
    assert best["dim"] ** 2 + best["size"] == pytest.approx(10_000, rel=1e-6)
    others = asked(page, "[30, 60, 90].map(d => figure.error(d, 10000 - d * d))")
    assert best["error"] <= min(others)


# What a reader meets


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_for_axe(page: Page, name: str, theme: str) -> None:
    found = [
        f"{finding['id']}: {node['html'][:150]} {node.get('failureSummary', '')}"
        for finding in Axe().run(opened(page, name, theme)).response["violations"]
        for node in finding["nodes"]
    ]
    assert found == []


@pytest.mark.parametrize("name", NAMES)
def test_keys_move_it_and_the_sentence_follows(page: Page, name: str) -> None:
    opened(page, name)
    before = settled(page)
    if name == "memory":
        page.focus("[aria-label='input e1']")
        turned = page.get_attribute("[aria-label='input e1']", "aria-valuenow")
        page.keyboard.press("ArrowLeft")
        settled(page)
        now = page.get_attribute("[aria-label='input e1']", "aria-valuenow")
        assert int(str(now)) == int(str(turned)) + 5
    elif name == "unseen":
        page.focus("button:has-text('+ 100')")
        page.keyboard.press("Enter")
    else:
        slider = page.locator("input[type=range]").first
        key = "ArrowLeft" if name == "learning" else "ArrowRight"
        slider.focus()
        page.keyboard.press(key)
        output = page.locator(".explore-slider output").first.inner_text()
        assert slider.get_attribute("aria-valuetext") == output
    assert settled(page) != before


@pytest.mark.parametrize("name", NAMES)
def test_sliders_are_wide_and_a_phone_needs_no_sideways_scrolling(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, name)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for box in page.locator("input[type=range]").evaluate_all(
        "all => all.map(one => [one.clientHeight, one.clientWidth])"
    ):
        assert box[0] >= 24
        assert box[1] >= 300
    drawn = page.locator(".explore-live svg").evaluate_all(
        "all => all.map(one => [one.getBoundingClientRect().right,"
        " ...[...one.querySelectorAll('text')].map(text => text.getBoundingClientRect().right)])"
    )
    assert max(max(edges) for edges in drawn) <= 390
    page.set_viewport_size({"width": 800, "height": 900})


@pytest.mark.parametrize("name", NAMES)
def test_the_dark_has_light_letters(page: Page, name: str) -> None:
    def lightness(theme: str) -> tuple[float, float]:
        opened(page, name, theme)
        texts, ground = page.evaluate(
            f"""() => [getComputedStyle(document.querySelector('{SAYS}')).color,
                       getComputedStyle(document.querySelector('.explore-live')).backgroundColor]"""
        )
        return tuple(sum(map(float, colour[4:-1].split(","))) / 3 for colour in (texts, ground))  # type: ignore[return-value]

    text, ground = lightness("dark")
    assert text > 200 > 60 > ground
    text, ground = lightness("light")
    assert text < 60 < 200 < ground


@pytest.mark.parametrize("name", NAMES)
def test_without_scripts_the_picture_is_there(browser: Browser, name: str) -> None:
    page = browser.new_page(java_script_enabled=False)
    page.set_content(document(name))
    assert page.is_visible(".explore-picture img")
    assert page.locator(".explore-live").count() == 0
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_on_paper_the_picture_takes_its_place(page: Page, name: str) -> None:
    opened(page, name)
    assert not page.is_visible(".explore-picture img")
    page.emulate_media(media="print")
    assert page.is_visible(".explore-picture img")
    assert not page.is_visible(".explore-live")
    page.emulate_media(media="screen")


def test_without_a_picture_paper_has_the_drawing_and_no_controls(page: Page) -> None:
    opened(page, "storage", picture=None)
    page.emulate_media(media="print")
    assert page.is_visible(".explore-live svg")
    assert not page.locator("input").first.is_visible()
    page.emulate_media(media="screen")


@pytest.mark.parametrize("name", ["budget", "learning", "memory", "storage"])
def test_a_drag_keeps_up(page: Page, name: str) -> None:
    # the work of each of 20 movements over 60 pixels, in milliseconds; other programs can only add to
    # it, so the least of five drags counts for each
    opened(page, name)
    settled(page)
    slowest = page.evaluate(
        """async () => {
          const target = document.querySelector(".explore-handle, .explore-drag") ||
            document.querySelector("input[type=range]");
          const frame = () => new Promise(done => requestAnimationFrame(done));
          const ask = window.requestAnimationFrame;
          let work = 0;
          window.requestAnimationFrame = draw => ask(time => {
            const start = performance.now();
            draw(time);
            work += performance.now() - start;
          });
          const drags = [];
          for (let drag = 0; drag < 5; drag++) {
            const all = [], box = target.getBoundingClientRect();
            const send = (type, x) => target.dispatchEvent(new PointerEvent(type, {
              pointerId: 1, bubbles: true, clientX: x, clientY: box.top + box.height / 2 }));
            target.setPointerCapture = target.hasPointerCapture = () => true;
            if (target.matches(".explore-drag, .explore-handle")) send("pointerdown", box.left + 60);
            for (let k = 0; k < 20; k++) {
              work = 0;
              const start = performance.now();
              if (target.matches("input")) {
                target.value = Number(target.min) + (k % (Number(target.max) + 1));
                target.dispatchEvent(new Event("input"));
              } else send("pointermove", box.left + 60 + 3 * k);
              const handled = performance.now() - start;
              await frame();
              all.push(handled + work);
            }
            drags.push(all);
          }
          window.requestAnimationFrame = ask;
          return Math.max(...drags[0].map((_, k) => Math.min(...drags.map(all => all[k]))));
        }"""
    )
    assert slowest < 50
