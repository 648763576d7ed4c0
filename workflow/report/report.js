// Sorts every table by a click on its heading and filters the verdicts. Without it the page reads the same.
{
  const value = cell => {
    const text = cell.textContent.trim(), number = parseFloat(text.replace(/\u2212/g, "-").replace(/[\u202f\s%<[]/g, ""));
    return Number.isNaN(number) ? text.toLowerCase() : number;
  };
  const order = (x, y) => typeof x === typeof y ? (x > y ? 1 : x < y ? -1 : 0) : typeof x === "number" ? -1 : 1, missing = x => x === "–" || x === "[–, –]";
  // A heading becomes a button when a pointer or the keyboard comes to its table: nothing is done for tables that nobody looks at.
  const sortable = table => {
    const cells = [...table.tHead.rows[0].cells], body = table.tBodies[0];
    cells.forEach((cell, i) => {
      const button = document.createElement("button");
      button.type = "button"; button.append(...cell.childNodes); cell.append(button);
      button.addEventListener("click", () => {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        cells.forEach(other => other.removeAttribute("aria-sort"));
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        body.append(...[...body.rows].map(row => [value(row.cells[i]), row]).sort((a, b) => missing(a[0]) - missing(b[0]) || order(a[0], b[0]) * (up ? 1 : -1)).map(pair => pair[1]));
      });
    });
  };
  const seen = new IntersectionObserver(entries => entries.filter(e => e.isIntersecting).forEach(e => { seen.unobserve(e.target); sortable(e.target); }), { rootMargin: "50%" });
  document.querySelectorAll("main table").forEach(table => { if (table.tHead && table.tBodies.length) seen.observe(table); });

  const verdicts = document.querySelector(".verdicts");
  if (verdicts) {
    const rows = [...verdicts.tBodies[0].rows], form = document.createElement("form"), status = document.createElement("output"), fields = [];
    form.className = "filter"; form.setAttribute("role", "search"); form.setAttribute("aria-label", "Filter the verdicts");
    const field = (text, element, column) => { const label = document.createElement("label"); label.append(text, element); form.append(label); fields.push([element, column]); };
    [["Verdict", 2], ["Grade", 3]].forEach(([text, column]) => {
      const select = document.createElement("select"), counts = new Map();
      rows.forEach(row => { const v = row.cells[column].textContent; counts.set(v, (counts.get(v) || 0) + 1); });
      select.append(new Option(`all (${rows.length})`, ""), ...[...counts].sort().map(([v, n]) => new Option(`${v} (${n})`, v)));
      field(text, select, column);
    });
    const input = document.createElement("input");
    input.type = "search"; field("Text", input, null); form.append(status);
    form.addEventListener("submit", event => event.preventDefault());
    form.addEventListener("input", () => {
      rows.forEach(row => { row.hidden = fields.some(([f, c]) => f.value && (c === null ? !row.textContent.toLowerCase().includes(f.value.toLowerCase()) : row.cells[c].textContent !== f.value)); });
      status.textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} shown`;
    });
    verdicts.closest(".scroll").before(form);
  }
  // A link to a picture that is folded away opens it.
  const open = () => { const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1))); target && target.closest("details")?.setAttribute("open", ""); };
  addEventListener("hashchange", open); open();
}
