from assocmem.verdicts.cards import anchor, badge, kind, mathjax


def test_a_badge_has_the_colour_and_the_words_of_its_verdict() -> None:
    assert kind("not reproduced") == "not-reproduced"
    assert badge("not reproduced") == (
        '<span class="claim-verdict claim-verdict-not-reproduced">not reproduced</span>'
    )


def test_a_card_has_an_id_that_an_address_may_end_in() -> None:
    assert anchor("prop1.sharp-constant.d") == "claim-prop1-sharp-constant-d"


def test_formulas_are_for_mathjax_and_all_else_is_text() -> None:
    assert mathjax("$a < b$ & $c$, 5 $") == r"\(a &lt; b\) &amp; \(c\), 5 $"
