// Cards and the heads of frames, measured in the fonts that this browser has.

const FONT = getComputedStyle(document.getElementById("picture")).fontFamily;
const [SIZE, SMALL, LARGE] = [12, 10.5, 15];
const [LINE, SMALL_LINE, MARGIN, CHEVRON] = [16, 13.5, 9, 17];
const BEHIND = 6; // how far the cards behind a stacked one stand out

const measuring = document.createElement("canvas").getContext("2d");
const measured = new Map();

function textWidth(text, size, bold) {
  const id = `${size}${bold ? "b" : ""} ${text}`;
  if (!measured.has(id)) {
    measuring.font = `${bold ? "bold " : ""}${size}px ${FONT}`;
    measured.set(id, measuring.measureText(text).width);
  }
  return measured.get(id);
}

// A text that keeps its two ends where it is too long for a card.
function shorten(text) {
  return text.length > 44 ? `${text.slice(0, 20)}…${text.slice(-23)}` : text;
}

// A card as a box: its size, and the words on it.
function cardOf(item) {
  if (item.kind === "output") return outputCard(item);
  if (item.kind === "node") return nodeCard(item, item.start, 1);
  if (isOfLayers(item)) return nodeCard(item, item.turns[0].start, item.turns.length);
  return sized({ item, ...headWords(item), frame: true, shared: item.told.shared, stacked: Boolean(item.turns || item.kind === "repeat") });
}

function nodeCard(item, node, times) {
  const { name, lines = [name], facts, shares } = data.nodes[node];
  const { title, category, lines: small, size } = data.facts[facts];
  const more = size ? [times > 1 ? `${times} × ${size}` : size] : [];
  if (shares !== undefined) more.push(shorten(`shared with ${data.nodes[shares].key}`));
  const label = times > 1 ? item.told.label : lines[0];
  const rest = times > 1 ? [] : lines.slice(1);
  return sized({
    item, title, name: label, small: [...rest, ...small, ...more], times, category, shared: shares !== undefined, toggle: times > 1, stacked: times > 1,
  });
}

function outputCard(item) {
  const { name } = data.outputs[item.start - NODES];
  return sized({ item, title: "output", name: "", small: name ? [name] : [], times: 1, category: "output" });
}

function headWords(item) {
  const { title, lines, times } = item.told;
  return { title, name: "", small: lines, times, toggle: true };
}

function sized(card) {
  const chevron = card.toggle ? CHEVRON : 0;
  card.timesX = chevron + textWidth(card.title, SIZE, true) + (card.name ? 7 + textWidth(card.name, SIZE) : 0) + 8;
  const first = card.times > 1 ? card.timesX + textWidth(`×${card.times}`, LARGE, true) : card.timesX - 8;
  const widest = card.small.reduce((most, line) => Math.max(most, textWidth(line, SMALL)), first);
  card.width = Math.ceil(widest) + 2 * MARGIN;
  card.height = MARGIN + LINE + SMALL_LINE * card.small.length + 4 + (card.stacked ? BEHIND : 0);
  return card;
}

// The head of an open frame; for equal turns with a button that shows all of them, or one again.
function frameHead(item) {
  const head = sized({ item, ...headWords(item), frame: true });
  if (item.turns) {
    head.button = item.all ? "show one" : "show all";
    head.buttonX = head.timesX + textWidth(`×${head.times}`, LARGE, true) + 10;
    head.buttonWidth = textWidth(head.button, SMALL) + 14;
    head.width = Math.max(head.width, head.buttonX + head.buttonWidth + 2 * MARGIN);
    if (isOfLayers(item)) head.button = "";
  }
  head.height += PADDING - 4;
  return head;
}
