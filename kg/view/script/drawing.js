// Shapes and lines: what they look like, and how more of them come into the drawing.
const DASHES = { Asserted: false, Possible: [9, 7], Denied: [2, 6] };
const STRENGTH = { Past: 0.45, Present: 1, Future: 0.8 };
const CROWDED = 400; // in a drawing of more lines, those between two communities are paler
const REVEALED = 60; // so many neighbours come in at once

// vis-network draws no labels: labels.js does, so that none lies on another.
const nodeAt = new Map(drawing.nodes.map(({ label, ...node }) => [node.id, node]));
const drawn = new Set([...nodeAt.values()].filter((node) => node.x !== undefined).map((node) => node.id));
const lines = new Set(drawing.edges.filter((edge) => drawn.has(edge.from) && drawn.has(edge.to)).map((edge) => edge.id));
const nodes = new vis.DataSet([...drawn].map((id) => nodeAt.get(id)));
const edges = new vis.DataSet(drawing.edges.filter((edge) => lines.has(edge.id)));
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
// The part that stands out, or null if all of it does.
let light = null;
function lit() {
  if (state.path || (state.entity === null && state.claim === null)) return null;
  if (state.claim !== null) {
    const claim = statements[state.claim];
    return { nodes: new Set(isEdge(claim) ? [claim.s, claim.o] : [claim.s]), claims: new Set([state.claim]) };
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
function fillOf(id) {
  const colours = palette();
  if (state.colour === "community") return colours.communities[entities[id].community] || colours.rest;
  return colours.classes[entities[id].class] || colours.classes.Thing;
}
function sizeOf(id) {
  if (state.size === "connections") return nodeAt.get(id).size;
  return Math.round((7 + 25 * Math.sqrt(entities[id][state.size])) * 10) / 10;
}
function widthOf(claim, id) {
  // a crowded drawing is seen from farther off
  return Math.min(7, 0.8 + claim.sources) * (lines.size > CROWDED ? 1.4 : 1) + (id === state.claim ? 2 : light && light.claims.has(id) ? 1 : 0);
}
function edgeName(claim) {
  return { Possible: `${verb(claim)} ?`, Denied: `✕ ${verb(claim)}` }[claim.modality] || verb(claim);
}
function edgeColour(id) {
  const claim = statements[id];
  const faint = light !== null && !light.claims.has(id);
  const between = lines.size > CROWDED && entities[claim.s].community !== entities[claim.o].community;
  const strength = faint ? 0.14 : (STRENGTH[claim.tense] ?? 1) * (light === null && between && !state.path ? 0.45 : 1);
  return shade(palette().families[relation(claim).family], strength);
}
function paint() {
  const colours = palette();
  light = lit();
  const visible = new Set(shownClaims);
  nodes.update([...drawn].map((id) => {
    const faint = light !== null && !light.nodes.has(id);
    const fill = fillOf(id);
    const current = id === state.entity;
    return {
      id, hidden: !shownNodes.has(id), opacity: faint ? 0.25 : 1, borderWidth: current ? 4 : 1.5, size: sizeOf(id),
      color: {
        background: fill, border: current ? colours.ink : colours.border,
        highlight: { background: fill, border: colours.ink }, hover: { background: fill, border: colours.ink },
      },
    };
  }).filter((update) => changed("n", update)));
  edges.update([...lines].map((id) => {
    const claim = statements[id];
    const strong = colours.families[relation(claim).family];
    return {
      id, hidden: !visible.has(id), dashes: DASHES[claim.modality] ?? false, width: widthOf(claim, id),
      color: { color: edgeColour(id), highlight: strong, hover: strong, inherit: false },
    };
  }).filter((update) => changed("e", update)));
  if (network) network.redraw();
}

// Brings entities that have no place yet into the drawing, on rings around the one that was asked for.
function reveal(entity) {
  const neighbours = [...around(entity, 1)].filter((id) => !drawn.has(id)).slice(0, REVEALED);
  if (!drawn.has(entity) && !neighbours.includes(entity)) neighbours.unshift(entity);
  if (!neighbours.length) return;
  let centre;
  if (drawn.has(entity)) centre = network.getPositions([entity])[entity];
  else {
    const known = [...around(entity, 1)].find((id) => drawn.has(id));
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
  for (const id of neighbours) drawn.add(id);
  const fresh = new Map();
  for (const id of neighbours) for (const edge of edgesOf.get(id) || []) {
    if (!lines.has(edge.id) && drawn.has(edge.from) && drawn.has(edge.to)) fresh.set(edge.id, edge);
  }
  for (const id of fresh.keys()) lines.add(id);
  edges.add([...fresh.values()]);
  ranked = null;
}

// A neighbourhood and a path are drawn apart from the rest: rings around the middle, or one after the other.
const away = new Map(); // where those that were moved for it belong
function takePlaces() {
  if (!network) return;
  away.forEach((at, id) => network.moveNode(id, at.x, at.y));
  away.clear();
  const places = state.path ? inLine(state.path) : state.focus === null ? new Map() : inRings(state.focus, state.depth);
  for (const [id, at] of places) {
    if (!drawn.has(id)) continue;
    away.set(id, network.getPositions([id])[id]);
    network.moveNode(id, at.x, at.y);
  }
}
function inLine(path) {
  const places = new Map([[path.from, { x: 0, y: 0 }]]);
  let at = path.from;
  path.claims.forEach((index, number) => {
    const claim = statements[index];
    at = claim.s === at ? claim.o : claim.s;
    places.set(at, { x: 210 * (number + 1), y: number % 2 ? 0 : 70 });
  });
  return places;
}
function inRings(start, depth) {
  // a tree of who is reached through whom, each branch in a wedge as wide as it has leaves
  const children = new Map([[start, []]]);
  const levels = [[start]];
  for (let level = 0; level < depth; level += 1) {
    levels.push([]);
    for (const node of levels[level]) for (const index of claimsOf[node]) {
      const claim = statements[index];
      if (!isEdge(claim) || !passes(claim)) continue;
      const other = claim.s === node ? claim.o : claim.s;
      if (children.has(other)) continue;
      children.set(other, []);
      children.get(node).push(other);
      levels[level + 1].push(other);
    }
  }
  const leaves = new Map();
  for (const level of [...levels].reverse()) for (const node of level) {
    leaves.set(node, Math.max(1, children.get(node).reduce((sum, child) => sum + leaves.get(child), 0)));
  }
  const places = new Map([[start, { x: 0, y: 0 }]]);
  const wedges = new Map([[start, [0, 2 * Math.PI]]]);
  let radius = 0;
  levels.forEach((level) => {
    radius = Math.max(radius + 190, (level.reduce((sum, node) => sum + children.get(node).length, 0) * 75) / (2 * Math.PI));
    for (const node of level) {
      let [begin, width] = wedges.get(node);
      for (const child of children.get(node)) {
        const share = (width * leaves.get(child)) / leaves.get(node);
        wedges.set(child, [begin, share]);
        places.set(child, { x: 1.25 * radius * Math.cos(begin + share / 2), y: radius * Math.sin(begin + share / 2) });
        begin += share;
      }
    }
  });
  return places;
}

function fit(ids) {
  const shown = (ids || [...shownNodes]).filter((id) => drawn.has(id) && shownNodes.has(id));
  if (!network || !shown.length) return;
  network.fit({ nodes: shown, maxZoomLevel: 1.25, animation: false });
  // room for labels at the rim
  network.moveTo({ scale: network.getScale() * 0.94, animation: false });
}
