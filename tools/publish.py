"""What a web server and the rest of the web want of the pages: descriptions, a map, and a page for wrong addresses.

The address of the book is `html: baseurl:` in `_config.yml`; what needs one is left out where there is none.
"""

import html
import re
from pathlib import Path
from typing import Any

import yaml

from tools.files import write_atomically
from tools.layout import Tree
from tools.numbers import plain

_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.S)
_HEADING = re.compile(r"<h1>(.*?)</h1>", re.S)
_ANSWER = re.compile(r'<p class="answer[^"]*">(.*?)</p>', re.S)
#: Search engines show about so many letters.
_LONGEST = 160
_MISSING = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>No such page — {title}</title>
    <style>
      body {{ max-width: 38rem; margin: 15vh auto 0; padding: 0 1rem; font: 1.1rem/1.5 system-ui, sans-serif; }}
      :root {{ color-scheme: light dark; }}
    </style>
  </head>
  <body>
    <main>
      <h1>There is no such page here</h1>
      <p>It may have another address now. <a id="home" href="{root}">{title}</a> has a table of contents
        and a search.</p>
    </main>
    <script>
      // The page stands at any depth: the book begins at the nearest folder above that has its first page.
      (async () => {{
        if (!"{search}") return;
        const parts = location.pathname.split("/").slice(0, -1);
        for (; parts.length; parts.pop()) {{
          const root = parts.join("/") + "/";
          try {{
            const answer = await fetch(root + "claims.json", {{ method: "HEAD" }});
            if (answer.ok) {{ document.getElementById("home").href = root + "book/index.html"; return; }}
          }} catch {{ return; }}
        }}
      }})();
    </script>
  </body>
</html>
"""


def description(page: str) -> str:
    """Return one line about a page: the start of its first paragraph.

    Example:
        >>> description("<article><h1>A</h1><p>It <em>holds</em>.</p><p>More.</p></article>")
        'It holds.'
    """
    article = page.partition("<article")[2] or page
    article = article.partition("<h1")[2] or article
    found = _ANSWER.search(article) or _PARAGRAPH.search(article)
    text = plain(found[1]) if found else ""
    text = re.sub(r"\$([^$]*)\$", lambda m: re.sub(r"\\,|[{}$\\]", "", m[1]), text)
    if len(text) <= _LONGEST:
        return text
    return text[: _LONGEST - 1].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def meta(name: str, page: str, book: str, base: str) -> str:
    """Return the tags that describe a page, for its head."""
    heading = _HEADING.search(page)
    title, about = (plain(heading[1]) if heading else book), description(page)
    tags = [("name", "description", about)]
    tags += [("property", f"og:{key}", value) for key, value in (
        ("title", title), ("description", about), ("type", "article"), ("site_name", book),
    )]  # fmt: skip
    if base:
        tags += [
            ("property", "og:url", base + name),
            ("property", "og:image", f"{base}_static/preview.png"),
        ]
    tags.append(("name", "twitter:card", "summary_large_image" if base else "summary"))
    lines = [
        f'<meta {kind}="{key}" content="{html.escape(value)}" />'
        for kind, key, value in tags
        if value
    ]
    if base and 'rel="canonical"' not in page:
        lines.append(f'<link rel="canonical" href="{html.escape(base + name)}" />')
    return "\n    ".join(lines)


def sitemap(names: list[str], base: str) -> str:
    """Return the map of all pages."""
    rows = "".join(f"  <url><loc>{html.escape(base + name)}</loc></url>\n" for name in names)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    head = f'<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="{space}">\n'
    return f"{head}{rows}</urlset>\n"


def base(config: dict[str, Any]) -> str:
    """Return the address of the book with a slash at its end, or ""."""
    address = str((config.get("html") or {}).get("baseurl") or "").strip()
    return f"{address.rstrip('/')}/" if address else ""


def publish(tree: Tree, pages: Path) -> None:
    """Add to a directory of built HTML what makes a site of it."""
    config = yaml.safe_load((tree.root / "_config.yml").read_text(encoding="utf-8"))
    address = base(config)
    names = []
    for path in sorted([*pages.glob("book/**/*.html"), *pages.glob("notebooks/*.html")]):
        name = path.relative_to(pages).as_posix()
        names.append(name)
        text = path.read_text(encoding="utf-8")
        tags = meta(name, text, config["title"], address)
        text = text.replace("<title>", f"{tags}\n    <title>", 1)
        path.write_text(text, encoding="utf-8")
    missing = _MISSING.format(
        title=html.escape(config["title"]),
        root=f"{address}book/index.html" if address else "/",
        search="" if address else "yes",
    )
    write_atomically(pages / "404.html", missing)
    write_atomically(pages / ".nojekyll", "")  # else GitHub Pages would leave out _static
    if address:
        write_atomically(pages / "sitemap.xml", sitemap(names, address))
