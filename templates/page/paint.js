// The picture: boxes as SVG. Texts of the spec enter it as text only.

const svg = document.getElementById("picture");
const world = document.getElementById("world");
const SVG = svg.namespaceURI;

function make(name, attributes, parent, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  if (parent) parent.appendChild(element);
  return element;
}

const round = (number) => Math.round(number * 10) / 10;
const boxes = new Map(); // by item, with its place on the whole picture
const groups = new Map(); // by item, the card or the head of a frame
const linesAt = new Map(); // by item, the lines that begin or end there
let parts = []; // all that is drawn, with its place: what is out of sight is not rendered

function paint(box) {
  for (const known of [boxes, groups, linesAt]) known.clear();
  parts = [];
  const layer = make("g", { "font-size": SMALL });
  paintInside(box, layer, 0, 0, 0);
  world.replaceChildren(layer);
}

function part(element, left, top, right, bottom) {
  parts.push({ element, left, top, right, bottom, hidden: false });
}

// Render what is inside a piece of the picture. Cards and frames are of the kind "svg", since of a "g" that is not
// displayed browsers still lay out the inside.
function render(left, top, right, bottom) {
  for (const each of parts) {
    const hidden = each.right < left || each.left > right || each.bottom < top || each.top > bottom;
    if (hidden === each.hidden) continue;
    each.hidden = hidden;
    if (hidden) each.element.setAttribute("display", "none");
    else each.element.removeAttribute("display");
  }
}

// The children and lines of a box whose left upper corner is at `left`, `top`.
function paintInside(box, parent, left, top, depth) {
  const above = [];
  for (const child of box.children) {
    const place = { ...child, left: left + child.x - child.width / 2, top: top + child.y };
    boxes.set(child.item, place);
    if (child.lines) above.push(() => paintInside(child, paintFrame(place, parent, depth), place.left, place.top, depth + 1));
    else above.push(() => paintCard(place, parent));
  }
  const lines = make("g", { class: "lines", "aria-hidden": "true" }, parent);
  const labels = new Map();
  // Skip connections first, so that others stay whole where they share a piece.
  for (const line of [...box.lines].sort((a, b) => b.skip - a.skip)) paintLine(line, lines, labels, left, top);
  above.forEach((draw) => draw());
  for (const { x, y, text, skip } of labels.values()) {
    const kind = `shape${skip ? " skip" : ""}`;
    const label = make("text", { class: kind, x: round(x), y: round(y) }, lines, text);
    part(label, x, y - LINE, x + textWidth(text, SMALL), y + LINE);
  }
  for (const [ports, y] of [[box.ins, box.head.height], [box.outs, box.height]]) {
    for (const x of ports.values()) make("circle", { class: "port", cx: round(left + box.width / 2 + x), cy: round(top + y), r: 2.5 }, lines);
  }
}

function paintLine(line, parent, labels, left, top) {
  const at = line.points.map(([x, y]) => [round(x + left), round(y + top)]);
  let path = `M${at[0]}`;
  for (let k = 0; k < at.length; k += 3) {
    const [from, to] = [at[k + 1], at[k + 2]];
    const middle = round((from[1] + to[1]) / 2);
    path += `L${at[k]}L${from}`;
    path += from[0] === to[0] ? `L${to}` : `C${from[0]},${middle} ${to[0]},${middle} ${to}`;
  }
  const [endX, endY] = at[at.length - 1];
  const kind = `line${line.skip ? " skip" : ""}`;
  const drawn = make("path", { class: kind, d: path, "marker-end": line.arrow ? `url(#arrow${line.skip ? "-skip" : ""})` : "none" }, parent);
  const across = at.map(([x]) => x);
  const [leftmost, rightmost] = across.reduce(([least, most], x) => [Math.min(least, x), Math.max(most, x)], [endX, endX]);
  part(drawn, leftmost, at[0][1], rightmost, endY);
  for (const item of new Set(line.ends.flatMap(({ tail, head }) => [tail, head]))) {
    if (!linesAt.has(item)) linesAt.set(item, []);
    linesAt.get(item).push(drawn);
  }
  if (line.label) {
    const [x, y] = [line.start[0] + left + 5, line.start[1] + top + 12];
    const id = `${line.key} ${round(x)} ${round(y)}`;
    const known = labels.get(id);
    labels.set(id, { x, y, text: line.label, skip: line.skip && (!known || known.skip) });
  }
  if (line.words.length) {
    labels.set(`words ${endX} ${endY}`, { x: endX + 5, y: endY - 5, text: line.words.join(", "), skip: line.skip });
  }
}

function interactive(box, parent, kind) {
  const { item } = box;
  const group = make("svg", { class: kind, overflow: "visible", x: round(box.left), y: round(box.top) }, parent);
  if (item.kind === "output") return group;
  group.dataset.item = item.id;
  groups.set(item, group);
  group.setAttribute("tabindex", "-1");
  group.setAttribute("role", "button");
  group.setAttribute("aria-label", spoken(item));
  if (isFrame(item)) group.setAttribute("aria-expanded", String(item.open));
  return group;
}

function spoken(item) {
  const node = item.kind === "node" ? item.start : isOfLayers(item) ? item.turns[0].start : -1;
  if (node < 0) return [item.told.label, item.told.times > 1 ? `${item.told.times} times` : "", ...item.told.lines].filter(Boolean).join(", ");
  const { op, lines, size, outputs } = factsOf(node);
  const times = isFrame(item) ? `${item.told.times} times` : "";
  return [op, data.nodes[node].name, times, ...lines, size, `output ${outputs.join(" and ")}`].filter(Boolean).join(", ");
}

function paintCard(box, parent) {
  const frame = box.frame ? ` closed ${box.item.told.of || box.item.kind}` : "";
  const group = interactive(box, parent, `card c-${box.category || "frame"}${box.shared ? " shared" : ""}${frame}`);
  const size = { width: round(box.width), height: round(box.height - (box.stacked ? BEHIND : 0)), rx: 6 };
  if (box.stacked) for (const k of [2, 1]) make("rect", { ...size, class: "behind", x: (k * BEHIND) / 2, y: (k * BEHIND) / 2 }, group);
  make("rect", { ...size, class: "face" }, group);
  paintWords(box, group);
  part(group, box.left, box.top, box.left + box.width + BEHIND, box.top + box.height);
}

function paintFrame(box, parent, depth) {
  const { item } = box;
  const kind = item.turns ? item.told.of : item.kind;
  const group = make("svg", { class: `frame ${kind} ${depth % 2 ? "odd" : "even"}`, overflow: "visible" }, parent);
  part(group, box.left, box.top, box.left + box.width, box.top + box.height);
  make("rect", { class: "ground", x: round(box.left), y: round(box.top), width: round(box.width), height: round(box.height), rx: 8 }, group);
  const head = interactive({ ...box.head, item, left: box.left, top: box.top }, group, "head");
  make("rect", { class: "face", width: round(box.width), height: round(box.head.height - 4), rx: 8 }, head);
  paintWords(box.head, head);
  return group;
}

function paintWords(card, group) {
  const y = MARGIN + SIZE - 2;
  if (card.toggle) {
    const chevron = make("g", { class: "chevron", "data-act": "toggle" }, group);
    make("rect", { x: 1, y: 1, width: CHEVRON + MARGIN - 3, height: LINE + MARGIN + 1, rx: 5 }, chevron);
    const [x, m] = [MARGIN, y - 4];
    make("path", { d: card.item.open ? `M${x},${m - 2}l5,5l5,-5` : `M${x + 2},${m - 5}l5,5l-5,5` }, chevron);
  }
  const text = make("text", { x: MARGIN + (card.toggle ? CHEVRON : 0), y, "font-size": SIZE }, group);
  make("tspan", { class: "op" }, text, card.title);
  if (card.name) make("tspan", { dx: 7 }, text, card.name);
  if (card.times > 1) make("text", { x: MARGIN + card.timesX, y: y + 1, "font-size": LARGE, class: "times" }, group, `×${card.times}`);
  card.small.forEach((line, k) => {
    make("text", { x: MARGIN, y: y + LINE - 1 + k * SMALL_LINE }, group, line);
  });
  if (card.button) {
    const button = make("g", { class: "turns", "data-act": "turns" }, group);
    make("rect", { x: MARGIN + card.buttonX, y: 6, width: card.buttonWidth, height: 17, rx: 8.5 }, button);
    make("text", { x: MARGIN + card.buttonX + 7, y }, button, card.button);
  }
}
