// Everything that is set going once the page is there.
function setTheme(name) {
  state.theme = name;
  document.documentElement.dataset.theme = name;
  showLegend();
}
function speak() {
  document.documentElement.lang = state.language;
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-title]")) node.title = t(node.dataset.tTitle);
  for (const node of document.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of document.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
  byId("language").lang = LANGUAGES.find((name) => name !== state.language);
  showLegend();
}
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
recall();
speak();
setTheme(prefersDark.matches ? "dark" : "light");
prefersDark.addEventListener("change", (event) => { setTheme(event.matches ? "dark" : "light"); refresh(); });

for (const name of TABS) {
  byId(`tab-${name}`).addEventListener("click", () => openTab(name));
  byId(`tab-${name}`).addEventListener("keydown", (event) => {
    const turn = { ArrowRight: 1, ArrowLeft: TABS.length - 1 }[event.key];
    if (turn) openTab(TABS[(TABS.indexOf(name) + turn) % TABS.length], true);
  });
}
byId("skip").addEventListener("click", (event) => { event.preventDefault(); byId("panel").focus(); });
byId("theme").addEventListener("click", () => { setTheme(state.theme === "dark" ? "light" : "dark"); refresh(); });
byId("language").addEventListener("click", () => {
  Object.assign(state, { language: LANGUAGES.find((name) => name !== state.language), chosenLanguage: true });
  speak();
  refresh();
});
document.addEventListener("keydown", (event) => {
  if (/^(INPUT|SELECT)$/.test(event.target.tagName)) return;
  if (event.key === "Escape") clear();
  if (event.key === "/") { event.preventDefault(); byId("search").focus(); }
});
combobox(byId("search"), byId("found"), (index) => openEntity(index, true));

if (statements.length) {
  // looks first: what vis-network hears of later it works out a second time
  select();
  paint();
  network = new vis.Network(byId("canvas"), { nodes, edges }, drawing.options);
  const frame = byId("canvas").firstElementChild; // what vis-network gives the focus to
  frame.setAttribute("role", "application");
  frame.dataset.tLabel = "canvas";
  frame.setAttribute("aria-label", t("canvas"));
  frame.tabIndex = 0;
  frame.addEventListener("keydown", (event) => {
    if (event.key === "n" || event.key === "p") stepTo(event.key === "n" ? 1 : -1);
    else if (event.key === "Enter") openTab("detail", true);
  });
  network.on("afterDrawing", drawNames);
  network.on("hoverNode", (event) => { hovered = event.node; });
  network.on("blurNode", () => { hovered = null; });
  network.on("click", (event) => {
    if (event.nodes.length) openEntity(event.nodes[0]);
    else if (event.edges.length) openClaim(event.edges[0], false);
    else clear();
  });
  for (const event of ["dragEnd", "zoom"]) network.on(event, () => { moved = true; });
  network.on("resize", () => { if (!moved) fit(); });
  const buttons = { fit: () => { moved = false; fit(); }, names: () => { state.names = !state.names; refresh(); },
    png: savePng, svg: saveSvg, ttl: saveTurtle, csv: saveCsv };
  for (const [id, act] of Object.entries(buttons)) byId(id).addEventListener("click", act);
  window.addEventListener("hashchange", () => { recall(); bringInAll(); speak(); refresh(); });
} else {
  byId("canvas").hidden = true;
  byId("empty").hidden = false;
  for (const id of ["fit", "names", "png", "svg", "ttl", "csv"]) byId(id).disabled = true;
}
bringInAll();
refresh();
if (state.claim !== null || state.entity !== null || state.path) openTab("detail");
fit();
// For tests and notebooks: what is drawn, and the acts that a click does.
window.kgView = { network, nodes, edges, openClaim, openEntity, state, names: () => placed, turtleText, csvText, svgText };
