// Where the cells of a layered drawing stand. Segments that should run straight are joined into columns, as many as can
// be without one crossing another; columns are put side by side, and then moved towards what they are joined to.

const BESIDE = 22; // between cells of a row

function weigh(segment) {
  if (!segment.from.vertex && !segment.to.vertex) return 8;
  return segment.skip ? 1 : 4;
}

function makeColumns(rows, straighten) {
  const up = new Map();
  const down = new Map();
  for (const row of straighten ? rows.slice(0, -1) : []) {
    const candidates = row.flatMap((cell) => cell.after.filter((segment) => segment.to.rank === cell.rank + 1));
    const apart = (segment) => Math.abs(segment.from.place - segment.to.place);
    candidates.sort((a, b) => weigh(b) - weigh(a) || apart(a) - apart(b) || a.from.place - b.from.place);
    const accepted = [];
    for (const segment of candidates) {
      if (down.has(segment.from) || up.has(segment.to)) continue;
      const crosses = accepted.some(
        (other) => (other.from.place - segment.from.place) * (other.to.place - segment.to.place) < 0,
      );
      if (crosses) continue;
      accepted.push(segment);
      down.set(segment.from, segment);
      up.set(segment.to, segment);
    }
  }
  const columns = [];
  for (const row of rows) {
    for (const cell of row) {
      if (up.has(cell)) continue;
      const column = { cells: [], x: 0, left: [], right: [], joined: [] };
      columns.push(column);
      let offset = 0;
      for (let each = cell; each; ) {
        each.column = column;
        each.offset = offset;
        column.cells.push(each);
        const segment = down.get(each);
        if (!segment) break;
        offset += segment.fromX - segment.toX;
        each = segment.to;
      }
    }
  }
  return columns;
}

// What has to stand how far to the right of what; the columns in an order that agrees with it, or null.
function constrain(rows, columns) {
  const waiting = new Map(columns.map((column) => [column, 0]));
  for (const row of rows) {
    for (let k = 1; k < row.length; k++) {
      const [left, right] = [row[k - 1], row[k]];
      const beside = left.vertex || right.vertex ? BESIDE : BESIDE / 2;
      const least = left.offset + left.half + beside + right.half - right.offset;
      if (left.column === right.column) return null;
      right.column.left.push({ column: left.column, least });
      left.column.right.push({ column: right.column, least });
      waiting.set(right.column, waiting.get(right.column) + 1);
    }
  }
  const ready = columns.filter((column) => !waiting.get(column)).reverse();
  const ordered = [];
  while (ready.length) {
    const column = ready.pop();
    ordered.push(column);
    for (const { column: next } of column.right) {
      waiting.set(next, waiting.get(next) - 1);
      if (!waiting.get(next)) ready.push(next);
    }
  }
  return ordered.length === columns.length ? ordered : null;
}

function placeColumns(ordered, segments, cellCount) {
  const floor = (column) => column.left.reduce((most, { column: c, least }) => Math.max(most, c.x + least), -Infinity);
  const ceiling = (column) => column.right.reduce((most, { column: c, least }) => Math.min(most, c.x - least), Infinity);
  for (const column of ordered) {
    const own = column.cells.reduce((most, cell) => Math.max(most, cell.half - cell.offset), 0);
    column.x = Math.max(own, floor(column));
  }
  // The mean of leftmost and rightmost keeps every distance, and leaves room on both sides.
  const width = ordered.reduce(
    (most, column) => column.cells.reduce((m, cell) => Math.max(m, column.x + cell.offset + cell.half), most), 0,
  );
  const leftmost = new Map(ordered.map((column) => [column, column.x]));
  for (const column of [...ordered].reverse()) {
    const own = column.cells.reduce((least, cell) => Math.min(least, width - cell.offset - cell.half), Infinity);
    column.x = Math.min(own, ceiling(column));
  }
  for (const column of ordered) column.x = (column.x + leftmost.get(column)) / 2;

  for (const segment of segments) {
    const [from, to, weight] = [segment.from.column, segment.to.column, weigh(segment)];
    if (from === to) continue;
    const apart = segment.from.offset + segment.fromX - segment.to.offset - segment.toX;
    from.joined.push({ column: to, apart: -apart, weight });
    to.joined.push({ column: from, apart, weight });
  }
  const rounds = cellCount > MANY ? 6 : 24;
  for (let round = 0; round < rounds; round++) {
    for (const column of round % 2 ? [...ordered].reverse() : ordered) {
      if (!column.joined.length) continue;
      let [sum, weights] = [0, 0];
      for (const { column: other, apart, weight } of column.joined) {
        sum += (other.x + apart) * weight;
        weights += weight;
      }
      column.x = Math.min(Math.max(sum / weights, floor(column)), ceiling(column));
    }
  }
}

function placeAcross(rows, segments, cellCount) {
  let columns = makeColumns(rows, true);
  let ordered = constrain(rows, columns);
  if (!ordered) {
    columns = makeColumns(rows, false);
    ordered = constrain(rows, columns);
  }
  placeColumns(ordered, segments, cellCount);
  let [left, right] = [Infinity, -Infinity];
  for (const row of rows) {
    for (const cell of row) {
      cell.x = cell.column.x + cell.offset;
      left = Math.min(left, cell.x - cell.half);
      right = Math.max(right, cell.x + cell.half);
    }
  }
  for (const row of rows) for (const cell of row) cell.x -= left;
  return right - left;
}
