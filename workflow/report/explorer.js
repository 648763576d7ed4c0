// The explorer. Text of the register enters the page as text (textContent), never as HTML; an address becomes a link only if it is one of the web.
{
  const data = JSON.parse(document.getElementById("content").textContent), $ = id => document.getElementById(id);
  const NAMES = { ahc: "ad hoc coalition", un: "United Nations", regional: "regional organisation" };
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
    element.append(...children.filter(child => child !== null && child !== undefined));
    return element;
  };
  const link = (text, address) => /^https?:\/\//i.test(address) ? make("a", { href: address, rel: "noreferrer" }, text) : document.createTextNode(text);
  const records = name => data.tables[name].rows.map(row => Object.fromEntries(data.tables[name].columns.map((column, i) => [column, row[i]])));
  const grouped = (rows, key) => rows.reduce((map, row) => (map.has(row[key]) ? map.get(row[key]).push(row) : map.set(row[key], [row]), map), new Map());
  const stateNames = new Map(records("states").map(row => [row.state, row.name])), places = new Map(records("theatres").map(row => [row.theatre, row]));
  const sources = new Map(records("sources").map(row => [row.source_id, row]));
  const members = grouped(records("memberships"), "operation_id"), evidence = grouped(records("evidence"), "operation_id");
  const tasks = grouped(records("tasks"), "operation_id"), theatres = grouped(records("operation_theatres"), "operation_id");
  // Letters without accents, straight apostrophes: a reader finds Türkiye by turkiye.
  const plain = text => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’‘]/g, "'").toLowerCase();
  const of = (map, id) => map.get(id) || [];
  const decimal = day => { const [y, m, d] = day.split("-").map(Number); return y + (Date.UTC(y, m - 1, d) - Date.UTC(y, 0, 1)) / 31557600000; };
  const LAST = decimal(data.cutoff);
  const operations = records("operations").map(row => {
    const [first, , , last, region, theatre, peak, rules] = data.drawn[row.operation_id];
    const mine = of(theatres, row.operation_id);
    const begin = first ? decimal(first) : null, never = row.status === "never-deployed";
    const written = never ? decimal(((row.decided || row.start || row.triggered || row.operation_id.slice(-4)).replace("~", "") + "-07-01").split("-").slice(0, 3).join("-")) : begin;
    return { row, id: row.operation_id, seen: data.seen[row.operation_id] ? decimal(data.seen[row.operation_id][3]) : null, region, theatre, peak, rules, never, from: written, to: row.status === "ongoing" ? LAST : last ? decimal(last) : written,
      states: new Set(of(members, row.operation_id).map(m => m.state)),
      text: plain([row.name, row.acronym, row.operation_id, row.organisation, ...of(tasks, row.operation_id).map(t => t.task), ...mine.map(t => places.get(t.theatre)?.name || t.theatre), ...of(members, row.operation_id).map(m => stateNames.get(m.state) || m.state)].join(" ")) };
  }).sort((a, b) => (a.from ?? 9999) - (b.from ?? 9999) || (a.id < b.id ? -1 : 1));
  const byId = new Map(operations.map(operation => [operation.id, operation]));
  // An operation without an end: what is said of the cut-off, and when it was last seen at work by its evidence.
  const seen = id => { const [value, how] = data.seen[id] || []; return value ? how === "day" ? `last seen at work ${value}` : `at work by a source of ${value}` : "no day on which it was last seen"; };
  const dates = row => row.status === "never-deployed" ? "never deployed" : row.status === "ongoing" ? `since ${row.start}, ongoing at the cut-off ${data.cutoff}, ${seen(row.operation_id)}`
    : row.status === "unknown" ? `${row.start || "start unknown"} to an unknown end, ${seen(row.operation_id)}` : `${row.start || "start unknown"} to ${row.end || "an unknown end"}`;

  // The record of an operation, in a dialog that its address opens: #op-<operation_id>.
  const meaning = (table, column, value) => { if (data.flags.includes(column)) return value === "1" ? "yes" : "no"; const word = data.words[table][column]?.[value]; return word ? `${value} (${word})` : value; };
  const table = (caption, header, rows) => make("div", { class: "scroll", role: "group", "aria-label": caption, tabindex: "0" }, make("table", {}, make("thead", {}, make("tr", {}, ...header.map(h => make("th", { scope: "col" }, h)))), make("tbody", {}, ...rows.map(cells => make("tr", {}, ...cells.map(cell => make("td", {}, cell)))))));
  const opener = id => byId.has(id) ? make("a", { href: `#op-${id}` }, byId.get(id).row.name) : document.createTextNode(id);
  const listed = nodes => nodes.flatMap((node, i) => i ? [", ", node] : [node]);
  const cite = id => { const s = sources.get(id); if (!s) return id; const text = [s.author, s.year && `(${s.year})`, s.title, s.publisher !== s.author && s.publisher].filter(Boolean).join(", ").replace(", (", " ("); return link(text, s.url); };
  const record = operation => {
    const row = operation.row, list = make("dl"), add = (name, ...nodes) => nodes.length && list.append(make("dt", {}, name), make("dd", {}, ...nodes));
    for (const column of data.tables.operations.columns) {
      const value = row[column];
      if (["operation_id", "name", "note"].includes(column) || value === "") continue;
      if (/_id$/.test(column)) add(column.replace("_", " "), opener(value));
      else if (column === "status" && value === "ongoing") add("status", `ongoing at the cut-off ${data.cutoff}: no source reports an end`);
      else add(column.replaceAll("_", " "), meaning("operations", column, value));
      if (column === "status" && ["ongoing", "unknown"].includes(value)) { // a day that a source names, or the year of a source that says "ongoing"
        const [when, how, source] = data.seen[operation.id] || [];
        if (when) add("last seen at work", how === "day" ? `${when}, by ` : `${when} (the year of the source), by `, cite(source), `, read on ${sources.get(source).date_read}`); else add("last seen at work", "not recorded");
      }
    }
    const parts = operations.filter(other => other.row.parent_id === operation.id);
    if (parts.length) add("task forces", ...listed(parts.map(part => opener(part.id))));
    add("theatres", of(theatres, operation.id).map(t => (places.get(t.theatre)?.name || t.theatre) + (t.primary === "1" ? " (primary)" : "")).join(", ") || "none recorded");
    add("tasks", of(tasks, operation.id).map(t => t.task).join(", ") || "none recorded");
    add("counts under the rules", operation.rules.join(", ") || "none");
    if (row.note) add("note", row.note);
    const mine = of(members, operation.id), said = of(evidence, operation.id);
    $("record").replaceChildren(
      make("button", { class: "close", type: "button" }, "Close"), make("h2", { id: "record-title", tabindex: "-1" }, row.name + (row.acronym ? ` (${row.acronym})` : "")), list,
      make("h3", {}, `Members: ${mine.length}`), mine.length ? table("Members", ["State", "Role", "Joined", "Left", "Note"], mine.map(m => [stateNames.get(m.state) || m.state, m.role, m.joined, m.left, [m.dates === "sourced" ? "" : m.dates, m.note].filter(Boolean).join("; ")])) : "None recorded.",
      make("h3", {}, `What the sources say: ${said.length}`), said.length ? table("Evidence", ["Field", "Value", "Source", "Kind", "Read on", "Note"], said.map(e => [e.field, e.value, cite(e.source_id), sources.get(e.source_id)?.kind || "", sources.get(e.source_id)?.date_read || "", e.note])) : "None recorded.");
    $("record").querySelector(".close").addEventListener("click", () => $("record").close());
    if (!$("record").open) $("record").showModal();
    $("record").scrollTop = 0; $("record-title").focus();
  };
  const follow = () => {
    const target = decodeURIComponent(location.hash.slice(1));
    if (target.startsWith("op-") && byId.has(target.slice(3))) record(byId.get(target.slice(3)));
    if (target === "tables") $("register").open = true;
  };
  $("record").addEventListener("close", () => { if (location.hash.startsWith("#op-")) history.replaceState(null, "", location.pathname + location.search); });
  $("record").addEventListener("click", event => { if (event.target === $("record")) $("record").close(); });

  // The timeline.
  const whole = [Math.floor(Math.min(...operations.filter(o => o.from !== null).map(o => o.from))), Math.ceil(LAST)];
  let [from, to] = whole, shown = operations;
  const field = (text, element) => ($("filter").append(make("label", {}, text, element)), element);
  const select = (text, options) => field(text, make("select", {}, make("option", { value: "" }, "all"), ...options.map(([value, label]) => make("option", { value }, label))));
  const values = pick => [...new Set(operations.map(pick).filter(Boolean))].sort().map(value => [value, value]);
  const filters = {
    text: field("Text", make("input", { type: "search", placeholder: "name, task, place, member" })), arrangement: select("Arrangement", Object.entries(NAMES)), region: select("Region", values(o => o.region)),
    domain: select("Domain", values(o => o.row.domain)), rule: select("Inclusion rule", Object.keys(data.rules).map(rule => [rule, rule])),
    state: select("Member", [...new Set(operations.flatMap(o => [...o.states]))].map(s => [s, stateNames.get(s) || s]).sort((a, b) => a[1] < b[1] ? -1 : 1)),
  };
  const year = (label, value) => { const input = make("input", { type: "number", min: whole[0], max: whole[1], value }); $("zoom").append(make("label", {}, label, input)); return input; };
  const first = year("From", from), last = year("To", to);
  const zoom = (a, b) => { const span = Math.max(1, Math.min(b - a, whole[1] - whole[0])); from = Math.max(whole[0], Math.min(a, whole[1] - span)); to = from + span; first.value = Math.round(from); last.value = Math.round(to); draw(); };
  const button = (text, label, action) => { const b = make("button", { type: "button", "aria-label": label }, text); b.addEventListener("click", action); $("zoom").append(b); };
  const scaled = (factor, at = (from + to) / 2) => zoom(at - (at - from) * factor, at + (to - at) * factor);
  button("+", "Zoom in", () => scaled(0.5)); button("−", "Zoom out", () => scaled(2)); button("◀", "Earlier", () => zoom(from - (to - from) / 4, to - (to - from) / 4)); button("▶", "Later", () => zoom(from + (to - from) / 4, to + (to - from) / 4)); button("All years", "All years", () => zoom(...whole));
  for (const input of [first, last]) input.addEventListener("change", () => { if (+first.value < +last.value) zoom(+first.value, +last.value); else zoom(from, to); }); // years that are none go back to those shown
  const clear = make("button", { type: "button" }, "Clear"); // every filter, and all years
  $("filter").append(clear);
  clear.addEventListener("click", () => { $("filter").reset(); zoom(...whole); });
  const place = x => 100 * (x - from) / (to - from);
  const bars = operations.map(operation => {
    const row = operation.row, shape = make("span", { class: `bar ${row.arrangement}${row.status === "unknown" ? " unknown" : ""}` }), sign = row.status === "ongoing" ? "›" : operation.never ? "◇" : "";
    const after = row.status === "ongoing" && operation.seen ? make("i") : null; // the stretch after it was last seen is paler
    if (after) shape.append(after);
    const mark = sign ? make("span", { class: "mark" }, sign) : null;
    const control = make("button", { type: "button", tabindex: "-1", "data-id": operation.id, "aria-label": `${row.acronym ? `${row.acronym}, ` : ""}${row.name}, ${NAMES[row.arrangement]}, ${dates(row)}` }, make("span", { class: "name" }, row.acronym || row.name), make("span", { class: "track" }, operation.never ? null : shape, mark));
    return { operation, shape, after, mark, control, item: make("li", {}, control) };
  });
  const draw = () => {
    const chosen = bars.filter(({ operation: o }) => plain(filters.text.value).split(/\s+/).every(word => o.text.includes(word)) && (!filters.arrangement.value || o.row.arrangement === filters.arrangement.value) && (!filters.region.value || o.region === filters.region.value)
      && (!filters.domain.value || o.row.domain === filters.domain.value) && (!filters.rule.value || o.rules.includes(filters.rule.value)) && (!filters.state.value || o.states.has(filters.state.value))
      && (o.from === null ? from === whole[0] && to === whole[1] : o.from <= to && o.to >= from));
    for (const { operation: o, shape, after, mark } of chosen) {
      if (o.from === null) continue;
      shape.style.left = `${place(Math.max(o.from, from))}%`; shape.style.width = `${Math.max(0, place(Math.min(o.to, to)) - place(Math.max(o.from, from)))}%`;
      if (after) { const [begin, end] = [Math.max(o.from, from), Math.min(o.to, to)]; after.style.left = `${100 * Math.max(0, Math.min(1, (o.seen - begin) / (end - begin || 1)))}%`; }
      if (mark) mark.style.left = o.never ? `${place(o.from)}%` : `${place(Math.min(o.to, to))}%`;
    }
    const had = document.activeElement?.dataset?.id;
    $("bars").replaceChildren(...chosen.map(b => b.item));
    chosen.forEach((b, i) => b.control.tabIndex = i ? -1 : 0);
    if (had) chosen.find(b => b.operation.id === had)?.control.focus({ preventScroll: true });
    const step = [1, 2, 5, 10, 20].find(s => (to - from) / s <= ($("timeline").clientWidth < 600 ? 4 : 10)) || 20, ticks = [];
    for (let y = Math.ceil(from / step) * step; y < to; y += step) ticks.push(make("span", { style: `left:${place(y)}%` }, String(y)));
    $("axis").replaceChildren(...ticks);
    shown = chosen; $("tally").textContent = `${chosen.length} of ${operations.length} operations`;
    if (!chosen.length) $("bars").append(make("li", { class: "none" }, "No operation meets all of this."));
  };
  $("filter").addEventListener("input", draw); $("filter").addEventListener("submit", event => event.preventDefault());
  $("bars").addEventListener("click", event => { const control = event.target.closest("button"); if (control) location.hash = `op-${control.dataset.id}`; });
  $("bars").addEventListener("keydown", event => {
    const at = shown.findIndex(b => b.control === document.activeElement), next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1, PageDown: at + 10, PageUp: at - 10 }[event.key];
    if (at < 0 || next === undefined) return;
    event.preventDefault();
    const target = shown[Math.max(0, Math.min(shown.length - 1, next))].control;
    shown[at].control.tabIndex = -1; target.tabIndex = 0; target.focus();
  });
  const tell = control => {
    const operation = byId.get(control.dataset.id), row = operation.row, names = [...operation.states].map(s => stateNames.get(s) || s), box = control.getBoundingClientRect();
    $("tip").replaceChildren(make("strong", {}, row.name), make("br"), `${NAMES[row.arrangement]}, ${dates(row)}`, make("br"), names.length ? `${names.length} members: ${names.slice(0, 12).join(", ")}${names.length > 12 ? ", ..." : ""}` : "members not recorded", make("br"), `${new Set(of(evidence, operation.id).map(e => e.source_id)).size} sources`);
    $("tip").hidden = false;
    const height = $("tip").offsetHeight; // below the row, or above it where there is no room
    $("tip").style.left = `${Math.max(4, Math.min(box.left + 140, innerWidth - $("tip").offsetWidth - 8))}px`; $("tip").style.top = `${box.bottom + height + 8 > innerHeight ? box.top - height - 4 : box.bottom + 4}px`;
  };
  for (const [show, hide] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    $("bars").addEventListener(show, event => { const control = event.target.closest("button"); if (control && (show === "mouseover" || control.matches(":focus-visible"))) tell(control); });
    $("bars").addEventListener(hide, () => { $("tip").hidden = true; });
  }
  document.addEventListener("keydown", event => { if (event.key === "Escape") $("tip").hidden = true; });
  $("timeline").addEventListener("wheel", event => { if (!event.ctrlKey && !event.shiftKey) return; event.preventDefault(); const box = $("axis").getBoundingClientRect(); scaled((event.deltaY || event.deltaX) > 0 ? 1.25 : 0.8, from + (to - from) * (event.clientX - box.left) / box.width); }, { passive: false });
  $("axis").addEventListener("pointerdown", event => { // the years that a pointer draws over
    const box = $("axis").getBoundingClientRect(), begin = event.clientX, band = make("b");
    const at = x => from + (to - from) * Math.max(0, Math.min(1, (x - box.left) / box.width));
    $("axis").append(band); $("axis").setPointerCapture(event.pointerId);
    const move = e => { band.style.left = `${place(at(Math.min(begin, e.clientX)))}%`; band.style.width = `${Math.abs(e.clientX - begin)}px`; };
    $("axis").addEventListener("pointermove", move);
    $("axis").addEventListener("pointerup", e => { $("axis").removeEventListener("pointermove", move); band.remove(); if (Math.abs(e.clientX - begin) > 8) zoom(at(Math.min(begin, e.clientX)), at(Math.max(begin, e.clientX))); }, { once: true });
  });
  draw();

  // The tables: the library is started when they are opened.
  let library = null, grid = null;
  $("which").append(...Object.keys(data.tables).map(name => make("option", { value: name }, `${data.titles[name]} (${data.tables[name].rows.length})`)));
  $("which").value = "operations";
  const start = () => library ??= (async () => {
    document.head.prepend(make("style", {}, JSON.parse($("look").textContent)));
    const dark = matchMedia("(prefers-color-scheme: dark)"), follow = () => document.documentElement.classList.toggle("dark", dark.matches);
    dark.addEventListener("change", follow); follow();
    const address = URL.createObjectURL(new Blob([JSON.parse($("library").textContent)], { type: "text/javascript" }));
    try { return (await import(address)).default; } finally { URL.revokeObjectURL(address); }
  })();
  const show = async () => {
    const DataTable = await start(), name = $("which").value, { columns, rows } = data.tables[name];
    grid?.destroy(); $("what").replaceChildren(...columns.flatMap(column => [make("dt", {}, column), make("dd", {}, data.columns[name][column])]));
    const element = make("table", { class: "display compact", "aria-label": data.titles[name] });
    $("grid").replaceChildren(element);
    const safe = DataTable.render.text().display;
    // A long note is cut after some lines where the record of the operation has the whole of it.
    const short = (columns, text) => columns.includes("operation_id") ? value => value.length > 200 ? `<div class="cut">${text(value)}</div>` : text(value) : text;
    const width = lengths => { const most = Math.max(0, ...lengths); return most > 120 ? "long" : most > 30 ? "middling" : "short"; };
    const cell = column => value => column === "operation_id" || /^(parent|predecessor|successor)_id$/.test(column) ? (byId.has(value) ? `<a href="#op-${safe(value)}">${safe(value)}</a>` : safe(value)) : column === "url" && /^https?:\/\//i.test(value) ? `<a href="${safe(value)}" rel="noreferrer">${safe(value)}</a>` : safe(value);
    grid = new DataTable(element, { data: rows, columns: columns.map((column, i) => ({ title: safe(column), className: width(rows.map(row => row[i].length)), render: { display: short(columns, cell(column)), _: value => value } })), deferRender: true, pageLength: 25, autoWidth: false, language: { search: "Search in all columns:" } });
  };
  $("register").addEventListener("toggle", () => { if ($("register").open) show(); });
  $("which").addEventListener("change", show);
  addEventListener("hashchange", follow); follow();
}
