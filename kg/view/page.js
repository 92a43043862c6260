"use strict";
// The page's behaviour. All text of the graph enters the document as text nodes; nothing is ever parsed as HTML.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const data = read("data");
  const drawing = read("vis");
  const { entities, statements, articles, sentences, words } = data;
  const byId = (id) => document.getElementById(id);

  const PALETTES = {
    light: {
      ground: "#fbfbf9", ink: "#1c2024", border: "#ffffff",
      families: { role: "#1d4ed8", market: "#b45309", opinion: "#8b2fc9", result: "#15803d", other: "#5b6470" },
      classes: {
        Person: "#3f7fd6", Club: "#c8443f", NationalTeam: "#168a84", Competition: "#b98a00", Federation: "#6d5bd0",
        Country: "#6b7280", City: "#9a6b4f", Venue: "#4d8a3d", Outlet: "#c2508f", Match: "#444c56", Thing: "#6b7280",
      },
    },
    dark: {
      ground: "#14171b", ink: "#e9ecef", border: "#14171b",
      families: { role: "#7fb0ff", market: "#f2a65a", opinion: "#d59bff", result: "#74d19a", other: "#a9b1ba" },
      classes: {
        Person: "#6ea8fe", Club: "#f0716b", NationalTeam: "#45c4bc", Competition: "#e8c04a", Federation: "#a99bff",
        Country: "#a3abb5", City: "#cf9f80", Venue: "#8cc97b", Outlet: "#f08fc4", Match: "#c6ccd3", Thing: "#a3abb5",
      },
    },
  };
  const DASHES = { Asserted: false, Possible: [9, 7], Denied: [2, 6] };
  const STRENGTH = { Past: 0.45, Present: 1, Future: 0.8 };
  const EDGE_NAMES_BELOW = 45; // with more edges than this their names are off at first
  const EDGE_NAMES_OF_ONE = 8; // an entity with more claims than this shows no names either
  const ROWS = 200;
  const REVEALED = 60;

  // Documents -------------------------------------------------------------------------------------------

  function el(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
      else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const bdi = (text) => el("bdi", {}, text);
  const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`;
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’‘`]/g, "'").toLowerCase();

  function link(url, text) {
    if (!/^https?:\/\//i.test(url)) return bdi(text);
    return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, bdi(text));
  }

  function shapeIcon(entityClass) {
    const svg = svgNode("svg", { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" });
    const fill = palette().classes[entityClass] || palette().classes.Thing;
    const paths = {
      dot: "M8 1.5a6.5 6.5 0 1 0 .01 0Z", square: "M2 2h12v12H2Z", triangle: "M8 1.5 15 14H1Z",
      triangleDown: "M8 14.5 1 2h14Z", diamond: "M8 1l7 7-7 7-7-7Z", hexagon: "M4 2h8l4 6-4 6H4L0 8Z",
      star: "M8 .8l2 5 5.4.3-4.2 3.4 1.4 5.2L8 11.8l-4.6 2.9 1.4-5.2L.6 6.1 6 5.800Z",
    };
    svg.append(svgNode("path", { d: paths[words.shapes[entityClass]] || paths.dot, fill }));
    return svg;
  }
  function lineIcon(colour, dash = "", opacity = 1) {
    const svg = svgNode("svg", { width: 26, height: 10, viewBox: "0 0 26 10", "aria-hidden": "true" });
    svg.append(svgNode("line", {
      x1: 1, y1: 5, x2: 25, y2: 5, stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash, "stroke-opacity": opacity,
    }));
    return svg;
  }
  function svgNode(tag, attributes) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  }

  // The graph -------------------------------------------------------------------------------------------

  const claimsOf = entities.map(() => []);
  statements.forEach((claim, index) => {
    claimsOf[claim.s].push(index);
    if (isEdge(claim) && claim.o !== claim.s) claimsOf[claim.o].push(index);
  });
  const entityAt = new Map(entities.map((entity, index) => [entity.iri, index]));
  const statementAt = new Map(statements.map((claim, index) => [claim.iri, index]));
  const nodeAt = new Map(drawing.nodes.map((node) => [node.id, node]));
  const keys = entities.map((entity) => [entity.label, ...entity.aliases].map(fold));
  const dates = [...new Set(articles.map((article) => article.date.slice(0, 10)).filter(Boolean))].sort();

  function isEdge(claim) { return typeof claim.o === "number"; }
  function relation(claim) { return words.relations[claim.p]; }
  function worded(table, value) { const row = table.find(([name]) => name === value); return row ? row[1] : value; }
  function verb(claim) { return relation(claim).active; }
  function objectText(claim) {
    if (isEdge(claim)) return entities[claim.o].label;
    return claim.p === "injured" ? "" : claim.o;
  }
  function inWords(claim) {
    const parts = [entities[claim.s].label, "—", verb(claim)];
    if (objectText(claim)) parts.push("→", objectText(claim));
    return `${parts.join(" ")} · ${worded(words.modalities, claim.modality)} · ${worded(words.tenses, claim.tense)}`;
  }

  const state = {
    hidden: { class: new Set(), predicate: new Set(), modality: new Set(), tense: new Set() },
    confidence: 0, from: 0, to: dates.length - 1,
    entity: null, claim: null, focus: null, depth: 1, path: null,
    names: drawing.edges.length <= EDGE_NAMES_BELOW, theme: "light", tab: "legend",
  };
  const palette = () => PALETTES[state.theme];

  function inTime(claim) {
    if (state.from === 0 && state.to === dates.length - 1) return true;
    return claim.evidence.some((piece) => {
      const day = articles[piece.article].date.slice(0, 10);
      return day >= dates[state.from] && day <= dates[state.to];
    });
  }
  function passes(claim) {
    const { hidden } = state;
    return !hidden.predicate.has(claim.p) && !hidden.modality.has(claim.modality) && !hidden.tense.has(claim.tense)
      && claim.confidence * 100 >= state.confidence && inTime(claim)
      && !hidden.class.has(entities[claim.s].class) && !(isEdge(claim) && hidden.class.has(entities[claim.o].class));
  }

  function around(start, depth) {
    const found = new Set([start]);
    let edge = [start];
    for (let step = 0; step < depth; step += 1) {
      const next = [];
      for (const node of edge) for (const index of claimsOf[node]) {
        const claim = statements[index];
        if (!isEdge(claim) || !passes(claim)) continue;
        const other = claim.s === node ? claim.o : claim.s;
        if (!found.has(other)) { found.add(other); next.push(other); }
      }
      edge = next;
    }
    return found;
  }
  function pathBetween(start, end) {
    const cameBy = new Map([[start, null]]);
    const queue = [start];
    for (let head = 0; head < queue.length && !cameBy.has(end); head += 1) {
      for (const index of claimsOf[queue[head]]) {
        const claim = statements[index];
        if (!isEdge(claim) || !passes(claim)) continue;
        const other = claim.s === queue[head] ? claim.o : claim.s;
        if (!cameBy.has(other)) { cameBy.set(other, index); queue.push(other); }
      }
    }
    if (!cameBy.has(end)) return null;
    const path = { from: start, to: end, nodes: new Set([end]), claims: [] };
    for (let node = end; cameBy.get(node) !== null;) {
      const claim = statements[cameBy.get(node)];
      path.claims.unshift(cameBy.get(node));
      node = claim.s === node ? claim.o : claim.s;
      path.nodes.add(node);
    }
    return path;
  }

  // What is shown now: by the filters, the focus and the path.
  let shownClaims = [];
  let shownNodes = new Set();
  function select() {
    const scope = state.path ? state.path.nodes : state.focus === null ? null : around(state.focus, state.depth);
    const onPath = state.path ? new Set(state.path.claims) : null;
    shownClaims = [];
    shownNodes = new Set();
    statements.forEach((claim, index) => {
      if (!passes(claim)) return;
      if (onPath ? !onPath.has(index) : scope && !(scope.has(claim.s) && (!isEdge(claim) || scope.has(claim.o)))) return;
      shownClaims.push(index);
      shownNodes.add(claim.s);
      if (isEdge(claim)) shownNodes.add(claim.o);
    });
    if (scope) scope.forEach((node) => shownNodes.add(node));
    if (state.entity !== null) shownNodes.add(state.entity);
  }

  // Drawing ---------------------------------------------------------------------------------------------

  const nodes = new vis.DataSet(drawing.nodes.filter((node) => node.x !== undefined));
  const edges = new vis.DataSet(drawing.edges.filter((edge) => nodes.get(edge.from) && nodes.get(edge.to)));
  const edgesOf = new Map();
  for (const edge of drawing.edges) {
    for (const end of new Set([edge.from, edge.to])) {
      if (!edgesOf.has(end)) edgesOf.set(end, []);
      edgesOf.get(end).push(edge);
    }
  }
  let network = null;
  let moved = false;
  const painted = new Map();

  function shade(colour, strength) {
    return colour + Math.round(strength * 255).toString(16).padStart(2, "0");
  }
  function lit() {
    // The part that stands out, or null if all of it does.
    if (state.path || (state.entity === null && state.claim === null)) return null;
    if (state.claim !== null) {
      const claim = statements[state.claim];
      return { nodes: new Set([claim.s, claim.o]), claims: new Set([state.claim]) };
    }
    const result = { nodes: new Set([state.entity]), claims: new Set(claimsOf[state.entity]) };
    for (const index of result.claims) {
      const claim = statements[index];
      result.nodes.add(claim.s);
      if (isEdge(claim)) result.nodes.add(claim.o);
    }
    return result;
  }
  function changed(store, update) {
    const key = `${store}${update.id}`;
    const value = JSON.stringify(update);
    if (painted.get(key) === value) return false;
    painted.set(key, value);
    return true;
  }
  function paint() {
    const colours = palette();
    const light = lit();
    const visible = new Set(shownClaims);
    const named = light !== null && light.claims.size <= EDGE_NAMES_OF_ONE;
    nodes.update(nodes.getIds().map((id) => {
      const faint = light !== null && !light.nodes.has(id);
      const fill = colours.classes[entities[id].class] || colours.classes.Thing;
      const current = id === state.entity;
      return {
        id, hidden: !shownNodes.has(id), opacity: faint ? 0.3 : 1, borderWidth: current ? 4 : 1.5,
        color: {
          background: fill, border: current ? colours.ink : colours.border,
          highlight: { background: fill, border: colours.ink }, hover: { background: fill, border: colours.ink },
        },
        font: { color: shade(colours.ink, faint ? 0.42 : 1), strokeColor: shade(colours.ground, faint ? 0.3 : 0.9) },
      };
    }).filter((update) => changed("n", update)));
    edges.update(edges.getIds().map((id) => {
      const claim = statements[id];
      const faint = light !== null && !light.claims.has(id);
      const colour = shade(colours.families[relation(claim).family], faint ? 0.16 : STRENGTH[claim.tense] ?? 1);
      const full = colours.families[relation(claim).family];
      const name = { Asserted: verb(claim), Possible: `${verb(claim)} ?`, Denied: `✕ ${verb(claim)}` }[claim.modality] || verb(claim);
      return {
        id, hidden: !visible.has(id), dashes: DASHES[claim.modality] ?? false,
        width: Math.min(7, 0.8 + claim.articles) + (id === state.claim ? 2 : 0),
        color: { color: colour, highlight: full, hover: full, inherit: false },
        label: state.names || id === state.claim || (named && light.claims.has(id)) ? name : undefined,
        font: { color: shade(full, faint ? 0.2 : 1), strokeColor: shade(colours.ground, 0.9) },
      };
    }).filter((update) => changed("e", update)));
  }

  // Brings entities that have no place yet into the drawing, on rings around the one that was asked for.
  function reveal(entity) {
    const neighbours = [...around(entity, 1)].filter((id) => !nodes.get(id)).slice(0, REVEALED);
    if (!nodes.get(entity) && !neighbours.includes(entity)) neighbours.unshift(entity);
    if (!neighbours.length) return;
    let centre;
    if (nodes.get(entity)) centre = network.getPositions([entity])[entity];
    else {
      const known = [...around(entity, 1)].find((id) => nodes.get(id));
      const bounds = nodes.getIds().map((id) => nodes.get(id));
      centre = known !== undefined ? network.getPositions([known])[known]
        : { x: 0, y: bounds.reduce((low, node) => Math.max(low, node.y), 0) + 160 };
      if (known !== undefined) centre = { x: centre.x + 170, y: centre.y + 90 };
    }
    let ring = 0;
    let room = 0;
    let place = 0;
    nodes.add(neighbours.map((id) => {
      if (id === entity) return { ...nodeAt.get(id), ...centre };
      if (place >= room) { ring += 1; place = 0; room = 9 * ring; }
      const angle = (2 * Math.PI * place) / room + ring / 3;
      place += 1;
      return { ...nodeAt.get(id), x: centre.x + 190 * ring * Math.cos(angle), y: centre.y + 150 * ring * Math.sin(angle) };
    }));
    const fresh = new Map();
    for (const id of neighbours) for (const edge of edgesOf.get(id) || []) {
      if (!edges.get(edge.id) && nodes.get(edge.from) && nodes.get(edge.to)) fresh.set(edge.id, edge);
    }
    edges.add([...fresh.values()]);
  }

  function fit(ids) {
    const shown = (ids || [...shownNodes]).filter((id) => nodes.get(id) && !nodes.get(id).hidden);
    if (network && shown.length) network.fit({ nodes: shown, maxZoomLevel: 1.25, animation: false });
  }

  // Panel -----------------------------------------------------------------------------------------------

  const TABS = ["legend", "detail", "claims"];
  function openTab(name, focus = false) {
    state.tab = name;
    for (const each of TABS) {
      const tab = byId(`tab-${each}`);
      tab.setAttribute("aria-selected", String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      byId(each).hidden = each !== name;
      if (focus && each === name) tab.focus();
    }
  }
  function entityButton(index) {
    return el("button", { type: "button", class: "entity", on: { click: () => openEntity(index, true) } }, bdi(entities[index].label));
  }
  function reference(value) { return typeof value === "number" ? entityButton(value) : bdi(value.split(/[/#]/).pop()); }
  function listed(values) { return values.flatMap((value, index) => (index ? [", ", reference(value)] : [reference(value)])); }

  function chips(claim) {
    return el("div", { class: "chips" },
      el("span", { class: `chip ${claim.modality}` }, worded(words.modalities, claim.modality)),
      el("span", { class: "chip" }, worded(words.tenses, claim.tense)),
      el("span", { class: "chip" }, `confidence ${Math.round(claim.confidence * 100)} %`),
      el("span", { class: "chip" }, plural(claim.articles, "article", "articles")));
  }
  function marked(piece) {
    const text = sentences[piece.sentence];
    const cuts = [...new Set([0, text.length, ...piece.subject, ...piece.object])].sort((a, b) => a - b);
    const inside = (range, at) => range.length && range[0] <= at && at < range[1];
    const quote = el("blockquote", { dir: "auto" });
    for (let index = 0; index + 1 < cuts.length; index += 1) {
      const part = text.slice(cuts[index], cuts[index + 1]);
      const kind = inside(piece.object, cuts[index]) ? "object" : inside(piece.subject, cuts[index]) ? "subject" : "";
      quote.append(kind ? el("mark", { class: kind, title: kind }, part) : part);
    }
    return quote;
  }
  function source(article) {
    const day = article.date.slice(0, 10);
    const host = /^https?:\/\/(?:www\.)?([^/?#:]+)/i.exec(article.url);
    return el("cite", {}, link(article.url, article.headline), host ? " · " : null, host ? bdi(host[1]) : null,
      day ? " · " : null, day ? el("time", { datetime: day }, day) : null);
  }

  function showClaim(index) {
    const claim = statements[index];
    const heading = el("h2", {}, entityButton(claim.s), el("span", { class: "arrow" }, " — "), verb(claim));
    if (objectText(claim)) {
      heading.append(el("span", { class: "arrow" }, " → "), isEdge(claim) ? entityButton(claim.o) : bdi(claim.o));
    }
    const facts = el("dl");
    const fact = (name, ...values) => facts.append(el("dt", {}, name), el("dd", {}, ...values));
    for (const [name, value] of claim.qualifiers) {
      fact(words.qualifiers[name] || name, value === "true" ? "yes" : value === "false" ? "no" : reference(value));
    }
    if (claim.speakers.length) fact("said by", ...listed(claim.speakers));
    if (claim.outlets.length) fact("reported in", ...listed(claim.outlets));
    byId("detail").replaceChildren(el("div", { class: "detail" },
      heading,
      chips(claim), facts.childElementCount ? facts : null,
      el("h3", {}, plural(claim.evidence.length, "sentence", "sentences")),
      el("ul", { class: "evidence" }, ...claim.evidence.map((piece) => el("li", {}, marked(piece), source(articles[piece.article])))),
      claim.evidence.length ? null : el("p", { class: "hint" }, "No evidence is recorded for this claim.")));
  }

  function claimLine(index, from) {
    const claim = statements[index];
    const outwards = claim.s === from;
    const other = outwards ? objectText(claim) : entities[claim.s].label;
    const words_ = `${worded(words.modalities, claim.modality)}, ${worded(words.tenses, claim.tense)}`;
    return el("li", {},
      el("button", { type: "button", class: "claim", on: { click: () => openClaim(index) } }, bdi(other || verb(claim))),
      el("small", {}, ` ${words_} · ${plural(claim.articles, "article", "articles")}`));
  }
  function showEntity(index) {
    const entity = entities[index];
    const groups = new Map();
    for (const name of words.relationOrder) for (const at of claimsOf[index]) {
      if (statements[at].p !== name || !passes(statements[at])) continue;
      const title = statements[at].s === index ? words.relations[name].active : words.relations[name].passive;
      if (!groups.has(title)) groups.set(title, []);
      groups.get(title).push(at);
    }
    const held = claimsOf[index].filter((at) => !passes(statements[at])).length;
    const facts = el("dl");
    const fact = (name, ...values) => facts.append(el("dt", {}, name), el("dd", {}, ...values));
    if (entity.aliases.length) fact("also", bdi(entity.aliases.join(" · ")));
    if (entity.qid) fact("Wikidata", link(`https://www.wikidata.org/wiki/${entity.qid}`, entity.qid));
    const to = el("input", { type: "search", id: "path", placeholder: "Path to …", "aria-label": `Path from ${entity.label} to`,
      role: "combobox", "aria-expanded": "false", "aria-controls": "path-found", "aria-autocomplete": "list", autocomplete: "off" });
    const found = el("ul", { id: "path-found", class: "found", role: "listbox", "aria-label": "Entities found", hidden: true });
    byId("detail").replaceChildren(el("div", { class: "detail" },
      el("h2", {}, bdi(entity.label)),
      el("div", { class: "chips" }, el("span", { class: "chip" }, worded(words.classes, entity.class)),
        ...entity.roles.map((role) => el("span", { class: "chip" }, bdi(role.toLowerCase())))),
      facts.childElementCount ? facts : null,
      el("div", { class: "row" }, ...[1, 2, 3].map((depth) => el("button", {
        type: "button", "aria-pressed": String(state.focus === index && state.depth === depth),
        on: { click: () => focusOn(index, depth) },
      }, depth === 1 ? "Only neighbours" : `${depth} steps`))),
      el("div", { class: "search" }, to, found),
      ...[...groups].flatMap(([title, group]) => [el("h3", {}, title), el("ul", { class: "claimlist" }, ...group.map((at) => claimLine(at, index)))]),
      groups.size ? null : el("p", { class: "hint" }, "Nothing is claimed here under these filters."),
      held ? el("p", { class: "hint" }, `${plural(held, "claim is", "claims are")} hidden by the filters.`) : null));
    combobox(to, found, (other) => showPath(index, other));
  }
  function showNothing() {
    byId("detail").replaceChildren(el("p", { class: "hint" },
      "Click a line to read its claim with the sentences it rests on; click a shape to see who or what it is."));
  }

  let rows = ROWS;
  function showTable() {
    const body = el("tbody", {}, ...shownClaims.slice(0, rows).map((index) => {
      const claim = statements[index];
      return el("tr", { class: index === state.claim ? "current" : null },
        el("td", {}, entityButton(claim.s)),
        el("td", {}, el("button", { type: "button", class: "claim", "data-claim": claim.iri, on: { click: () => openClaim(index) },
          "aria-label": inWords(claim) }, verb(claim))),
        el("td", {}, isEdge(claim) ? entityButton(claim.o) : bdi(objectText(claim))),
        el("td", { class: "short" }, worded(words.modalities, claim.modality)), el("td", { class: "short" }, worded(words.tenses, claim.tense)));
    }));
    const head = el("thead", {}, el("tr", {}, ...["Who", "Claim", "Whom", "Sure", "When"].map((name) => el("th", { scope: "col" }, name))));
    const more = shownClaims.length > rows ? el("button", { type: "button", on: { click: () => { rows += ROWS; showTable(); } } },
      `Show ${Math.min(ROWS, shownClaims.length - rows)} more`) : null;
    byId("claims").replaceChildren(el("table", {}, el("caption", {},
      `${shownClaims.length} of ${plural(statements.length, "claim", "claims")}`), head, body), more || "");
  }

  // Legend and filters ----------------------------------------------------------------------------------

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
  function ordered(pairs, counts) {
    const known = pairs.filter(([name]) => counts.has(name));
    const rest = [...counts.keys()].filter((name) => !pairs.some(([each]) => each === name)).map((name) => [name, name]);
    return [...known, ...rest];
  }
  function slider(name, text, low, high, value, shown, act) {
    const output = el("output", {}, shown(value));
    const input = el("input", { type: "range", id: `range-${name}`, min: low, max: high, step: name === "confidence" ? 5 : 1 });
    input.value = value;
    input.addEventListener("input", () => { output.textContent = shown(Number(input.value)); act(Number(input.value)); refresh(); });
    return el("div", { class: "range" }, el("label", { for: `range-${name}` }, text), input, output);
  }
  function showLegend() {
    const colours = palette();
    const perPredicate = tally(statements.map((claim) => claim.p));
    const relations = [];
    for (const [family, text] of words.families) {
      const names = words.relationOrder.filter((name) => words.relations[name].family === family && perPredicate.has(name));
      if (!names.length) continue;
      relations.push(el("label", { class: "wide" }, lineIcon(colours.families[family]), text));
      relations.push(...names.map((name) => choice("predicate", name, words.relations[name].active, null, perPredicate.get(name))));
    }
    const group = (title, ...children) => el("fieldset", {}, el("legend", {}, title), el("div", { class: "options" }, ...children));
    const perClass = tally(entities.map((entity, index) => (claimsOf[index].length ? entity.class : null)).filter(Boolean));
    const perModality = tally(statements.map((claim) => claim.modality));
    const perTense = tally(statements.map((claim) => claim.tense));
    const dash = { Asserted: "", Possible: "5 4", Denied: "1.5 3.5" };
    byId("legend").replaceChildren(
      group("Who and what", ...ordered(words.classes, perClass).map(([name, text]) => choice("class", name, text, shapeIcon(name), perClass.get(name)))),
      group("How sure", ...ordered(words.modalities, perModality).map(([name, text]) => choice("modality", name, text, lineIcon(colours.ink, dash[name]), perModality.get(name)))),
      group("When", ...ordered(words.tenses, perTense).map(([name, text]) => choice("tense", name, text, lineIcon(colours.ink, "", STRENGTH[name]), perTense.get(name)))),
      group("Claims", ...relations),
      el("fieldset", {}, el("legend", {}, "Limits"),
        slider("confidence", "confidence", 0, 100, state.confidence, (value) => `${value} %`, (value) => { state.confidence = value; }),
        dates.length > 1 ? slider("from", "from", 0, dates.length - 1, state.from, (value) => dates[value], (value) => { state.from = value; }) : "",
        dates.length > 1 ? slider("to", "to", 0, dates.length - 1, state.to, (value) => dates[value], (value) => { state.to = value; }) : ""),
      el("p", { class: "hint" }, "The thicker a line, the more articles say so."),
      el("div", { class: "row" }, el("button", { type: "button", id: "reset", on: { click: reset } }, "Show everything")));
  }
  function reset() {
    for (const set of Object.values(state.hidden)) set.clear();
    Object.assign(state, { confidence: 0, from: 0, to: dates.length - 1, entity: null, claim: null, focus: null, path: null });
    showLegend();
    refresh();
    fit();
  }

  // Search ----------------------------------------------------------------------------------------------

  function search(text) {
    const wanted = fold(text.trim());
    if (!wanted) return [];
    const scored = [];
    keys.forEach((names, index) => {
      let best = 9;
      for (const name of names) {
        const at = name.indexOf(wanted);
        if (at < 0) continue;
        best = Math.min(best, name === wanted ? 0 : at === 0 ? 1 : /[\s'-]/.test(name[at - 1]) ? 2 : 3);
      }
      if (best < 9) scored.push([best, -claimsOf[index].length, index]);
    });
    return scored.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).slice(0, 12).map((row) => row[2]);
  }
  function combobox(input, list, choose) {
    let found = [];
    let at = 0;
    const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const take = (index) => { close(); input.value = ""; choose(index); };
    const show = () => {
      list.replaceChildren(...found.map((index, place) => el("li", {
        role: "option", id: `${list.id}-${place}`, "aria-selected": String(place === at),
        on: { mousedown: (event) => { event.preventDefault(); take(index); } },
      }, bdi(entities[index].label), el("small", {}, [worded(words.classes, entities[index].class),
        ...entities[index].aliases.slice(0, 3)].join(" · ")))));
      if (input.value.trim() && !found.length) list.replaceChildren(el("li", { role: "option", "aria-disabled": "true" }, "Nobody and nothing of that name"));
      const open = Boolean(input.value.trim());
      list.hidden = !open;
      input.setAttribute("aria-expanded", String(open));
      if (found.length) input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    };
    input.addEventListener("input", () => { found = search(input.value); at = 0; show(); });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        at = found.length ? (at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length : 0;
        show();
        event.preventDefault();
      } else if (event.key === "Enter" && found.length) { event.preventDefault(); take(found[at]); }
      else if (event.key === "Escape") close();
    });
  }

  // Acts ------------------------------------------------------------------------------------------------

  function openEntity(index, look = false) {
    Object.assign(state, { entity: index, claim: null });
    if (state.path && !state.path.nodes.has(index)) state.path = null;
    if (state.focus !== null && !around(state.focus, state.depth).has(index)) state.focus = null;
    if (network) reveal(index);
    refresh();
    openTab("detail");
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
      const middle = (axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length;
      network.moveTo({ position: { x: middle("x"), y: middle("y") }, scale: Math.max(network.getScale(), 0.85), animation: false });
    }
    openTab("detail");
    byId("detail").scrollTop = 0;
  }
  function focusOn(index, depth) {
    const same = state.focus === index && state.depth === depth;
    Object.assign(state, { focus: same ? null : index, depth, path: null });
    if (network) for (const node of around(index, depth)) if (!nodes.get(node) && nodes.length < 2000) reveal(node);
    refresh();
    fit();
  }
  function showPath(from, to) {
    const path = pathBetween(from, to);
    if (!path) {
      note(`No path between ${entities[from].label} and ${entities[to].label} under these filters.`);
      return;
    }
    if (network) path.nodes.forEach(reveal);
    Object.assign(state, { path, focus: null });
    refresh();
    fit();
  }
  function note(text) {
    byId("focus").hidden = false;
    byId("focus").replaceChildren(bdi(text), el("button", { type: "button", on: { click: () => {
      Object.assign(state, { path: null, focus: null });
      refresh();
      fit();
    } } }, "Show all"));
  }
  function clear() {
    Object.assign(state, { entity: null, claim: null });
    refresh();
  }

  function refresh() {
    select();
    paint();
    showTable();
    if (state.claim !== null) showClaim(state.claim);
    else if (state.entity !== null) showEntity(state.entity);
    else showNothing();
    byId("focus").hidden = true;
    if (state.path) note(`Path from ${entities[state.path.from].label} to ${entities[state.path.to].label}: ${plural(state.path.claims.length, "step", "steps")}`);
    else if (state.focus !== null) note(`${entities[state.focus].label} and what is within ${plural(state.depth, "step", "steps")}`);
    byId("summary").textContent = shownClaims.length === statements.length && nodes.length >= shownNodes.size
      ? `${plural(shownNodes.size, "entity", "entities")} · ${plural(statements.length, "claim", "claims")} · ${plural(articles.length, "article", "articles")}`
      : `${plural([...shownNodes].filter((id) => nodes.get(id)).length, "entity", "entities")} drawn · ${shownClaims.length} of ${plural(statements.length, "claim", "claims")} · ${plural(articles.length, "article", "articles")}`;
    byId("tab-claims").textContent = `Claims (${shownClaims.length})`;
    byId("names").setAttribute("aria-pressed", String(state.names));
    remember();
  }

  // The address of what is shown ------------------------------------------------------------------------

  function remember() {
    const parts = new URLSearchParams();
    if (state.claim !== null) parts.set("claim", statements[state.claim].iri);
    if (state.entity !== null) parts.set("entity", entities[state.entity].iri);
    if (state.focus !== null) { parts.set("focus", entities[state.focus].iri); parts.set("depth", state.depth); }
    if (state.path) { parts.set("from", entities[state.path.from].iri); parts.set("to", entities[state.path.to].iri); }
    for (const [group, set] of Object.entries(state.hidden)) if (set.size) parts.set(`no-${group}`, [...set].sort().join(" "));
    if (state.confidence) parts.set("confidence", state.confidence);
    if (dates.length && state.from > 0) parts.set("since", dates[state.from]);
    if (dates.length && state.to < dates.length - 1) parts.set("until", dates[state.to]);
    const wanted = parts.toString();
    if (location.hash.slice(1) !== wanted) history.replaceState(null, "", `#${wanted}`);
  }
  function recall() {
    const parts = new URLSearchParams(location.hash.slice(1));
    for (const [group, set] of Object.entries(state.hidden)) {
      set.clear();
      for (const value of (parts.get(`no-${group}`) || "").split(" ").filter(Boolean)) set.add(value);
    }
    state.confidence = Math.min(100, Math.max(0, Number(parts.get("confidence")) || 0));
    state.from = Math.max(0, dates.indexOf(parts.get("since") || ""));
    state.to = dates.includes(parts.get("until")) ? dates.indexOf(parts.get("until")) : dates.length - 1;
    const at = (name) => entityAt.get(parts.get(name)) ?? null;
    Object.assign(state, { entity: at("entity"), claim: statementAt.get(parts.get("claim")) ?? null, path: null,
      focus: at("focus"), depth: Math.min(3, Math.max(1, Number(parts.get("depth")) || 1)) });
    if (at("from") !== null && at("to") !== null) state.path = pathBetween(at("from"), at("to"));
  }

  // Export ----------------------------------------------------------------------------------------------

  function save(name, blob) {
    const anchor = el("a", { href: URL.createObjectURL(blob), download: name });
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
  }
  function savePng() {
    const drawn = byId("canvas").querySelector("canvas");
    const copy = el("canvas", { width: drawn.width, height: drawn.height });
    const pen = copy.getContext("2d");
    pen.fillStyle = palette().ground;
    pen.fillRect(0, 0, copy.width, copy.height);
    pen.drawImage(drawn, 0, 0);
    copy.toBlob((blob) => save("graph.png", blob), "image/png");
  }
  function saveCsv() {
    // A leading = + - @ would be a formula to a spreadsheet.
    const cell = (value) => `"${String(value).replace(/^(?=[=+\-@\t])/, "'").replaceAll('"', '""')}"`;
    const header = ["subject", "predicate", "object", "modality", "tense", "confidence", "articles", "sentences"];
    const lines = shownClaims.map((index) => {
      const claim = statements[index];
      return [entities[claim.s].label, claim.p, isEdge(claim) ? entities[claim.o].label : claim.o, claim.modality, claim.tense,
        claim.confidence, claim.articles, claim.evidence.map((piece) => sentences[piece.sentence]).join(" | ")].map(cell).join(",");
    });
    save("claims.csv", new Blob([`\ufeff${[header.map(cell).join(","), ...lines].join("\r\n")}\r\n`], { type: "text/csv" }));
  }

  // Start -----------------------------------------------------------------------------------------------

  function setTheme(name) {
    state.theme = name;
    document.documentElement.dataset.theme = name;
    showLegend();
  }
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(prefersDark.matches ? "dark" : "light");
  prefersDark.addEventListener("change", (event) => { setTheme(event.matches ? "dark" : "light"); refresh(); });

  for (const name of TABS) {
    byId(`tab-${name}`).addEventListener("click", () => openTab(name));
    byId(`tab-${name}`).addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: TABS.length - 1 }[event.key];
      if (step) openTab(TABS[(TABS.indexOf(name) + step) % TABS.length], true);
    });
  }
  byId("theme").addEventListener("click", () => { setTheme(state.theme === "dark" ? "light" : "dark"); refresh(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !/^(INPUT)$/.test(event.target.tagName)) clear();
    if (event.key === "/" && !/^(INPUT)$/.test(event.target.tagName)) { event.preventDefault(); byId("search").focus(); }
  });
  combobox(byId("search"), byId("found"), (index) => openEntity(index, true));

  if (statements.length) {
    network = new vis.Network(byId("canvas"), { nodes, edges }, drawing.options);
    network.on("click", (event) => {
      if (event.nodes.length) openEntity(event.nodes[0]);
      else if (event.edges.length) openClaim(event.edges[0], false);
      else clear();
    });
    for (const event of ["dragEnd", "zoom"]) network.on(event, () => { moved = true; });
    network.on("resize", () => { if (!moved) fit(); });
    byId("fit").addEventListener("click", () => { moved = false; fit(); });
    byId("names").addEventListener("click", () => { state.names = !state.names; refresh(); });
    byId("png").addEventListener("click", savePng);
    byId("csv").addEventListener("click", saveCsv);
    window.addEventListener("hashchange", () => { recall(); showLegend(); refresh(); });
  } else {
    byId("canvas").hidden = true;
    byId("empty").hidden = false;
    for (const button of document.querySelectorAll(".tools button:not(#theme)")) button.disabled = true;
  }
  recall();
  showLegend();
  if (network) {
    for (const index of [state.entity, state.focus]) if (index !== null) reveal(index);
    if (state.claim !== null) reveal(statements[state.claim].s);
    if (state.path) state.path.nodes.forEach(reveal);
  }
  refresh();
  if (state.claim !== null || state.entity !== null) openTab("detail");
  fit();
  // For tests and notebooks: what is drawn, and the acts that a click does.
  window.kgView = { network, nodes, edges, openClaim, openEntity, state };
})();
