// What clicks and keys do, and the address of what they lead to.
const DRAWN_AT_MOST = 3000; // a neighbourhood adds no more entities to the drawing than up to here

function openEntity(index, look = false) {
  Object.assign(state, { entity: index, claim: null });
  if (state.path && !state.path.nodes.has(index)) state.path = null;
  if (state.focus !== null && !around(state.focus, state.depth).has(index)) state.focus = null;
  if (away.size && !state.path && state.focus === null) takePlaces();
  if (network) reveal(index);
  refresh();
  openTab("detail");
  byId("detail").scrollTop = 0;
  if (look && network) network.focus(index, { scale: Math.max(network.getScale(), 0.85), animation: false });
}
function openClaim(index, look = true) {
  const claim = statements[index];
  if (network) { reveal(claim.s); if (isEdge(claim)) reveal(claim.o); }
  Object.assign(state, { entity: null, claim: index });
  refresh();
  if (look && network) {
    const ends = isEdge(claim) ? [claim.s, claim.o] : [claim.s];
    const places = Object.values(network.getPositions(ends));
    const middle = (axis) => places.reduce((sum, each) => sum + each[axis], 0) / places.length;
    const wide = Math.max(...places.map((each) => Math.abs(each.x - places[0].x))) + 200;
    const high = Math.max(...places.map((each) => Math.abs(each.y - places[0].y))) + 160;
    const frame = byId("canvas").getBoundingClientRect();
    const whole = Math.min(frame.width / wide, frame.height / high); // both ends are to be seen
    network.moveTo({ position: { x: middle("x"), y: middle("y") }, scale: Math.min(whole, Math.max(network.getScale(), 0.85)), animation: false });
  }
  openTab("detail");
  byId("detail").scrollTop = 0;
}
function focusOn(index, depth) {
  const same = state.focus === index && state.depth === depth;
  Object.assign(state, { focus: same ? null : index, depth, path: null });
  if (network && !same) for (const node of around(index, depth - 1)) if (drawn.size < DRAWN_AT_MOST) reveal(node);
  takePlaces();
  refresh();
  fit();
}
function showPath(from, to) {
  const path = pathBetween(from, to);
  if (!path) {
    note(t("noPath", entities[from].label, entities[to].label));
    return;
  }
  if (network) path.nodes.forEach(bringIn);
  Object.assign(state, { path, focus: null, entity: null, claim: null });
  takePlaces();
  refresh();
  openTab("detail");
  fit();
}
function bringIn(index) { if (!drawn.has(index)) reveal(index); }
function note(text) {
  byId("focus").hidden = false;
  byId("focus").replaceChildren(bdi(text), el("button", { type: "button", on: { click: () => {
    Object.assign(state, { path: null, focus: null });
    takePlaces();
    refresh();
    fit();
  } } }, t("all")));
}
function clear() {
  Object.assign(state, { entity: null, claim: null });
  refresh();
}
// N and P on the drawing: the neighbours of the entity that was asked for, or the best connected ones.
let walk = { around: null, at: -1 };
function stepTo(direction) {
  if (walk.around === null || (state.entity !== walk.current && state.entity !== null)) walk = { around: state.entity, at: -1 };
  const ring = walk.around === null ? ranked.filter((id) => shownNodes.has(id))
    : [...around(walk.around, 1)].filter((id) => id !== walk.around);
  if (!ring.length) return;
  walk.at = (walk.at + direction + ring.length) % ring.length;
  const start = walk.around;
  openEntity(ring[walk.at], true);
  walk = { around: start, at: walk.at, current: ring[walk.at] };
}

function refresh() {
  select();
  paint();
  showTable();
  showDetail();
  byId("focus").hidden = true;
  if (state.path) note(t("path", entities[state.path.from].label, entities[state.path.to].label, counted(state.path.claims.length, "step")));
  else if (state.focus !== null) note(t("within", entities[state.focus].label, counted(state.depth, "step")));
  const seen = [...shownNodes].filter((id) => drawn.has(id)).length;
  const all = shownClaims.length === statements.length && seen === shownNodes.size;
  byId("summary").textContent = [
    all ? counted(shownNodes.size, "entity") : `${counted(seen, "entity")} ${t("drawn")}`,
    all ? counted(statements.length, "claim") : t("of", shownClaims.length, counted(statements.length, "claim")),
    counted(articles.length, "article"),
  ].join(" · ");
  byId("tab-claims").textContent = `${t("claims")} (${shownClaims.length})`;
  byId("names").setAttribute("aria-pressed", String(state.names));
  remember();
}

// The address of what is shown --------------------------------------------------------------------------

function remember() {
  if (embedded) return;
  const parts = new URLSearchParams();
  if (state.claim !== null) parts.set("claim", statements[state.claim].iri);
  if (state.entity !== null) parts.set("entity", entities[state.entity].iri);
  if (state.focus !== null) { parts.set("focus", entities[state.focus].iri); parts.set("depth", state.depth); }
  if (state.path) { parts.set("from", entities[state.path.from].iri); parts.set("to", entities[state.path.to].iri); }
  for (const [name, set] of Object.entries(state.hidden)) if (set.size) parts.set(`no-${name}`, [...set].sort().join(" "));
  if (state.confidence) parts.set("confidence", state.confidence);
  if (dates.length && state.from > 0) parts.set("since", dates[state.from]);
  if (dates.length && state.to < dates.length - 1) parts.set("until", dates[state.to]);
  if (state.size !== "connections") parts.set("size", state.size);
  if (state.colour !== "kind") parts.set("colour", state.colour);
  if (state.chosenLanguage) parts.set("language", state.language);
  const wanted = parts.toString();
  if (location.hash.slice(1) !== wanted) history.replaceState(null, "", `#${wanted}`);
}
function recall() {
  const parts = new URLSearchParams(location.hash.slice(1));
  for (const [name, set] of Object.entries(state.hidden)) {
    set.clear();
    for (const value of (parts.get(`no-${name}`) || "").split(" ").filter(Boolean)) set.add(value);
  }
  state.confidence = Math.min(100, Math.max(0, Number(parts.get("confidence")) || 0));
  state.from = Math.max(0, dates.indexOf(parts.get("since") || ""));
  state.to = dates.includes(parts.get("until")) ? dates.indexOf(parts.get("until")) : dates.length - 1;
  state.size = tables.measures.has(parts.get("size")) ? parts.get("size") : "connections";
  state.colour = parts.get("colour") === "community" ? "community" : "kind";
  if (LANGUAGES.includes(parts.get("language"))) { state.language = parts.get("language"); state.chosenLanguage = true; }
  const at = (name) => entityAt.get(short(parts.get(name))) ?? null;
  Object.assign(state, { entity: at("entity"), claim: statementAt.get(short(parts.get("claim"))) ?? null, path: null,
    focus: at("focus"), depth: Math.min(3, Math.max(1, Number(parts.get("depth")) || 1)) });
  if (at("from") !== null && at("to") !== null) state.path = pathBetween(at("from"), at("to"));
}
function bringInAll() {
  if (!network) return;
  for (const index of [state.entity, state.focus]) if (index !== null) reveal(index);
  if (state.claim !== null) { reveal(statements[state.claim].s); if (isEdge(statements[state.claim])) bringIn(statements[state.claim].o); }
  if (state.path) state.path.nodes.forEach(bringIn);
  if (state.focus !== null) for (const node of around(state.focus, state.depth - 1)) if (drawn.size < DRAWN_AT_MOST) reveal(node);
  takePlaces();
}
