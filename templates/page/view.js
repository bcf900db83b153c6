// Moving about: pan and zoom, by pointer, wheel, touch and keyboard.

const view = { x: 0, y: 0, scale: 1 };
const [LEAST, MOST] = [0.04, 4];
const READABLE = 0.85;
const LEGIBLE = 0.15; // at less, texts are left out

function applyView() {
  const { width, height } = svg.getBoundingClientRect();
  world.setAttribute("transform", `translate(${round(view.x)},${round(view.y)}) scale(${view.scale.toFixed(4)})`);
  world.classList.toggle("far", view.scale < LEGIBLE);
  const [x, y] = [-view.x / view.scale, -view.y / view.scale];
  const [across, down] = [width / view.scale, height / view.scale];
  render(x - across / 4, y - down / 4, x + across * 1.25, y + down * 1.25);
}

function zoomAt(x, y, factor) {
  const scale = Math.min(MOST, Math.max(LEAST, view.scale * factor));
  view.x = x - ((x - view.x) * scale) / view.scale;
  view.y = y - ((y - view.y) * scale) / view.scale;
  view.scale = scale;
  applyView();
}

function zoomBy(factor) {
  const { width, height } = svg.getBoundingClientRect();
  zoomAt(width / 2, height / 2, factor);
}

// The whole picture; at first no smaller than can be read, from its top.
function fit(whole, least) {
  const { width, height } = svg.getBoundingClientRect();
  const scale = Math.min(1.25, (width - 40) / whole.width, (height - 40) / whole.height);
  view.scale = Math.max(least, scale, LEAST);
  view.x = (width - whole.width * view.scale) / 2;
  view.y = Math.max(20, (height - whole.height * view.scale) / 2);
  applyView();
}

// Move a box into sight, if it is not: to the middle, or just far enough.
function show(box, middle) {
  const { width, height } = svg.getBoundingClientRect();
  if (middle && view.scale < 0.6) view.scale = 0.9;
  const [left, top] = [box.left * view.scale + view.x, box.top * view.scale + view.y];
  const tall = (box.head ? box.head.height : box.height) * view.scale;
  const [right, bottom] = [left + box.width * view.scale, top + tall];
  if (middle) {
    view.x += width / 2 - (left + right) / 2;
    view.y += height / 2 - (top + bottom) / 2;
  } else {
    if (left < 10) view.x += 10 - left;
    else if (right > width - 10) view.x -= right - width + 10;
    if (top < 10) view.y += 10 - top;
    else if (bottom > height - 10) view.y -= bottom - height + 10;
  }
  applyView();
}

// Pointers

const pointers = new Map();
let moved = 0;

function startPointer(event) {
  if (event.button !== 0) return;
  pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (pointers.size === 1) moved = 0;
}

function movePointer(event) {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const now = { x: event.clientX, y: event.clientY };
  const others = [...pointers.entries()].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
  const way = Math.hypot(now.x - before.x, now.y - before.y);
  if (!others.length && moved + way < 4) return;
  if (moved < 4) svg.setPointerCapture(event.pointerId);
  moved += way;
  pointers.set(event.pointerId, now);
  if (others.length) {
    const { left, top } = svg.getBoundingClientRect();
    const apart = (place) => Math.hypot(place.x - others[0].x, place.y - others[0].y) || 1;
    zoomAt((now.x + others[0].x) / 2 - left, (now.y + others[0].y) / 2 - top, apart(now) / apart(before));
  } else {
    view.x += now.x - before.x;
    view.y += now.y - before.y;
    applyView();
  }
}

function endPointer(event) {
  pointers.delete(event.pointerId);
}

function turnWheel(event) {
  event.preventDefault();
  const { left, top } = svg.getBoundingClientRect();
  const lines = event.deltaMode === 1 ? 16 : 1;
  if (event.shiftKey && !event.ctrlKey) {
    view.x -= (event.deltaX || event.deltaY) * lines;
    applyView();
  } else zoomAt(event.clientX - left, event.clientY - top, Math.exp(-Math.max(-200, Math.min(200, event.deltaY * lines)) * 0.002));
}

new ResizeObserver(applyView).observe(svg);
svg.addEventListener("pointerdown", startPointer);
svg.addEventListener("pointermove", movePointer);
svg.addEventListener("pointerup", endPointer);
svg.addEventListener("pointercancel", endPointer);
svg.addEventListener("wheel", turnWheel, { passive: false });
