"""Style sheets and scripts are joined, and nothing that a page may need is lost."""

import base64
import io
import re
from pathlib import Path

import pydata_sphinx_theme
import pytest
from fontTools.ttLib import TTFont

from assocmem.figures.interactive import explore_html, explore_script
from tools.layout import BuildError
from tools.light import draw_icons, lighten
from tools.styles import joined, purge, rules, selectors, used, with_fonts

LIBRARY = '{"sun":[9,9,[],"f1","REGULAR"]},{sun:[512,512,[1,"b"],"f185","M1 2z"],"angle-up":[8,9,[],"f2","M3"]}'
PIXEL = base64.b64encode(
    b"\x89PNG\r\n\x1a\n" + b"\0" * 8 + bytes([0, 0, 0, 7, 0, 0, 0, 5])
).decode()


def test_rules_are_told_apart_whatever_stands_in_them() -> None:
    css = '/* } */ a::after { content: "}" } @media print { b { c: d } } @import "x";'
    assert [(head, body is None) for head, body in rules(css)] == [
        ("a::after", False), ("@media print", False), ('@import "x"', True),
    ]  # fmt: skip


def test_selectors_and_what_they_ask_for() -> None:
    assert selectors('a, b:is(c, d), e[f="g,h"]') == ["a", "b:is(c, d)", 'e[f="g,h"]']
    assert used("p > a:hover", set())
    assert used(".a:not(.b):is(.c, .d:has(.e))", {"a"})
    assert not used(".a.b", {"a"})
    assert used(r".w-1\/2", {"w-1/2"})


def test_a_rule_stays_if_something_may_be_of_its_class() -> None:
    css = ".a, .b { c: d } @media print { .b { e: f } } @media screen { .a { g: h } } @page { i: j } k { l: m }"
    assert re.sub(r"\s", "", purge(css, {"a"})) == (".a{c:d}@mediascreen{.a{g:h}}@page{i:j}k{l:m}")


def test_imports_and_addresses_are_followed(tmp_path: Path) -> None:
    (tmp_path / "styles").mkdir()
    (tmp_path / "base.css").write_text("a { background: url(file.png) }")
    sheet = tmp_path / "styles" / "theme.css"
    sheet.write_text('@import "../base.css";\nb { src: url("../x/y.woff2"), url(data:z) }')
    css = joined(sheet, tmp_path)
    assert 'url("file.png")' in css
    assert 'url("x/y.woff2")' in css
    assert "url(data:z)" in css
    assert css.index("file.png") < css.index("woff2")


def test_only_the_fonts_of_the_rules_come_along(tmp_path: Path) -> None:
    (tmp_path / "f.woff2").write_bytes(b"font")
    face = '@font-face{{font-family:KaTeX_{};font-style:normal;font-weight:{};src:url("f.woff2") format("woff2")}}\n'
    css = face.format("Main", 400) + face.format("Main", 700) + face.format("Script", 400)
    css += '@font-face{font-family:Gone;src:url("gone.woff2")}\n.katex{font:normal 1em KaTeX_Main}'
    kept = with_fonts(css, tmp_path)
    assert kept.count("@font-face") == 1
    assert base64.b64encode(b"font").decode() in kept
    assert with_fonts(css + ".katex .b{font-weight:700}", tmp_path).count("@font-face") == 2


def test_signs_that_rules_name_come_as_a_small_font(tmp_path: Path) -> None:
    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
    fonts = theme / "vendor" / "fontawesome" / "webfonts"
    for name in ("fa-solid-900.ttf", "fa-solid-900.woff2"):
        (tmp_path / name).write_bytes((fonts / name).read_bytes())
    css = (
        '@font-face{font-family:Font Awesome;src:url("fa-solid-900.woff2"),url("fa-solid-900.ttf")}'
        'a::before{content:"\\f019"} b::before{content:"\uf0f3"}'
    )
    kept = with_fonts(css, tmp_path)
    (data,) = re.findall(r"base64,([^\"]+)", kept)
    with TTFont(io.BytesIO(base64.b64decode(data))) as font:
        assert set(font.getBestCmap()) == {0xF019, 0xF0F3}
    assert len(data) < 5000
    assert with_fonts(css, tmp_path) == kept


def test_icons_are_drawn_in_place_from_the_solid_style() -> None:
    drawn = draw_icons(
        '<i class="theme-switch fa-solid fa-sun fa-lg" data-mode="light" ></i>', LIBRARY
    )
    assert 'class="svg-inline--fa theme-switch fa-solid fa-sun fa-lg" data-mode="light"' in drawn
    assert 'd="M1 2z"' in drawn
    with pytest.raises(BuildError, match="'moon'"):
        draw_icons('<span class="fa-solid fa-moon"></span>', LIBRARY)


def test_a_page_keeps_its_scripts_in_order_and_gets_its_pictures_late(tmp_path: Path) -> None:
    static = tmp_path / "_static"
    (static / "scripts").mkdir(parents=True)
    (static / "scripts" / "fontawesome.js").write_text(LIBRARY)
    (static / "a.css").write_text(".used { a: b } .scripted { c: d } .unused { e: f }")
    (static / "a.js").write_text("let one = hint; element.classList.add('scripted')")
    for name in ("b.js", "c.js", "searchtools.js"):
        (static / name).write_text(f"// {name}")
    page = tmp_path / "book" / "page.html"
    page.parent.mkdir()
    page.write_text(
        '<head><link rel="stylesheet" href="../_static/a.css?v=1" />\n<script src="../_static/a.js"></script>\n'
        "<script>let hint = 'x';</script>\n<script>one = 2</script>\n<script src=\"../_static/b.js\"></script>\n"
        '<script defer src="../_static/c.js"></script><script src="../_static/searchtools.js"></script></head>\n'
        '<body><img src="../_static/no.svg" alt="logo"/><article class="bd-article used">'
        f'<img alt="picture" src="data:image/png;base64,{PIXEL}" hidden></article></body>'
    )
    lighten(tmp_path)
    text = page.read_text()
    (sheet,) = re.findall(r'href="\.\./(_static/style-\w+\.css)"', text)
    assert ".used" in (tmp_path / sheet).read_text()
    assert ".scripted" in (tmp_path / sheet).read_text()
    assert ".unused" not in (tmp_path / sheet).read_text()
    plain, deferred = re.findall(r'<script (?:defer )?src="\.\./(_static/script-\w+\.js)"', text)
    assert "// b.js" in (tmp_path / plain).read_text().partition("let one")[2]
    assert (tmp_path / deferred).read_text().strip() == "// c.js"
    assert "searchtools" not in (tmp_path / plain).read_text()
    assert text.index("let hint") < text.index(plain) < text.index("one = 2")
    assert re.search(
        r'<img alt="picture" src="\.\./_images/\w+\.png" hidden loading="lazy" width="7" height="5" />',
        text,
    )
    assert not (static / "scripts" / "fontawesome.js").exists()


def test_an_interactive_figure_keeps_its_picture_and_takes_its_script_from_a_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "_static").mkdir()
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt"></svg>'
    figure = explore_html("storage", picture=picture, alt="A line", dim=3)
    page = (
        f'<html><head></head><body><article class="bd-article">{figure * 2}</article></body></html>'
    )
    (tmp_path / "notebooks" / "a.html").write_text(page, encoding="utf-8")
    lighten(tmp_path)
    light = (tmp_path / "notebooks" / "a.html").read_text(encoding="utf-8")
    scripts = set(re.findall(r'<script defer src="\.\./(_static/explore/[^"]+)"></script>', light))
    (script,) = scripts  # one file for both
    assert (tmp_path / script).read_text(encoding="utf-8") == explore_script("storage")
    assert "data-explore" not in light
    (drawn,) = set(re.findall(r'<img src="\.\./(_images/[^"]+\.svg)"([^>]*)>', light))
    assert (tmp_path / drawn[0]).read_text(encoding="utf-8") == picture
    assert 'loading="eager"' in drawn[1]
    assert 'width="96" height="48"' in drawn[1]
