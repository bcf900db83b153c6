// Search: by key, name, op and block; the best first.

const field = document.getElementById("search");
const results = document.getElementById("results");
const heard = document.getElementById("heard");
const MOST_FOUND = 50;
let chosen = -1;
let found = [];

function score(text, words) {
  let sum = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    sum += at === 0 || /[^a-z0-9]/.test(text[at - 1]) ? 2 : 1;
  }
  return sum + (text === words.join(" ") ? 10 : 0);
}

function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const hits = [];
  data.nodes.forEach(({ key, name, facts }, node) => {
    const text = `${name} ${key} ${data.facts[facts].op}`.toLowerCase();
    const best = Math.max(score(text, words), score(name.toLowerCase(), words) * 1.5);
    if (best) hits.push({ best, order: node, label: key, more: data.facts[facts].op, node });
  });
  for (const item of items) {
    if (!isFrame(item) || item === root) continue;
    const text = `${item.told.label} ${item.told.rows[0][1]}`.toLowerCase();
    const best = score(text, words) * 1.2;
    if (best) hits.push({ best, order: item.start - 0.5, label: item.told.label, more: item.told.rows[0][1], item });
  }
  return hits.sort((a, b) => b.best - a.best || a.order - b.order);
}

function listFound() {
  const hits = search(field.value);
  found = hits.slice(0, MOST_FOUND);
  chosen = -1;
  results.replaceChildren(...found.map(({ label, more }, k) =>
    element("li", { role: "option", id: `result-${k}`, "aria-selected": "false" }, label, " ", element("small", {}, more))));
  results.hidden = !found.length;
  field.setAttribute("aria-expanded", String(!results.hidden));
  field.removeAttribute("aria-activedescendant");
  const many = hits.length > MOST_FOUND ? `, the first ${MOST_FOUND} listed` : "";
  heard.textContent = field.value ? `${hits.length} found${many}` : "";
}

function choose(number) {
  if (!found.length) return;
  chosen = (number + found.length) % found.length;
  [...results.children].forEach((option, k) => option.setAttribute("aria-selected", String(k === chosen)));
  results.children[chosen].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", `result-${chosen}`);
}

function closeResults() {
  results.hidden = true;
  field.setAttribute("aria-expanded", "false");
}

function take(number) {
  const hit = found[number];
  if (!hit) return;
  closeResults();
  if (hit.item) goToItem(hit.item);
  else goTo(hit.node);
}

field.addEventListener("input", listFound);
field.addEventListener("focus", () => field.value && listFound());
field.addEventListener("blur", () => setTimeout(closeResults, 150));
field.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") choose(chosen + 1);
  else if (event.key === "ArrowUp") choose(chosen - 1);
  else if (event.key === "Enter") take(Math.max(chosen, 0));
  else if (event.key === "Escape") {
    field.value = "";
    listFound();
    field.blur();
  } else return;
  event.preventDefault();
});
results.addEventListener("pointerdown", (event) => {
  const option = event.target.closest("li");
  if (!option) return;
  event.preventDefault();
  take([...results.children].indexOf(option));
});
