// The legend, which is also the filter, and what size and colour say.
function shapeIcon(shape, fill) {
  const svg = svgNode("svg", { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" });
  const paths = {
    dot: "M8 1.5a6.5 6.5 0 1 0 .01 0Z", square: "M2 2h12v12H2Z", triangle: "M8 1.5 15 14H1Z",
    triangleDown: "M8 14.5 1 2h14Z", diamond: "M8 1l7 7-7 7-7-7Z", hexagon: "M4 2h8l4 6-4 6H4L0 8Z",
    star: "M8 .8l2 5 5.4.3-4.2 3.4 1.4 5.2L8 11.8l-4.6 2.9 1.4-5.2L.6 6.1 6 5.800Z",
  };
  svg.append(svgNode("path", { d: paths[shape] || paths.dot, fill }));
  return svg;
}
function lineIcon(colour, dash = "", opacity = 1) {
  const svg = svgNode("svg", { width: 26, height: 10, viewBox: "0 0 26 10", "aria-hidden": "true" });
  svg.append(svgNode("line", {
    x1: 1, y1: 5, x2: 25, y2: 5, stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash, "stroke-opacity": opacity,
  }));
  return svg;
}
function choice(group, value, text, icon, count) {
  const box = el("input", { type: "checkbox", "data-filter": group, value, on: { change: () => {
    if (box.checked) state.hidden[group].delete(value); else state.hidden[group].add(value);
    refresh();
  } } });
  box.checked = !state.hidden[group].has(value);
  return el("label", {}, box, icon, el("span", { class: "label" }, text), el("small", {}, String(count)));
}
function tally(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
  return counts;
}
function ordered(table, counts) {
  const known = [...tables[table].keys()].filter((name) => counts.has(name));
  return [...known, ...[...counts.keys()].filter((name) => !tables[table].has(name))].map((name) => [name, worded(table, name)]);
}
function slider(name, low, high, value, shown, act) {
  const output = el("output", { for: `range-${name}` }, shown(value));
  const input = el("input", { type: "range", id: `range-${name}`, min: low, max: high, step: name === "confidence" ? 5 : 1,
    "aria-valuetext": shown(value) });
  input.value = value;
  let waiting = false;
  input.addEventListener("input", () => {
    act(Number(input.value));
    output.textContent = shown(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
    if (waiting) return; // one new drawing for each frame, however fast the slider moves
    waiting = true;
    requestAnimationFrame(() => { waiting = false; refresh(); });
  });
  return el("div", { class: "range" }, el("label", { for: `range-${name}` }, t(name)), input, output);
}
function selector(name, text, options) {
  const select = el("select", { id: `by-${name}`, on: { change: () => { state[name] = select.value; showLegend(); refresh(); } } },
    ...options.map(([value, label]) => el("option", { value }, label)));
  select.value = state[name];
  return el("div", { class: "range two" }, el("label", { for: `by-${name}` }, text), select);
}
function group(title, names, filter, ...children) {
  const all = filter ? el("button", { type: "button", class: "small", "aria-label": `${title}: ${t("allNone")}`, on: { click: () => {
    const set = state.hidden[filter];
    if (names.some((name) => set.has(name))) set.clear(); else names.forEach((name) => set.add(name));
    showLegend();
    refresh();
  } } }, t("allNone")) : null;
  return el("fieldset", {}, el("legend", {}, title, all), el("div", { class: "options" }, ...children));
}
function communityRows() {
  const rows = communities.slice(0, palette().communities.length).map((each, number) => el("span", { class: "wide row" },
    shapeIcon("dot", palette().communities[number]), el("span", { class: "label" }, `${t("around")} `, entityButton(each.head)), el("small", {}, String(each.size))));
  if (communities.length > rows.length) rows.push(el("span", { class: "wide row" }, shapeIcon("dot", palette().rest), t("otherCommunities")));
  return rows;
}
function showLegend() {
  const colours = palette();
  const perPredicate = tally(statements.map((claim) => claim.p));
  const relations = [];
  for (const [family] of words.families) {
    const names = words.relationOrder.filter((name) => words.relations[name].family === family && perPredicate.has(name));
    if (!names.length) continue;
    relations.push(el("span", { class: "wide row" }, lineIcon(colours.families[family]), worded("families", family)));
    relations.push(...names.map((name) => choice("predicate", name, inLanguage(words.relations[name].active), null, perPredicate.get(name))));
  }
  const perClass = tally(entities.map((entity, index) => (claimsOf[index].length ? entity.class : null)).filter(Boolean));
  const perModality = tally(statements.map((claim) => claim.modality));
  const perTense = tally(statements.map((claim) => claim.tense));
  const dash = { Asserted: "", Possible: "5 4", Denied: "1.5 3.5" };
  const fill = (name) => (state.colour === "community" ? colours.rest : colours.classes[name] || colours.classes.Thing);
  const filters = (title, table, filter, counts, icon) => group(t(title), [...counts.keys()], filter,
    ...ordered(table, counts).map(([name, text]) => choice(filter, name, text, icon(name), counts.get(name))));
  byId("legend").replaceChildren(
    filters("who", "classes", "class", perClass, (name) => shapeIcon(words.shapes[name], fill(name))),
    ...(state.colour === "community" ? [group(t("communities"), none, null, ...communityRows())] : none),
    filters("sure", "modalities", "modality", perModality, (name) => lineIcon(colours.ink, dash[name])),
    filters("when", "tenses", "tense", perTense, (name) => lineIcon(colours.ink, "", STRENGTH[name])),
    group(t("claims"), [...perPredicate.keys()], "predicate", ...relations),
    el("fieldset", {}, el("legend", {}, t("limits")),
      slider("confidence", 0, 100, state.confidence, (value) => `${value} %`, (value) => { state.confidence = value; }),
      dates.length > 1 ? slider("from", 0, dates.length - 1, state.from, (value) => dates[value], (value) => { state.from = value; }) : "",
      dates.length > 1 ? slider("to", 0, dates.length - 1, state.to, (value) => dates[value], (value) => { state.to = value; }) : ""),
    el("fieldset", {}, el("legend", {}, t("look")),
      selector("size", t("sizeBy"), words.measures.map(([name]) => [name, worded("measures", name)])),
      selector("colour", t("colourBy"), [["kind", t("kind")], ["community", t("community")]])),
    el("p", { class: "hint" }, t("thick")),
    el("div", { class: "row" }, el("button", { type: "button", id: "reset", on: { click: reset } }, t("everything"))));
}
function reset() {
  for (const set of Object.values(state.hidden)) set.clear();
  Object.assign(state, { confidence: 0, from: 0, to: dates.length - 1, entity: null, claim: null, focus: null, path: null });
  takePlaces();
  showLegend();
  refresh();
  fit();
}
