// What the reader does: choose, open, close, move along with the keys.

let current = null; // the item that the keys act on
let selected = null;
let whole = null;

function draw() {
  whole = layOut(makeLevels());
  paint(whole);
  if (current && !boxes.has(current)) current = shownOf(current);
  if (selected && !boxes.has(selected)) selected = null;
  mark();
}

// The item itself, or the innermost one around it that is shown.
function shownOf(item) {
  return ancestors(item).reverse().find((each) => boxes.has(each)) || null;
}

function mark() {
  for (const old of world.querySelectorAll(".selected, .near")) old.classList.remove("selected", "near");
  for (const old of world.querySelectorAll("[aria-current]")) old.removeAttribute("aria-current");
  const first = current || [...boxes.keys()].find((item) => item.kind !== "output");
  for (const old of world.querySelectorAll('[tabindex="0"]')) old.setAttribute("tabindex", "-1");
  if (first) groups.get(first).setAttribute("tabindex", "0");
  if (!selected) return;
  const group = groups.get(selected);
  group.classList.add("selected");
  group.setAttribute("aria-current", "true");
  for (const line of linesAt.get(selected) || []) line.classList.add("near");
}

// Draw again, an item staying where it is on the screen.
function redraw(item) {
  const had = document.activeElement && world.contains(document.activeElement);
  const before = boxes.get(item);
  draw();
  const after = boxes.get(item) || (shownOf(item) && boxes.get(shownOf(item)));
  if (before && after) {
    view.x += (before.left + before.width / 2 - after.left - after.width / 2) * view.scale;
    view.y += (before.top - after.top) * view.scale;
    applyView();
  }
  if (had && current) groups.get(current).focus({ preventScroll: true });
  if (!panel.hidden && selected) tellItem(selected);
}

function toggle(item) {
  setOpen(item, !item.open);
  heard.textContent = `${item.told.label} ${item.open ? "expanded" : "collapsed"}`;
  redraw(item);
}

function toggleTurns(run) {
  showTurns(run, !run.all);
  redraw(run);
}

function select(item) {
  selected = current = item;
  mark();
  tellItem(item);
}

function goTo(node) {
  reveal(node);
  draw();
  const item = standsFor(node);
  select(item);
  show(boxes.get(item), true);
  groups.get(item).focus({ preventScroll: true });
}

function goToItem(item) {
  // A turn that stands for all is shown as their run.
  const isFirst = item.parent.turns && item.parent.turns[0] === item && !item.parent.all;
  if (item.parent !== root) reveal(item.start);
  draw();
  const target = isFirst ? shownOf(item.parent) : boxes.has(item) ? item : shownOf(item);
  select(target);
  show(boxes.get(target), true);
  groups.get(target).focus({ preventScroll: true });
}

// Pointer

svg.addEventListener("click", (event) => {
  if (moved >= 4) return;
  const group = event.target.closest("[data-item]");
  if (!group) {
    selected = null;
    closePanel();
    mark();
    return;
  }
  const item = items[group.dataset.item];
  const act = event.target.closest("[data-act]");
  current = item;
  if (act && act.dataset.act === "toggle") toggle(item);
  else if (act && act.dataset.act === "turns") toggleTurns(item);
  else select(item);
});
svg.addEventListener("dblclick", (event) => {
  const group = event.target.closest("[data-item]");
  if (!group || event.target.closest("[data-act]")) return;
  const item = items[group.dataset.item];
  if (isFrame(item)) toggle(item);
});

// Keys

const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function centre(item) {
  const box = boxes.get(item);
  return [box.left + box.width / 2, box.top + (box.head ? box.head.height : box.height) / 2];
}

// The nearest item in a direction, what lies askew counting as farther.
function neighbour(item, [stepX, stepY]) {
  const [x, y] = centre(item);
  let [best, least] = [null, Infinity];
  for (const other of boxes.keys()) {
    if (other === item || other.kind === "output") continue;
    const [otherX, otherY] = centre(other);
    const along = (otherX - x) * stepX + (otherY - y) * stepY;
    const aside = Math.abs((otherX - x) * stepY) + Math.abs((otherY - y) * stepX);
    if (along > 1 && along + 2 * aside < least) [best, least] = [other, along + 2 * aside];
  }
  return best;
}

function focusOn(item) {
  current = item;
  mark();
  show(boxes.get(item), false);
  groups.get(item).focus({ preventScroll: true });
}

svg.addEventListener("focusin", (event) => {
  const group = event.target.closest("[data-item]");
  if (group) current = items[group.dataset.item];
});

svg.addEventListener("keydown", (event) => {
  if (!current || event.ctrlKey || event.metaKey || event.altKey) return;
  if (STEPS[event.key]) {
    const next = neighbour(current, STEPS[event.key]);
    if (next) focusOn(next);
  } else if (event.key === "Enter") select(current);
  else if (event.key === " " && isFrame(current)) toggle(current);
  else if (event.key === "x" && current.turns && !isOfLayers(current)) toggleTurns(current);
  else return;
  event.preventDefault();
});

const help = document.getElementById("help");

const KEYS = {
  "/": () => field.focus(),
  "+": () => zoomBy(1.25),
  "=": () => zoomBy(1.25),
  "-": () => zoomBy(0.8),
  0: () => fit(whole, 0),
  e: () => everything(true),
  c: () => everything(false),
  d: () => switchTheme(),
  "?": () => help.showModal(),
  Escape: () => {
    closePanel();
    if (current) groups.get(current).focus({ preventScroll: true });
  },
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === field || help.open || !KEYS[event.key]) return;
  KEYS[event.key]();
  event.preventDefault();
});

// Buttons

function everything(open) {
  openAll(open);
  draw();
  fit(whole, READABLE);
  heard.textContent = open ? "everything expanded" : "everything collapsed";
}

function isDark() {
  const asked = document.documentElement.dataset.theme;
  return asked ? asked === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switchTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  tellTheme();
}

function tellTheme() {
  document.getElementById("theme").setAttribute("aria-pressed", String(isDark()));
}

const BUTTONS = {
  expand: () => everything(true),
  collapse: () => everything(false),
  larger: () => zoomBy(1.25),
  smaller: () => zoomBy(0.8),
  fit: () => fit(whole, 0),
  theme: switchTheme,
  keys: () => help.showModal(),
  close: () => KEYS.Escape(),
};
for (const [id, act] of Object.entries(BUTTONS)) document.getElementById(id).addEventListener("click", act);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tellTheme);

openAtFirst(document.documentElement.dataset.expand);
tellTheme();
draw();
fit(whole, READABLE);
performance.mark("drawn");
