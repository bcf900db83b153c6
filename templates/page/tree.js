// The tree of the graph: what the data says, with parents, numbers and what is open.

const data = JSON.parse(document.getElementById("graph").textContent);
const NODES = data.nodes.length;

const items = []; // by id, in the order of the tree
const leafOf = []; // the item of each node, by the node's number

function makeItem(given, parent) {
  const item = { id: items.length, parent, kind: "node", open: false, all: false, edges: [], told: null };
  items.push(item);
  if (typeof given === "number") {
    item.start = given;
    item.end = given + 1;
    leafOf[given] = item;
    return item;
  }
  item.kind = given.kind;
  item.told = given;
  const inside = (given.items || given.turns).map((each) => makeItem(each, item));
  if (given.turns) item.turns = inside;
  else item.items = inside;
  item.start = inside[0].start;
  item.end = inside[inside.length - 1].end;
  return item;
}

const root = makeItem({ kind: "root", items: [...data.tree, ...data.outputs.map((_, k) => NODES + k)] }, null);
root.open = true;
leafOf.slice(NODES).forEach((item) => (item.kind = "output"));

const isFrame = (item) => Boolean(item.items || item.turns);
const isOfLayers = (item) => item.turns !== undefined && item.turns[0].kind === "node";

// What is shown inside an open item. Of equal turns that is the first one's inside, unless all are to be shown.
function shownIn(item) {
  if (item.turns) return item.all ? item.turns : item.turns[0].items;
  return item.items;
}

// The one of some neighbours in the tree that holds a node.
function holding(neighbours, node) {
  let low = 0;
  let high = neighbours.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (neighbours[middle].start <= node) low = middle;
    else high = middle - 1;
  }
  return neighbours[low];
}

function ancestors(item) {
  const found = [];
  for (let each = item; each; each = each.parent) found.push(each);
  return found.reverse();
}

// Every edge belongs to the innermost item around both its ends.
function placeEdges() {
  const edges = data.edges.map(([tail, head, output, words, skip]) => ({ tail, head, output, words, skip }));
  data.outputs.forEach(({ node, output }, k) => {
    edges.push({ tail: node, head: NODES + k, output, words: "", skip: false });
  });
  for (const edge of edges) {
    let around = leafOf[edge.tail].parent;
    while (edge.head < around.start || edge.head >= around.end) around = around.parent;
    around.edges.push(edge);
  }
  return edges;
}

const allEdges = placeEdges();

// Opening and closing

function setOpen(item, open) {
  item.open = open && isFrame(item);
  if (isOfLayers(item)) item.all = item.open;
}

function showTurns(run, all) {
  run.all = all;
  run.open = all || !isOfLayers(run);
}

function openAll(open) {
  for (const item of items) {
    if (!isFrame(item) || item === root) continue;
    item.open = open;
    if (item.turns) item.all = open;
  }
}

const GLANCE = 24; // cards that can be taken in at once

// Open "all", a number of levels with every turn of what is repeated, or without either level by level while the
// picture can be taken in at a glance.
function openAtFirst(levels) {
  if (levels === "all") openAll(true);
  else if (levels) openLevels(Number(levels));
  else openAtGlance();
}

function openLevels(count) {
  let level = root.items;
  for (let depth = 0; depth < count; depth++) level = level.filter(isFrame).flatMap(openTurns);
}

// A repeat and its turns are one level.
function openTurns(item) {
  item.open = true;
  if (item.turns) item.all = true;
  const inside = shownIn(item);
  if (!item.turns && item.kind !== "repeat") return inside;
  return inside.flatMap((each) => (isFrame(each) ? openTurns(each) : [each]));
}

function openAtGlance() {
  let level = root.items;
  let cards = root.items.length;
  for (;;) {
    const frames = level.filter((item) => isFrame(item) && !isOfLayers(item));
    const inside = frames.flatMap(shownIn);
    cards += inside.length - frames.length;
    if (!frames.length || cards > GLANCE) return;
    frames.forEach((item) => setOpen(item, true));
    level = inside;
  }
}

// Open what is around a node, so that the node itself is shown.
function reveal(node) {
  for (const item of ancestors(leafOf[node]).slice(0, -1)) {
    if (item === root) continue;
    item.open = true;
    if (item.turns && (isOfLayers(item) || node >= item.turns[0].end)) item.all = true;
  }
}

// The item that stands for a node in the picture.
function standsFor(node) {
  let item = root;
  while (item.open) {
    if (item.turns && !item.all) node = item.turns[0].start + (node - holding(item.turns, node).start);
    item = holding(shownIn(item), node);
  }
  return item;
}

const factsOf = (node) => data.facts[data.nodes[node].facts];
