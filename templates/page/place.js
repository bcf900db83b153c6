// Where everything stands: levels laid out from the inside out, an open frame being one large card for the level around.

const STUB = 17; // a straight piece below a card, with the shape beside it
const BEND = 26; // the least height in which lines bend
const SPREAD = 16; // between lines that arrive at one card
const PADDING = 12; // of a frame

function layOut(levels) {
  const box = placeLevel(levels, root);
  box.x = box.width / 2;
  box.y = 0;
  return box;
}

// A level as a box: `width`, `height`, its children as boxes with `x` (middle) and `y` (top) inside it, its lines, and
// for each port where it is, from the middle.
function placeLevel(levels, item) {
  const level = levels.get(item);
  const head = item === root ? { width: 0, height: 0 } : frameHead(item);
  const vertices = new Map();
  for (const child of level.children) {
    const box = child.open ? placeLevel(levels, child) : cardOf(child);
    vertices.set(child, { box, width: box.width, height: box.height });
  }
  const ports = { top: new Map(), bottom: new Map() };
  for (const [end, keys] of [["top", level.ins], ["bottom", level.outs]]) {
    for (const [key, tensor] of keys) ports[end].set(key, { end, tensor, width: 8, height: 0, box: null });
  }
  const links = [...level.links.values()].map((each) => {
    const from = each.from.port === undefined ? vertices.get(each.from) : ports.top.get(each.from.port);
    const to = each.to.port === undefined ? vertices.get(each.to) : ports.bottom.get(each.to.port);
    const toX = to.box && to.box.ins ? to.box.ins.get(each.key) || 0 : 0;
    const room = each.words.length ? textWidth(each.words.join(", "), SMALL) + 10 : 0;
    return { ...each, from, to, bus: each.key, fromX: 0, toX, room };
  });
  leaveRoom(links);
  const all = [...ports.top.values(), ...vertices.values(), ...ports.bottom.values()];
  const inner = drawLayers(all, links);

  const width = Math.max(inner.width + (item === root ? 0 : 2 * PADDING), head.width);
  const shiftX = (width - inner.width) / 2;
  const box = { item, width, height: head.height + inner.height, children: [], lines: [], ins: new Map(), outs: new Map() };
  for (const vertex of all) {
    const x = vertex.x + shiftX;
    if (vertex.box) box.children.push(Object.assign(vertex.box, { x, y: vertex.y + head.height }));
    else (vertex.end === "top" ? box.ins : box.outs).set(vertex.tensor.key, x - width / 2);
  }
  for (const line of inner.lines) {
    line.points = line.points.map(([x, y]) => [x + shiftX, y + head.height]);
    if (line.start) line.start = [line.start[0] + shiftX, line.start[1] + head.height];
    box.lines.push(line);
  }
  return Object.assign(box, { head });
}

// Lines of several tensors leave a card side by side, far enough for their shapes; cards get as wide as that takes.
function leaveRoom(links) {
  const leaving = new Map();
  for (const link of links) {
    if (!leaving.has(link.from)) leaving.set(link.from, new Map());
    leaving.get(link.from).set(link.bus, link);
  }
  const places = new Map();
  for (const [vertex, buses] of leaving) {
    if (!vertex.box) continue;
    const at = new Map();
    places.set(vertex, at);
    const wide = [...buses.values()].map((link) => textWidth(link.label, SMALL) + 16);
    if (vertex.box.outs) {
      for (const bus of buses.keys()) at.set(bus, vertex.box.outs.get(bus) || 0);
    } else if (buses.size === 1) {
      at.set([...buses.keys()][0], 0);
      vertex.width = Math.max(vertex.width, 2 * wide[0] - 8);
    } else {
      const total = wide.reduce((a, b) => a + b, 0);
      let x = -total / 2 + 6;
      [...buses.keys()].forEach((bus, k) => {
        at.set(bus, x);
        x += wide[k];
      });
      vertex.width = Math.max(vertex.width, total + 8);
    }
  }
  for (const link of links) if (link.from.box) link.fromX = places.get(link.from).get(link.bus);
}

function drawLayers(vertices, links) {
  if (!vertices.length) return { width: 0, height: 0, lines: [] };
  rankVertices(vertices, links);
  const { cells, segments } = unfold(vertices, links);
  const rows = firstOrder(cells);
  orderRows(rows, cells.length);
  const width = placeAcross(rows, segments, cells.length);
  for (const cell of cells) arrive(cell);

  let y = 0;
  rows.forEach((row, rank) => {
    const height = row.reduce((most, cell) => Math.max(most, cell.height), 0);
    row.top = y;
    row.bottom = y + height;
    const reach = row.flatMap((cell) => cell.after).reduce((most, s) => Math.max(most, Math.abs(bendOf(s))), 0);
    const isPorts = row.every((cell) => cell.vertex && cell.vertex.end === "top");
    const stub = isPorts ? 0 : STUB;
    const words = row.flatMap((cell) => cell.after).some((segment) => segment.words) ? 10 : 0;
    row.stub = stub;
    y = row.bottom + (rank < rows.length - 1 ? stub + BEND + words + Math.min(140, reach * 0.05) : 0);
  });
  for (const cell of cells) {
    if (cell.vertex) Object.assign(cell.vertex, { x: cell.x, y: rows[cell.rank].top });
  }
  const lines = [];
  for (const link of links) lines.push(route(link, rows));
  const last = rows[rows.length - 1];
  const isOpenEnded = last.every((cell) => cell.vertex && cell.vertex.end === "bottom");
  return { width, height: last.bottom + (isOpenEnded ? 0 : PADDING), lines };
}

const bendOf = (segment) => segment.to.x + segment.toX - segment.from.x - segment.fromX;

// Lines arrive at a card side by side, in the order of where they come from.
function arrive(cell) {
  if (cell.before.length < 2 || !cell.vertex || !cell.vertex.box || cell.vertex.box.ins) return;
  const from = (segment) => segment.from.x + segment.fromX;
  const arriving = [...cell.before].sort((a, b) => from(a) - from(b) || a.from.place - b.from.place);
  const reach = Math.max(cell.vertex.box.width / 2 - 12, 0);
  const wanted = arriving.map((segment) => Math.max(-reach, Math.min(reach, from(segment) - cell.x)));
  const gaps = arriving.map((segment) => Math.max(SPREAD, segment.words));
  const total = gaps.slice(0, -1).reduce((a, b) => a + b, 0);
  const scale = Math.min(1, (2 * reach) / total);
  const places = [];
  wanted.forEach((x, k) => places.push(k ? Math.max(x, places[k - 1] + gaps[k - 1] * scale) : x));
  for (let k = places.length - 1, most = reach; k >= 0; k--) {
    places[k] = Math.min(places[k], most);
    most = places[k] - (k ? gaps[k - 1] * scale : 0);
  }
  arriving.forEach((segment, k) => (segment.toX = places[k]));
}

function route(link, rows) {
  const points = [];
  const [first] = link.segments;
  for (const segment of link.segments) {
    const above = rows[segment.from.rank];
    const start = segment.from.x + segment.fromX;
    const end = segment.to.x + segment.toX;
    const leaves = segment.from.vertex ? above.top + segment.from.height : above.bottom;
    points.push([start, leaves], [start, above.bottom + above.stub], [end, rows[segment.to.rank].top]);
  }
  const { tail, head } = { tail: link.from, head: link.to };
  return {
    points,
    skip: link.skip,
    arrow: Boolean(head.box),
    key: link.bus,
    label: tail.box && head.box ? link.label : "", // of what leaves a frame the shape is said outside
    start: [first.from.x + first.fromX, points[0][1]],
    words: link.words,
    ends: link.ends,
  };
}
