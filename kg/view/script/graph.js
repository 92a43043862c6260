// The graph: which claims pass the filters, what lies around an entity and between two.
const claimsOf = entities.map(() => []);
statements.forEach((claim, index) => {
  claimsOf[claim.s].push(index);
  if (isEdge(claim) && claim.o !== claim.s) claimsOf[claim.o].push(index);
});
const entityAt = new Map(entities.map((entity, index) => [entity.iri, index]));
const statementAt = new Map(statements.map((claim, index) => [claim.iri, index]));
const full = (iri) => (/^[a-z-]+\/[^/]/.test(iri) && !iri.includes("://") ? data.base + iri : iri);
const short = (iri) => (iri && iri.startsWith(data.base) ? iri.slice(data.base.length) : iri);

function isEdge(claim) { return typeof claim.o === "number"; }
function relation(claim) { return words.relations[claim.p]; }
function verb(claim) { return inLanguage(relation(claim).active); }
function objectText(claim) {
  if (isEdge(claim)) return entities[claim.o].label;
  return claim.p === "injured" ? "" : claim.o;
}
function inWords(claim) {
  const parts = [entities[claim.s].label, "—", verb(claim)];
  if (objectText(claim)) parts.push("→", objectText(claim));
  return `${parts.join(" ")} · ${worded("modalities", claim.modality)} · ${worded("tenses", claim.tense)}`;
}
function dayOf(piece) { return (articles[piece.article].date || "").slice(0, 10); }

function inTime(claim) {
  if (state.from === 0 && state.to === dates.length - 1) return true;
  return (claim.evidence || none).some((piece) => dayOf(piece) >= dates[state.from] && dayOf(piece) <= dates[state.to]);
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

// Communities, by the entity with most claims in each: names for the legend.
const communities = [];
entities.forEach((entity, index) => {
  if (entity.community < 0) return;
  const group = communities[entity.community] ||= { size: 0, head: index };
  group.size += 1;
  if (claimsOf[index].length > claimsOf[group.head].length) group.head = index;
});
