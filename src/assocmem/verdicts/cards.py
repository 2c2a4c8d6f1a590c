"""How a verdict looks on a page: the pieces that the cards of claims and the scorecard share."""


def anchor(id: str) -> str:
    """The id, in a page, of the card that shows a claim.

    Example:
        >>> anchor("prop1.exponent")
        'claim-prop1-exponent'
    """
    return "claim-" + id.replace(".", "-")


def badge(verdict: str) -> str:
    """The verdict as HTML: text in a coloured badge."""
    return f'<span class="claim-verdict claim-verdict-{kind(verdict)}">{verdict}</span>'


def kind(verdict: str) -> str:
    """The verdict as a part of the name of a class of CSS."""
    return verdict.replace(" ", "-")
