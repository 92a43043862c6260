// Names in the drawing: as many as there is room for, the best connected first, none on another at any zoom.
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif';
const CELL = 48; // of the grid in which places are looked up, in CSS pixels
const EDGE_NAMES_OF_ONE = 8; // an entity with more claims than this shows no names of theirs
const rowsOf = new Map(drawing.nodes.map((node) => [node.id, node.label.split("\n")]));
const widths = new Map(); // of a text at 100 pixels
let placed = []; // { id, kind, rows, x, y, width, height, size, faint } in coordinates of the drawing
let ranked = null; // drawn entities, the best connected first
let hovered = null;

function measured(pen, text, weight) {
  const key = `${weight}${text}`;
  if (!widths.has(key)) {
    pen.font = `${weight} 100px ${FONT}`;
    widths.set(key, pen.measureText(text).width);
  }
  return widths.get(key);
}

class Room {
  constructor(scale) { this.scale = scale; this.cells = new Map(); }
  * near(box) {
    const size = CELL / this.scale;
    for (let x = Math.floor(box.x / size); x <= Math.floor((box.x + box.width) / size); x += 1) {
      for (let y = Math.floor(box.y / size); y <= Math.floor((box.y + box.height) / size); y += 1) yield `${x},${y}`;
    }
  }
  free(box) {
    for (const key of this.near(box)) for (const other of this.cells.get(key) || none) {
      if (box.x < other.x + other.width && other.x < box.x + box.width
        && box.y < other.y + other.height && other.y < box.y + box.height) return false;
    }
    return true;
  }
  take(box) {
    for (const key of this.near(box)) {
      if (!this.cells.has(key)) this.cells.set(key, []);
      this.cells.get(key).push(box);
    }
  }
}

function view() {
  const frame = byId("canvas").getBoundingClientRect();
  const start = network.DOMtoCanvas({ x: 0, y: 0 });
  const end = network.DOMtoCanvas({ x: frame.width, y: frame.height });
  return { x: start.x, y: start.y, width: end.x - start.x, height: end.y - start.y };
}

// Decides which names are shown and where.
function place(pen) {
  const scale = network.getScale();
  const frame = view();
  const taken = new Room(scale);
  const bodies = network.body.nodes;
  const inView = (box) => box.x < frame.x + frame.width && frame.x < box.x + box.width
    && box.y < frame.y + frame.height && frame.y < box.y + box.height;
  ranked ||= [...drawn].sort((a, b) => claimsOf[b].length - claimsOf[a].length || a - b);
  const first = [hovered, state.entity, state.focus, ...(state.path ? [...state.path.nodes] : none),
    ...(light ? ranked.filter((id) => light.nodes.has(id)) : none)].filter((id) => id !== null);
  placed = [];
  const wanted = new Set([...first, ...ranked]);
  const standing = []; // shapes are obstacles too, but a name may lie on one before it is left out
  const shapes = new Room(scale);
  for (const id of wanted) {
    const body = bodies[id];
    if (!body || body.options.hidden) continue;
    const size = body.options.size;
    const box = { x: body.x - size, y: body.y - size, width: 2 * size, height: 2 * size };
    if (!inView({ x: box.x - 60 / scale, y: box.y - 40 / scale, width: box.width + 120 / scale, height: box.height + 80 / scale })) continue;
    standing.push([id, body, size]);
    shapes.take({ ...box, id });
  }
  const important = new Set(first);
  for (const [id, body, size] of standing) {
    const rows = rowsOf.get(id);
    const strong = id === state.entity || id === hovered;
    const pixels = (strong ? 1.5 : 0) + Math.min(16, Math.max(11.5, 15 * scale)) + (size * scale > 17 ? 1.5 : 0);
    const weight = strong || size * scale > 17 ? 600 : 400;
    const unit = pixels / scale;
    const width = (Math.max(...rows.map((row) => measured(pen, row, weight))) / 100) * unit + 4 / scale;
    const height = rows.length * unit * 1.15 + 2 / scale;
    const gap = 3 / scale;
    const places = [
      { x: body.x - width / 2, y: body.y + size + gap }, { x: body.x - width / 2, y: body.y - size - gap - height },
      { x: body.x + size + gap, y: body.y - height / 2 }, { x: body.x - size - gap - width, y: body.y - height / 2 },
    ].map((corner) => ({ ...corner, width, height }));
    const fitting = places.find((box) => taken.free(box) && shapes.free(box))
      || places.find((box) => taken.free(box)) || (important.has(id) && important.size < 3 ? places[0] : null);
    if (!fitting) continue;
    taken.take(fitting);
    placed.push({ ...fitting, id, kind: "node", rows, size: unit, weight, faint: light !== null && !light.nodes.has(id) });
  }
  placeEdgeNames(pen, taken, shapes, scale, inView);
}

function placeEdgeNames(pen, taken, shapes, scale, inView) {
  const few = light !== null && light.claims.size <= EDGE_NAMES_OF_ONE;
  if (!state.names && !few && !state.path) return;
  const unit = 12.5 / scale;
  const named = few || state.path ? [...(light ? light.claims : state.path.claims)] : none;
  for (const id of new Set([...named, ...(state.names ? lines : none)])) {
    const body = network.body.edges[id];
    if (!body || body.options.hidden || !body.connected) continue;
    const text = edgeName(statements[id]);
    const width = (measured(pen, text, 400) / 100) * unit + 4 / scale;
    const height = unit * 1.2;
    for (const share of [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74]) {
      const point = body.edgeType.getPoint(share);
      const box = { x: point.x - width / 2, y: point.y - height / 2, width, height };
      if (!inView(box)) continue;
      if (!taken.free(box) || !shapes.free(box)) continue;
      taken.take(box);
      placed.push({ ...box, id, kind: "edge", rows: [text], size: unit, weight: 400, faint: light !== null && !light.claims.has(id) });
      break;
    }
  }
}

// While the drawing is dragged the names go with it; new ones are looked for when it has moved by a fifth, and at the end.
let stood = null;
function stillStand() {
  if (!network.renderer.dragging || !stood || stood.scale !== network.getScale()) return false;
  const frame = view();
  return Math.abs(frame.x - stood.x) < frame.width / 5 && Math.abs(frame.y - stood.y) < frame.height / 5;
}
function drawNames(pen) {
  if (!stillStand()) {
    place(pen);
    stood = { ...view(), scale: network.getScale() };
  }
  const colours = palette();
  const scale = network.getScale();
  pen.textAlign = "center";
  pen.textBaseline = "top";
  pen.lineJoin = "round";
  pen.lineWidth = 3.5 / scale;
  for (const one of placed) {
    pen.font = `${one.weight} ${one.size}px ${FONT}`;
    const ink = one.kind === "edge" ? colours.families[relation(statements[one.id]).family] : colours.ink;
    pen.globalAlpha = one.faint ? 0.4 : 1;
    pen.strokeStyle = shade(colours.ground, 0.9);
    pen.fillStyle = ink;
    one.rows.forEach((row, at) => {
      const y = one.y + 1 / scale + at * one.size * 1.15;
      if (!network.renderer.dragging) pen.strokeText(row, one.x + one.width / 2, y); // the halo costs most of a frame
      pen.fillText(row, one.x + one.width / 2, y);
    });
  }
  pen.globalAlpha = 1;
}
