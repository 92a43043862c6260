// Search by names and aliases, without regard to accents.
let keys = null;
function search(text) {
  const wanted = fold(text.trim());
  if (!wanted) return [];
  keys ||= entities.map((entity) => [entity.label, ...(entity.aliases || none)].map(fold));
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
    list.replaceChildren(...found.map((index, place_) => el("li", {
      role: "option", id: `${list.id}-${place_}`, "aria-selected": String(place_ === at),
      on: { mousedown: (event) => { event.preventDefault(); take(index); } },
    }, bdi(entities[index].label), el("small", {}, [worded("classes", entities[index].class),
      ...(entities[index].aliases || none).slice(0, 3)].join(" · ")))));
    if (input.value.trim() && !found.length) list.replaceChildren(el("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, t("nobody")));
    const open = Boolean(input.value.trim());
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (found.length) input.setAttribute("aria-activedescendant", `${list.id}-${at}`);
    else input.removeAttribute("aria-activedescendant");
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
