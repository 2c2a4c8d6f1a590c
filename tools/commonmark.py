"""Turn the MyST of a chapter into plain Markdown, as Jupyter, VS Code and Colab show it.

Statements, proofs, exercises and admonitions become quotations with a heading; references become the
text that the book's page shows; a numbered equation carries its number. What has no plain form ends the
build, so that no reader meets a directive.
"""

import re
from collections.abc import Callable

from tools.layout import BuildError
from tools.numbers import Numbers

_FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,}|:{3,}|~{3,})\{(?P<name>[\w:-]+)\}[ \t]*(?P<title>.*)$"
)
_CODE = re.compile(r"^ *(`{3,}|~{3,})")
_OPTION = re.compile(r"^:([\w-]+):[ \t]*(.*)$")
_ROLE = re.compile(r"\{(?P<name>[a-z:]+)\}`(?P<body>[^`]+)`")
_TARGET = re.compile(r"^\([\w:.-]+\)=[ \t]*\n?", re.M)
_DISPLAY = re.compile(
    r"^(?P<indent>[ \t]*)\$\$(?P<tex>.*?)\$\$(?:[ \t]*\((?P<label>[\w:.-]+)\))?[ \t]*$",
    re.M | re.S,
)
# In a quotation, Jupyter takes the ">" of each further line of a formula for mathematics.
_INLINE = re.compile(r"(?<![\\$`])\$(?![\s$])(?:[^$`\\]|\\.)+?\$(?!\$)", re.S)
_EXPLICIT = re.compile(r"^(.*?)\s*<([^<>]+)>$", re.S)

#: Blocks whose title the page writes without a number.
_ADMONITIONS = {
    "admonition", "attention", "caution", "danger", "dropdown", "error", "hint", "important",
    "note", "seealso", "tip", "warning",
}  # fmt: skip
_WRAPPERS = {"div", "grid", "margin", "container", "aside"}

#: Text of a citation from its key and style ("t", "p").
Cite = Callable[[str, str], str]


class Converter:
    """Converts the cells of one chapter, one after the other."""

    def __init__(self, name: str, numbers: Numbers, cite: Cite) -> None:
        self._name = name
        self._numbers = numbers
        self._cite = cite

    def convert(self, source: str) -> str:
        """Return the plain Markdown of one cell."""
        lines = _TARGET.sub("", source).splitlines()
        text = "\n".join(self._blocks(lines)).strip("\n")
        return re.sub(r"\n{3,}", "\n\n", text)

    def _blocks(self, lines: list[str]) -> list[str]:
        """Convert the directives among the lines, and the text between them."""
        out: list[str] = []
        text: list[str] = []
        index = 0
        while index < len(lines):
            line = lines[index]
            opened, code = _FENCE.match(line), _CODE.match(line)
            if opened or code:
                fence = opened["fence"] if opened else str(code and code[1])
                end = self._closing(lines, index, fence)
                out += self._text(text)
                text = []
                if opened:
                    out += self._directive(opened, lines[index + 1 : end])
                else:
                    out += lines[index : end + 1]
                index = end + 1
            else:
                text.append(line)
                index += 1
        return out + self._text(text)

    def _closing(self, lines: list[str], start: int, fence: str) -> int:
        for index in range(start + 1, len(lines)):
            line = lines[index].strip()
            if len(line) >= len(fence) and not line.strip(fence[0]):
                return index
        raise BuildError(f"{self._name}: {lines[start].strip()} is never closed")

    def _directive(self, opened: re.Match[str], body: list[str]) -> list[str]:
        body = [line.removeprefix(opened["indent"]) for line in body]
        options: dict[str, str] = {}
        while body and (option := _OPTION.match(body[0])):
            options[option[1]] = option[2]
            body.pop(0)
        name, title = opened["name"], self._inline(opened["title"].strip())
        label = options.get("label", "")
        lines = self._body(name, title, label, body)
        return [opened["indent"] + line if line else "" for line in ["", *lines, ""]]

    def _body(self, name: str, title: str, label: str, body: list[str]) -> list[str]:
        if name == "prf:proof":
            return _quote(f"Proof{f' {title}' if title else ''}.", [*self._blocks(body), "", "□"])
        if name.startswith("prf:") or name == "exercise":
            number = self._numbers.blocks.get(label) or name.removeprefix("prf:").capitalize()
            heading = f"{number} ({title})." if title else f"{number}."
            return _quote(heading, self._blocks(body))
        if name in ("solution", "solution-start"):
            exercise = self._numbers.blocks.get(title, title)
            heading = f"Solution to {exercise}."
            return _quote(heading, self._blocks(body)) if name == "solution" else [f"**{heading}**"]
        if name == "solution-end":
            return ["*(End of the solution.)*"]
        if name in _ADMONITIONS:
            return _quote(f"{title or name.capitalize()}.".replace("..", "."), self._blocks(body))
        if name in _WRAPPERS:
            return self._blocks(body)
        if name == "math":
            return self._text(["$$", *body, f"$$ ({label})" if label else "$$"])
        if name in ("code", "code-block"):
            return [f"```{title}", *body, "```"]
        if name in ("figure", "image"):
            return [f"![]({title})", "", *self._blocks(body)]
        if name == "raw":
            return body
        raise BuildError(
            f"{self._name}: a downloaded notebook cannot show the directive {{{name}}}; "
            "tools/commonmark.py knows the others"
        )

    def _text(self, lines: list[str]) -> list[str]:
        if not lines:
            return []
        text = _DISPLAY.sub(self._display, "\n".join(lines))
        text = _INLINE.sub(lambda match: " ".join(match[0].split()), text)
        return self._inline(text).split("\n")

    def _display(self, match: re.Match[str]) -> str:
        """Write a display in one line."""
        tex = " ".join(match["tex"].split())
        bare = re.sub(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", "", tex)
        if "\\\\" in bare:
            tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
        if match["label"]:
            tex += rf" \tag{{{self._number(match['label'])}}}"
        return f"{match['indent']}$${tex}$$"

    def _number(self, label: str) -> str:
        if label not in self._numbers.equations:
            raise BuildError(f"{self._name}: no page shows the equation {label}")
        return self._numbers.equations[label]

    def _inline(self, text: str) -> str:
        """Write references as the page shows them."""
        return _ROLE.sub(lambda match: self._role(match["name"], match["body"]), text)

    def _role(self, name: str, body: str) -> str:
        explicit = _EXPLICIT.match(body)
        shown, target = (explicit[1], explicit[2]) if explicit else ("", body.strip())
        if name == "eq":
            return f"({self._number(target)})"
        if name in ("prf:ref", "ref", "numref"):
            found = self._numbers.reference(target)
            if found is None:
                raise BuildError(f"{self._name}: no page shows {target}")
            return shown if shown and "{" not in shown else found
        if name == "doc":
            title = self._numbers.titles.get(target.rpartition("/")[2], target)
            return shown or f"*{title}*"
        if name.startswith("cite"):
            style = "p" if name in ("cite", "cite:p", "cite:ps") else "t"
            return self._cite(target, style)
        if name == "download":
            return shown or target
        if name == "math":
            return f"${body}$"
        raise BuildError(
            f"{self._name}: a downloaded notebook cannot show the role {{{name}}}; "
            "tools/commonmark.py knows the others"
        )


def _quote(heading: str, lines: list[str]) -> list[str]:
    """Return a quotation with a bold heading."""
    while lines and not lines[0].strip():
        lines.pop(0)
    return [f"> **{heading}**", ">", *(f"> {line}".rstrip() for line in lines)]
