// What the page gives away: the drawing as PNG and SVG, the claims shown as Turtle and CSV.
const FB = "https://w3id.org/football-kg/ontology#";

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

// SVG of what is in view --------------------------------------------------------------------------------

const round = (number) => Math.round(number * 10) / 10;
function shapePath(shape, x, y, r) {
  const polygon = (points) => `M${points.map(([a, b]) => `${round(x + a * r)} ${round(y + b * r)}`).join("L")}Z`;
  const ring = (count, turn, radius = () => 1) => Array.from({ length: count }, (_, at) => {
    const angle = turn + (2 * Math.PI * at) / count;
    return [Math.cos(angle) * radius(at), Math.sin(angle) * radius(at)];
  });
  if (shape === "square") return polygon([[-1, -1], [1, -1], [1, 1], [-1, 1]]);
  if (shape === "triangle") return polygon([[0, -1.1], [1.1, 0.8], [-1.1, 0.8]]);
  if (shape === "triangleDown") return polygon([[0, 1.1], [1.1, -0.8], [-1.1, -0.8]]);
  if (shape === "diamond") return polygon([[0, -1], [1, 0], [0, 1], [-1, 0]]);
  if (shape === "hexagon") return polygon(ring(6, 0));
  if (shape === "star") return polygon(ring(10, -Math.PI / 2, (at) => (at % 2 ? 0.5 : 1.1)));
  return `M${round(x - r)} ${round(y)}a${round(r)} ${round(r)} 0 1 0 ${round(2 * r)} 0a${round(r)} ${round(r)} 0 1 0 ${round(-2 * r)} 0Z`;
}
function edgeSvg(id, body) {
  const steps = body.options.smooth && body.options.smooth.enabled ? 12 : 1;
  const points = Array.from({ length: steps + 1 }, (_, at) => body.edgeType.getPoint(at / steps));
  const width = widthOf(statements[id], id);
  const head = 5 + 2 * width;
  const last = points[points.length - 1];
  const before = points[points.length - 2];
  const angle = Math.atan2(last.y - before.y, last.x - before.x);
  const reach = body.to.options.size + 1;
  const tip = { x: last.x - Math.cos(angle) * reach, y: last.y - Math.sin(angle) * reach };
  points[points.length - 1] = { x: tip.x - Math.cos(angle) * head * 0.8, y: tip.y - Math.sin(angle) * head * 0.8 };
  const colour = edgeColour(id);
  const paintOf = { stroke: colour.slice(0, 7), "stroke-opacity": round(parseInt(colour.slice(7), 16) / 255) };
  const dash = DASHES[statements[id].modality];
  const line = svgNode("path", { d: `M${points.map((point) => `${round(point.x)} ${round(point.y)}`).join("L")}`, fill: "none",
    "stroke-width": width, ...paintOf, ...(dash ? { "stroke-dasharray": dash.join(" ") } : {}) });
  const wing = (turn) => `${round(tip.x - Math.cos(angle + turn) * head)} ${round(tip.y - Math.sin(angle + turn) * head)}`;
  const arrow = svgNode("path", { d: `M${round(tip.x)} ${round(tip.y)}L${wing(0.4)}L${wing(-0.4)}Z`,
    fill: paintOf.stroke, "fill-opacity": paintOf["stroke-opacity"] });
  const title = svgNode("title", {});
  title.textContent = inWords(statements[id]);
  line.append(title);
  return [line, arrow];
}
function svgText() {
  const frame = view();
  const colours = palette();
  const svg = svgNode("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: [frame.x, frame.y, frame.width, frame.height].map(round).join(" "),
    width: round(frame.width * network.getScale()), height: round(frame.height * network.getScale()), "font-family": FONT });
  svg.append(svgNode("rect", { x: round(frame.x), y: round(frame.y), width: round(frame.width), height: round(frame.height), fill: colours.ground }));
  for (const id of lines) {
    const body = network.body.edges[id];
    if (body && !body.options.hidden && body.connected) svg.append(...edgeSvg(id, body));
  }
  for (const id of drawn) {
    const body = network.body.nodes[id];
    if (body.options.hidden) continue;
    const shape = svgNode("path", { d: shapePath(nodeAt.get(id).shape, body.x, body.y, body.options.size), fill: fillOf(id),
      stroke: colours.border, "stroke-width": 1.5, "fill-opacity": light && !light.nodes.has(id) ? 0.25 : 1 });
    const title = svgNode("title", {});
    title.textContent = entities[id].label;
    shape.append(title);
    svg.append(shape);
  }
  for (const one of placed) {
    const text = svgNode("text", { "font-size": round(one.size), "font-weight": one.weight, "text-anchor": "middle",
      fill: one.kind === "edge" ? colours.families[relation(statements[one.id]).family] : colours.ink, stroke: colours.ground,
      "stroke-width": round(one.size / 5), "paint-order": "stroke", "stroke-linejoin": "round", opacity: one.faint ? 0.4 : 1 });
    one.rows.forEach((row, at) => {
      const span = svgNode("tspan", { x: round(one.x + one.width / 2), y: round(one.y + one.size * (0.85 + 1.15 * at)) });
      span.textContent = row;
      text.append(span);
    });
    svg.append(text);
  }
  return new XMLSerializer().serializeToString(svg);
}
function saveSvg() { save("graph.svg", new Blob([svgText()], { type: "image/svg+xml" })); }

// Tables and triples ------------------------------------------------------------------------------------

function csvText() {
  // A leading = + - @ would be a formula to a spreadsheet.
  const cell = (value) => `"${String(value).replace(/^(?=[=+\-@\t\r])/, "'").replaceAll('"', '""')}"`;
  const header = ["subject", "predicate", "object", "modality", "tense", "confidence", "articles", "sources", "said by", "reported in",
    "dates", "links", "sentences"];
  const names = (values) => (values || none).map((value) => (typeof value === "number" ? entities[value].label : value)).join(" | ");
  const lines = shownClaims.map((index) => {
    const claim = statements[index];
    const from = [...new Set((claim.evidence || none).map((piece) => articles[piece.article]))];
    return [entities[claim.s].label, claim.p, isEdge(claim) ? entities[claim.o].label : claim.o, claim.modality, claim.tense,
      claim.confidence, claim.articles, claim.sources, names(claim.speakers), names(claim.outlets),
      from.map((article) => article.date || "").join(" | "), from.map((article) => article.url || "").join(" | "),
      (claim.evidence || none).map((piece) => sentences[piece.sentence]).join(" | ")].map(cell).join(",");
  });
  return `\ufeff${[header.map(cell).join(","), ...lines].join("\r\n")}\r\n`;
}
function saveCsv() { save("claims.csv", new Blob([csvText()], { type: "text/csv" })); }

const XSD = "http://www.w3.org/2001/XMLSchema#";
// What cannot stand in an IRI or a literal is escaped, so that no text can end one.
function iriText(iri) { return `<${full(iri).replace(/[\x00-\x20<>"{}|^`\\]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)}>`; }
function literal(text) {
  return `"${text.replace(/["\\\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (each) => (each === '"' || each === "\\" ? `\\${each}` : `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`))}"`;
}
function typed(text, type) { return `${literal(text)}^^<${XSD}${type}>`; }
function dateText(text) {
  if (/^\d{4}$/.test(text)) return typed(text, "gYear");
  if (/^\d{4}-\d\d$/.test(text)) return typed(text, "gYearMonth");
  return /^\d{4}-\d\d-\d\d$/.test(text) ? typed(text, "date") : literal(text);
}
const term = (name) => iriText(FB + encodeURIComponent(name));
function units(sentence_, offset) { return [...sentence_.slice(0, offset)].length; } // UTF-16 units as code points

function turtleText() {
  const blocks = [];
  const block = (iri, pairs) => blocks.push(`${iriText(iri)}\n    ${pairs.map(([verb_, ...values]) => `${verb_} ${values.join(", ")}`).join(" ;\n    ")} .`);
  const used = new Set();
  const value = (one) => { if (typeof one === "number") { used.add(one); return iriText(entities[one].iri); } return /^[a-z][a-z0-9+.-]*:/i.test(one) ? iriText(one) : literal(one); };
  const said = new Set();
  const plain = [];
  for (const index of shownClaims) {
    const claim = statements[index];
    used.add(claim.s);
    const object = isEdge(claim) ? value(claim.o) : claim.p === "injured" ? term(claim.o) : dateText(claim.o);
    const pairs = [["a", "rdf:Statement"], ["rdf:subject", value(claim.s)], ["rdf:predicate", term(claim.p)], ["rdf:object", object],
      ["fb:modality", term(claim.modality)], ["fb:tense", term(claim.tense)], ["fb:confidence", typed(String(claim.confidence), "decimal")]];
    for (const [name, content] of claim.qualifiers || none) {
      pairs.push([term(name), name === "onLoan" ? content : name === "score" || name === "shootout" ? literal(content) : value(content)]);
    }
    if (claim.speakers) pairs.push(["fb:attributedTo", ...claim.speakers.map(value)]);
    if (claim.outlets) pairs.push(["fb:reportedIn", ...claim.outlets.map(value)]);
    if (claim.evidence) pairs.push(["prov:wasDerivedFrom", ...claim.evidence.map((piece) => iriText(piece.iri))]);
    block(claim.iri, pairs);
    if (claim.modality === "Asserted" && (claim.tense === "Present" || claim.p === "won" || claim.p === "playedMatch")) {
      plain.push(`${value(claim.s)} ${term(claim.p)} ${object} .`);
    }
    for (const piece of claim.evidence || none) {
      if (said.has(piece.iri)) continue;
      said.add(piece.iri);
      const text = sentences[piece.sentence];
      const offsets = [["sentence", [0, text.length]], ["subject", piece.subject || none], ["object", piece.object || none]]
        .filter(([, range]) => range.length)
        .flatMap(([name, range]) => [[`fb:${name}Start`, piece.start + units(text, range[0])], [`fb:${name}End`, piece.start + units(text, range[1])]]);
      block(piece.iri, [["a", "fb:Evidence"], ["fb:article", iriText(articles[piece.article].iri)], ["fb:sentence", literal(text)], ...offsets,
        ...(piece.by ? [["fb:readBy", ...piece.by.map(literal)]] : none), ...(piece.why ? [["fb:reason", literal(piece.why)]] : none)]);
      said.add(`article ${piece.article}`);
    }
  }
  for (const index of used) {
    const entity = entities[index];
    const classes = [...(entity.class === "Thing" ? none : [entity.class]), ...(entity.roles || none)];
    block(entity.iri, [...(classes.length ? [["a", ...classes.map(term)]] : none), ["rdfs:label", literal(entity.label)],
      ...(entity.aliases ? [["skos:altLabel", ...entity.aliases.map(literal)]] : none),
      ...(entity.qid ? [["skos:exactMatch", iriText(`http://www.wikidata.org/entity/${entity.qid}`)]] : none)]);
  }
  articles.forEach((article, index) => {
    if (!said.has(`article ${index}`) || !article.iri) return;
    block(article.iri, [["a", "schema:NewsArticle"], ["schema:headline", literal(article.headline)],
      ...(article.url ? [["schema:url", iriText(article.url)]] : none), ...(article.outlet ? [["schema:publisher", literal(article.outlet)]] : none),
      ...(article.date ? [["schema:datePublished", literal(article.date)]] : none)]);
  });
  const prefixes = { fb: FB, rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#", rdfs: "http://www.w3.org/2000/01/rdf-schema#",
    skos: "http://www.w3.org/2004/02/skos/core#", prov: "http://www.w3.org/ns/prov#", schema: "https://schema.org/" };
  return [...Object.entries(prefixes).map(([name, iri]) => `@prefix ${name}: <${iri}> .`), "", ...blocks, ...plain, ""].join("\n");
}
function saveTurtle() { save("claims.ttl", new Blob([turtleText()], { type: "text/turtle" })); }
