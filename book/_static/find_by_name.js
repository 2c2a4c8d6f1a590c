// On the page of the search: what has the name that was typed ("Prop 3", "α", "(3.1)", "fill") comes first.
window.addEventListener("DOMContentLoaded", () => {
  const data = document.getElementById("names");
  if (!data || typeof Search === "undefined") return;
  const { greek, entries } = JSON.parse(data.textContent);
  const words = {
    thm: "theorem", th: "theorem", prop: "proposition", lem: "lemma", cor: "corollary", def: "definition",
    rem: "remark", eq: "equation", fig: "figure", ex: "exercise", ch: "chapter", chap: "chapter", no: "",
  };
  const plain = (query) => query.toLowerCase().trim()
    .replace(/^\((.*)\)$/, "$1")
    .replace(/./gu, (sign) => greek[sign] || sign)
    .replace(/[\\{}$]/g, "")
    .replace(/^([a-z]{2,})\.?\s*(\d[\d.]*)$/, "$1 $2")
    .replace(/^([a-z]+)\.? /, (whole, word) => `${words[word] ?? word} `)
    .replace(/^(\w+) \((.*)\)$/, "$1 $2")
    .replace(/\s+/g, " ").trim();
  const search = Search._performSearch;
  Search._performSearch = (query, ...rest) => {
    const wanted = plain(query);
    const named = entries.filter(([keys]) => keys.includes(wanted)).map(([, page, anchor, title]) => {
      const place = Search._index.docnames.indexOf(page);
      return [page, title, anchor, null, 1000, Search._index.filenames[place]];
    });
    // Results are shown from the last to the first.
    return [...search(query, ...rest), ...named.reverse()];
  };
}, true);
