// The page's data, its words, and small helpers. All of the scripts share one scope (see page.py). All text of the graph
// enters the document as text nodes; nothing is ever parsed as HTML.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const data = read("data");
const drawing = read("vis");
const { entities, statements, articles, sentences, words } = data;
const byId = (id) => document.getElementById(id);
const none = []; // what the data leave out is empty
const embedded = location.protocol === "about:"; // in a notebook's frame there is no address of our own

const PALETTES = {
  light: {
    ground: "#fbfbf9", ink: "#1c2024", border: "#ffffff",
    families: { role: "#1d4ed8", market: "#a34a06", opinion: "#8b2fc9", result: "#147239", other: "#565d66" },
    classes: {
      Person: "#3f7fd6", Club: "#c8443f", NationalTeam: "#168a84", Competition: "#a67c00", Federation: "#6d5bd0",
      Country: "#6b7280", City: "#9a6b4f", Venue: "#4d8a3d", Outlet: "#c2508f", Match: "#444c56", Thing: "#6b7280",
    },
    communities: ["#3f7fd6", "#c8443f", "#168a84", "#a67c00", "#8b4fd0", "#4d8a3d", "#c2508f", "#9a6b4f", "#0e7fa8", "#7a7d1c"],
    rest: "#7d848d",
  },
  dark: {
    ground: "#14171b", ink: "#e9ecef", border: "#14171b",
    families: { role: "#7fb0ff", market: "#f2a65a", opinion: "#d59bff", result: "#74d19a", other: "#a9b1ba" },
    classes: {
      Person: "#6ea8fe", Club: "#f0716b", NationalTeam: "#45c4bc", Competition: "#e8c04a", Federation: "#a99bff",
      Country: "#a3abb5", City: "#cf9f80", Venue: "#8cc97b", Outlet: "#f08fc4", Match: "#c6ccd3", Thing: "#a3abb5",
    },
    communities: ["#6ea8fe", "#f0716b", "#45c4bc", "#e8c04a", "#c39bff", "#8cc97b", "#f08fc4", "#cf9f80", "#58c4ec", "#c5c95a"],
    rest: "#808892",
  },
};

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}
function svgNode(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
const bdi = (text) => el("bdi", {}, text);
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[’‘`]/g, "'")
  .replace(/ø/gi, "o").replace(/ł/gi, "l").replace(/đ/gi, "d").replace(/ß/g, "ss").replace(/æ/gi, "ae").toLowerCase();

// Words in the language of the reader -------------------------------------------------------------------

const LANGUAGES = words.languages;
const tables = Object.fromEntries(["classes", "roles", "modalities", "tenses", "qualifiers", "families", "measures"]
  .map((name) => [name, new Map(words[name])]));
function inLanguage(pair) { return pair[LANGUAGES.indexOf(state.language)]; }
function t(key, ...values) { return inLanguage(words.ui[key]).replace(/\{(\d)\}/g, (_, at) => values[at]); }
function counted(count, key) { return `${count} ${inLanguage(words.counted[key])[count === 1 ? 0 : 1]}`; }
function worded(table, value) { return tables[table].has(value) ? inLanguage(tables[table].get(value)) : value; }

function link(url, text) {
  if (!/^https?:\/\//i.test(url)) return bdi(text);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, bdi(text));
}

// What the reader has chosen ----------------------------------------------------------------------------

const EDGE_NAMES_BELOW = 45; // with more edges than this their names are off at first
const dates = [...new Set(articles.map((article) => (article.date || "").slice(0, 10)).filter(Boolean))].sort();
const state = {
  hidden: { class: new Set(), predicate: new Set(), modality: new Set(), tense: new Set() },
  confidence: 0, from: 0, to: dates.length - 1,
  entity: null, claim: null, focus: null, depth: 1, path: null, size: "connections", colour: "kind",
  names: drawing.edges.length <= EDGE_NAMES_BELOW, theme: "light", tab: "legend",
  language: (navigator.language || "").toLowerCase().startsWith("it") ? "it" : "en",
};
const palette = () => PALETTES[state.theme];
