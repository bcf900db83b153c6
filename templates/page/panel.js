// What a click shows: everything about a layer or a frame, and its lines of generated code.

const panel = document.getElementById("panel");
const panelBody = document.getElementById("panel-body");
const AROUND = 40; // lines of a long function on either side of those that are meant

function element(name, attributes, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "onclick") made.addEventListener("click", value);
    else made.setAttribute(key, value);
  }
  made.append(...inside);
  return made;
}

function rows(pairs) {
  return element("dl", {}, ...pairs.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]));
}

function section(title, ...inside) {
  return element("section", {}, element("h3", {}, title), ...inside);
}

function folded(title, ...inside) {
  return element("details", {}, element("summary", {}, title), ...inside);
}

function tellItem(item) {
  const parts = isFrame(item) ? tellFrame(item) : tellNode(item.start);
  panelBody.replaceChildren(...parts);
  panel.hidden = false;
  panelBody.scrollTop = 0;
  const mark = panelBody.querySelector("mark");
  const code = panelBody.querySelector("pre");
  if (mark && code) code.scrollTop = mark.offsetTop - code.offsetTop - 40;
}

function tellFrame(item) {
  const { label, rows: pairs } = item.told;
  const place = data.places[item.told.place];
  const buttons = element("p", { class: "buttons" }, button(item.open ? "Collapse" : "Expand", () => toggle(item)));
  if (item.turns && !isOfLayers(item)) {
    buttons.append(button(item.all ? "Show one of them" : `Show all ${item.turns.length}`, () => toggleTurns(item)));
  }
  const parts = [element("h2", {}, label), rows([...pairs, ["In the file", place.at]]), buttons];
  if (isOfLayers(item)) parts.push(...tellLayer(item.turns[0].start));
  return [...parts, ...tellCode(place)];
}

const button = (label, act) => element("button", { type: "button", onclick: act }, label);

function tellNode(node) {
  const { key, name, shares } = data.nodes[node];
  const place = data.places[data.nodes[node].place];
  const facts = factsOf(node);
  const parts = [element("h2", {}, element("span", { class: `swatch c-${facts.category}` }), facts.op, " ", element("small", {}, name))];
  const around = ancestors(leafOf[node]).filter((item) => item !== root && isFrame(item) && item.kind !== "run");
  const pairs = [...(key === name ? [] : [["In the graph", key]]), ...facts.rows, ["In the file", place.at]];
  if (shares !== undefined) pairs.push(["Shared with", linkTo(shares)]);
  if (around.length) {
    const way = around.map((item) => item.told.label).filter((label, k, all) => label !== all[k - 1]);
    pairs.push(["Inside", way.join(" › ")]);
  }
  return [...parts, rows(pairs), ...tellLayer(node), ...tellNeighbours(node), ...tellCode(place)];
}

function tellLayer(node) {
  const facts = factsOf(node);
  const parts = [];
  if (facts.arguments.length) parts.push(section("Arguments", rows(facts.arguments)));
  if (facts.call.length) parts.push(section("When called", rows(facts.call)));
  if (facts.defaults.length) parts.push(folded(`Defaults (${facts.defaults.length})`, rows(facts.defaults)));
  const number = (list, word) => list.map((text, k) => [list.length > 1 ? `${word} ${k}` : word, text]);
  parts.push(section("Shapes", rows([...number(facts.inputs, "input"), ...number(facts.outputs, "output")])));
  if (facts.weights.length) {
    const body = facts.weights.map(([path, shape, size, frozen]) =>
      element("tr", {}, element("td", {}, path), element("td", {}, shape), element("td", { class: "number" }, size + (frozen ? ", frozen" : ""))));
    parts.push(section("Weights", element("table", {}, element("tbody", {}, ...body))));
  }
  return parts;
}

const linkTo = (node) => element("button", { type: "button", class: "link", onclick: () => goTo(node) }, data.nodes[node].key);

function tellNeighbours(node) {
  const list = (numbers) => element("ul", { class: "links" }, ...numbers.slice(0, 40).map((number) => element("li", {}, linkTo(number))));
  const own = (ends) => [...new Set(ends)].filter((number) => number < NODES);
  const reads = own(allEdges.filter((edge) => edge.head === node).map((edge) => edge.tail));
  const readers = own(allEdges.filter((edge) => edge.tail === node).map((edge) => edge.head));
  const parts = [];
  if (reads.length) parts.push(section("Reads", list(reads)));
  if (readers.length) parts.push(section("Read by", list(readers)));
  return parts;
}

function tellCode(place) {
  if (!place.spans) return [];
  const isOwn = (line) => place.spans.some(([first, last]) => line >= first && line <= last);
  const own = place.spans.flat();
  let [first, last] = place.around;
  if (last - first > 4 * AROUND) [first, last] = [Math.max(first, Math.min(...own) - AROUND), Math.min(last, Math.max(...own) + AROUND)];
  const pre = element("pre", { tabindex: "0", "aria-label": `Code of ${place.function}` });
  for (let line = first; line <= last; line++) {
    const text = `${String(line).padStart(4)}  ${data.code[line - 1]}`;
    pre.append(element(isOwn(line) ? "mark" : "span", {}, text));
  }
  return [section(`Code, in ${place.function}()`, pre)];
}

function closePanel() {
  panel.hidden = true;
}
