from assocmem.verdicts.cards import anchor, badge, kind


def test_a_badge_has_the_colour_and_the_words_of_its_verdict() -> None:
    assert kind("not reproduced") == "not-reproduced"
    assert badge("not reproduced") == (
        '<span class="claim-verdict claim-verdict-not-reproduced">not reproduced</span>'
    )


def test_a_card_has_an_id_that_an_address_may_end_in() -> None:
    assert anchor("prop1.sharp-constant.d") == "claim-prop1-sharp-constant-d"
