// A layered drawing of one level, after Sugiyama, Tagawa and Toda (1981): ranks by the longest way, lines over several
// ranks cut into pieces, rows ordered by the mean place of what they are joined to.
//
// A vertex has a `width`, a `height` and, for ports, an `end`: "top" or "bottom". A link has `from` and `to` (vertices),
// `bus` (links of one tensor share their pieces), `skip`, and `fromX` and `toX`, where it is joined, from the middle.

const MANY = 600; // cells beyond which fewer rounds are made
const MOST_PIECES = 40000;

function rankVertices(vertices, links) {
  const after = new Map(vertices.map((vertex) => [vertex, []]));
  const waiting = new Map(vertices.map((vertex) => [vertex, 0]));
  for (const link of links) {
    after.get(link.from).push(link.to);
    waiting.set(link.to, waiting.get(link.to) + 1);
  }
  const hasTop = vertices.some((vertex) => vertex.end === "top");
  for (const vertex of vertices) vertex.rank = vertex.end === "top" || !hasTop ? 0 : 1;
  const ready = vertices.filter((vertex) => !waiting.get(vertex));
  const ordered = [];
  while (ready.length) {
    const vertex = ready.pop();
    ordered.push(vertex);
    for (const next of after.get(vertex)) {
      next.rank = Math.max(next.rank, vertex.rank + 1);
      waiting.set(next, waiting.get(next) - 1);
      if (!waiting.get(next)) ready.push(next);
    }
  }
  // What reads nothing stands right above its first reader.
  const read = new Set(links.map((link) => link.to));
  for (const vertex of ordered.reverse()) {
    const readers = after.get(vertex);
    if (!read.has(vertex) && vertex.end !== "top" && readers.length) {
      vertex.rank = Math.min(...readers.map((reader) => reader.rank)) - 1;
    }
  }
  const last = vertices.reduce((most, vertex) => Math.max(most, vertex.end === "bottom" ? 0 : vertex.rank), 0);
  for (const vertex of vertices) if (vertex.end === "bottom") vertex.rank = last + 1;
}

// Cells: the vertices, and a piece of line in every row that a link passes.
function unfold(vertices, links) {
  const cells = vertices.map((vertex) => ({
    vertex, rank: vertex.rank, half: vertex.width / 2, height: vertex.height, before: [], after: [],
  }));
  const cellOf = new Map(cells.map((cell) => [cell.vertex, cell]));
  const pieces = new Map();
  const segments = new Map();
  const join = (from, to, fromX, toX, link) => {
    const id = from.id + ">" + to.id + ">" + fromX + ">" + toX;
    let segment = segments.get(id);
    if (!segment) {
      segment = { from, to, fromX, toX, skip: true, buses: new Set(), words: 0 };
      segments.set(id, segment);
      from.after.push(segment);
      to.before.push(segment);
    }
    segment.skip = segment.skip && link.skip;
    segment.buses.add(link.bus);
    if (to.vertex) segment.words = Math.max(segment.words, link.room || 0);
    link.segments.push(segment);
  };
  cells.forEach((cell, number) => (cell.id = number));
  const spans = links.reduce((sum, link) => sum + Math.max(0, link.to.rank - link.from.rank - 1), 0);
  for (const link of links) {
    link.segments = [];
    let from = cellOf.get(link.from);
    let fromX = link.fromX;
    for (let rank = link.from.rank + 1; rank < link.to.rank && spans < MOST_PIECES; rank++) {
      const id = link.bus + "@" + rank;
      let piece = pieces.get(id);
      if (!piece) {
        piece = { id: cells.length, rank, half: 5, height: 0, before: [], after: [], vertex: null };
        pieces.set(id, piece);
        cells.push(piece);
      }
      join(from, piece, fromX, 0, link);
      from = piece;
      fromX = 0;
    }
    join(from, cellOf.get(link.to), fromX, link.toX, link);
  }
  return { cells, segments: [...segments.values()] };
}

function firstOrder(cells) {
  const rows = [];
  const seen = new Set();
  for (const start of cells) {
    if (start.before.length) continue;
    const stack = [start];
    while (stack.length) {
      const cell = stack.pop();
      if (seen.has(cell)) continue;
      seen.add(cell);
      (rows[cell.rank] = rows[cell.rank] || []).push(cell);
      // What is no skip connection comes first, and so stands on the left.
      const next = [...cell.after].sort((a, b) => a.skip - b.skip || a.to.rank - b.to.rank || a.to.id - b.to.id);
      for (const segment of next.reverse()) stack.push(segment.to);
    }
  }
  for (const cell of cells) if (!seen.has(cell)) (rows[cell.rank] = rows[cell.rank] || []).push(cell);
  const filled = rows.filter(Boolean);
  filled.forEach((row, rank) => {
    row.forEach((cell, place) => {
      cell.rank = rank;
      cell.place = place;
    });
  });
  return filled;
}

function crossings(rows) {
  let count = 0;
  for (const row of rows.slice(0, -1)) {
    const ends = [];
    for (const cell of row) ends.push(...cell.after.map((segment) => segment.to.place).sort((a, b) => a - b));
    const size = ends.reduce((most, end) => Math.max(most, end), 0) + 2;
    const tree = new Uint32Array(size + 1);
    ends.forEach((end, seen) => {
      let lower = 0;
      for (let k = end + 1; k > 0; k -= k & -k) lower += tree[k];
      count += seen - lower;
      for (let k = end + 1; k <= size; k += k & -k) tree[k]++;
    });
  }
  return count;
}

function orderRows(rows, cellCount) {
  let best = crossings(rows);
  const keep = () => rows.map((row) => [...row]);
  let kept = keep();
  const rounds = cellCount > MANY ? 4 : 16;
  for (let round = 0; round < rounds && best; round++) {
    const down = round % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      const mean = new Map();
      for (const cell of row) {
        const joined = down ? cell.before.map((s) => s.from.place) : cell.after.map((s) => s.to.place);
        mean.set(cell, joined.length ? joined.reduce((a, b) => a + b, 0) / joined.length : cell.place);
      }
      row.sort((a, b) => mean.get(a) - mean.get(b) || a.place - b.place);
      row.forEach((cell, place) => (cell.place = place));
    }
    const now = crossings(rows);
    if (now < best) {
      best = now;
      kept = keep();
    }
  }
  kept.forEach((row, rank) => {
    rows[rank] = row;
    row.forEach((cell, place) => (cell.place = place));
  });
}
