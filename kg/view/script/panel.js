// The panel: a claim with its sentences, an entity with its claims, a path step by step, and the table of all claims.
const ROWS = 200;
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
    el("span", { class: `chip ${claim.modality}` }, worded("modalities", claim.modality)),
    el("span", { class: "chip" }, worded("tenses", claim.tense)),
    el("span", { class: "chip" }, `${t("confidence")} ${Math.round(claim.confidence * 100)} %`),
    el("span", { class: "chip" }, counted(claim.articles, "article")),
    claim.articles > 1 ? el("span", { class: "chip" }, counted(claim.sources, "source")) : null);
}
function marked(piece) {
  const text = sentences[piece.sentence];
  const subject = piece.subject || none;
  const object = piece.object || none;
  const cuts = [...new Set([0, text.length, ...subject, ...object])].sort((a, b) => a - b);
  const inside = (range, at) => range.length && range[0] <= at && at < range[1];
  const quote = el("blockquote", { dir: "auto", lang: "it" });
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const part = text.slice(cuts[index], cuts[index + 1]);
    const kind = inside(object, cuts[index]) ? "object" : inside(subject, cuts[index]) ? "subject" : "";
    quote.append(kind ? el("mark", { class: kind, title: t(kind) }, part) : part);
  }
  return quote;
}
function source(article) {
  const day = (article.date || "").slice(0, 10);
  const host = /^https?:\/\/(?:www\.)?([^/?#:]+)/i.exec(article.url || "");
  const from = article.outlet || (host ? host[1] : "");
  return el("cite", {}, link(article.url || "", article.headline), from ? " · " : null, from ? bdi(from) : null,
    day ? " · " : null, day ? el("time", { datetime: day }, day) : null);
}
function readBy(piece) {
  if (!piece.by) return null;
  return el("p", { class: "by" }, `${t("readBy")} `, bdi(piece.by.join(", ")), piece.why ? el("span", {}, " · ", bdi(piece.why)) : null);
}
function sentence(claim) {
  return el("span", {}, bdi(entities[claim.s].label), ` ${verb(claim)} `, objectText(claim) ? bdi(objectText(claim)) : null);
}

function showClaim(index) {
  const claim = statements[index];
  const evidence = claim.evidence || none;
  const heading = el("h2", {}, entityButton(claim.s), el("span", { class: "arrow" }, " — "), verb(claim));
  if (objectText(claim)) {
    heading.append(el("span", { class: "arrow" }, " → "), isEdge(claim) ? entityButton(claim.o) : bdi(claim.o));
  }
  const facts = el("dl");
  const fact = (name, ...values) => facts.append(el("dt", {}, name), el("dd", {}, ...values));
  for (const [name, value] of claim.qualifiers || none) {
    fact(worded("qualifiers", name), value === "true" ? t("yes") : value === "false" ? t("no") : reference(value));
  }
  if (claim.speakers) fact(t("saidBy"), ...listed(claim.speakers));
  if (claim.outlets) fact(t("reportedIn"), ...listed(claim.outlets));
  if (claim.first && claim.articles > 1) fact(t("firstIn"), ...claim.first.map((at) => source(articles[at])));
  const against = claim.contradicts || none;
  byId("detail").replaceChildren(el("div", { class: "detail" },
    heading,
    chips(claim), facts.childElementCount ? facts : null,
    el("h3", {}, counted(evidence.length, "sentence")),
    el("ul", { class: "evidence" }, ...evidence.map((piece) => el("li", {}, marked(piece), source(articles[piece.article]), readBy(piece)))),
    evidence.length ? null : el("p", { class: "hint" }, t("noEvidence")),
    against.length ? el("h3", {}, t("contradicts")) : null,
    against.length ? el("ul", { class: "claimlist" }, ...against.map((at) => step(at))) : null));
}

function claimLine(index, from) {
  const claim = statements[index];
  const other = claim.s === from ? objectText(claim) : entities[claim.s].label;
  return el("li", {},
    el("button", { type: "button", class: "claim", on: { click: () => openClaim(index) } }, bdi(other || verb(claim))),
    el("small", {}, ` ${worded("modalities", claim.modality)}, ${worded("tenses", claim.tense)} · ${counted(claim.sources, "source")}`));
}
function step(index) {
  const claim = statements[index];
  return el("li", {},
    el("button", { type: "button", class: "claim", on: { click: () => openClaim(index) } }, sentence(claim)),
    el("small", {}, ` ${worded("modalities", claim.modality)}, ${worded("tenses", claim.tense)}`));
}
function finder(id, text, label, choose) {
  const input = el("input", { type: "search", id, placeholder: text, "aria-label": label, role: "combobox",
    "aria-expanded": "false", "aria-controls": `${id}-found`, "aria-autocomplete": "list", autocomplete: "off" });
  const list = el("ul", { id: `${id}-found`, class: "found", role: "listbox", "aria-label": t("found"), hidden: true });
  combobox(input, list, choose);
  return el("div", { class: "search" }, input, list);
}
function showEntity(index) {
  const entity = entities[index];
  const groups = new Map();
  for (const name of words.relationOrder) for (const at of claimsOf[index]) {
    if (statements[at].p !== name || !passes(statements[at])) continue;
    const title = inLanguage(statements[at].s === index ? words.relations[name].active : words.relations[name].passive);
    if (!groups.has(title)) groups.set(title, []);
    groups.get(title).push(at);
  }
  const held = claimsOf[index].filter((at) => !passes(statements[at])).length;
  const facts = el("dl");
  const fact = (name, ...values) => facts.append(el("dt", {}, name), el("dd", {}, ...values));
  if (entity.aliases) fact(t("also"), bdi(entity.aliases.join(" · ")));
  if (entity.qid) fact("Wikidata", link(`https://www.wikidata.org/wiki/${entity.qid}`, entity.qid));
  byId("detail").replaceChildren(el("div", { class: "detail" },
    el("h2", {}, bdi(entity.label)),
    el("div", { class: "chips" }, el("span", { class: "chip" }, worded("classes", entity.class)),
      ...(entity.roles || none).map((role) => el("span", { class: "chip" }, bdi(worded("roles", role))))),
    facts.childElementCount ? facts : null,
    el("div", { class: "row" }, ...[1, 2, 3].map((depth) => el("button", {
      type: "button", "aria-pressed": String(state.focus === index && state.depth === depth),
      on: { click: () => focusOn(index, depth) },
    }, depth === 1 ? t("neighbours") : t("steps", depth)))),
    finder("path", t("pathTo"), t("pathFrom", entity.label), (other) => showPath(index, other)),
    ...[...groups].flatMap(([title, group]) => [el("h3", {}, title), el("ul", { class: "claimlist" }, ...group.map((at) => claimLine(at, index)))]),
    groups.size ? null : el("p", { class: "hint" }, t("nothingHere")),
    held ? el("p", { class: "hint" }, t("heldBack", counted(held, "claim"))) : null));
}
function showWholePath() {
  const { from, to, claims } = state.path;
  byId("detail").replaceChildren(el("div", { class: "detail" },
    el("h2", {}, entityButton(from), el("span", { class: "arrow" }, " → "), entityButton(to)),
    el("h3", {}, counted(claims.length, "step")),
    el("ol", { class: "claimlist steps" }, ...claims.map((at) => step(at)))));
}
let pathStart = null;
function showNothing() {
  const chosen = el("p", { class: "hint" });
  const from = finder("from", t("pathStart"), t("pathStart"), (index) => {
    pathStart = index;
    chosen.replaceChildren(bdi(entities[index].label), " →");
    byId("path").focus();
  });
  const to = finder("path", t("pathTo"), t("pathTo"), (index) => { if (pathStart !== null) showPath(pathStart, index); else openEntity(index, true); });
  if (pathStart !== null) chosen.replaceChildren(bdi(entities[pathStart].label), " →");
  byId("detail").replaceChildren(el("div", { class: "detail" }, el("p", { class: "hint" }, t("howTo")),
    el("h3", {}, t("pathTitle")), from, chosen, to));
}
function showDetail() {
  if (state.claim !== null) showClaim(state.claim);
  else if (state.entity !== null) showEntity(state.entity);
  else if (state.path) showWholePath();
  else showNothing();
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
      el("td", { class: "short" }, worded("modalities", claim.modality)),
      el("td", { class: "short" }, worded("tenses", claim.tense)));
  }));
  const head = el("thead", {}, el("tr", {}, ...["colWho", "colClaim", "colWhom", "colSure", "colWhen"].map((key) => el("th", { scope: "col" }, t(key)))));
  const more = shownClaims.length > rows ? el("button", { type: "button", on: { click: () => { rows += ROWS; showTable(); } } },
    t("more", Math.min(ROWS, shownClaims.length - rows))) : null;
  byId("claims").replaceChildren(el("table", {}, el("caption", {},
    t("of", shownClaims.length, counted(statements.length, "claim"))), head, body), more || "");
}
