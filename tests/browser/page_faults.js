// What is wrong with a page that is drawn at its full size: texts outside their cards, cards and labels on each other.
() => {
  const SLACK = 1;
  for (const outOfSight of document.querySelectorAll("#world [display]")) outOfSight.removeAttribute("display");
  const faults = [];
  const box = (element) => element.getBoundingClientRect();
  const name = (element) => element.textContent;
  const apart = (a, b) =>
    a.right <= b.left + SLACK || b.right <= a.left + SLACK || a.bottom <= b.top + SLACK || b.bottom <= a.top + SLACK;
  const inside = (a, b) =>
    a.left >= b.left - SLACK && a.right <= b.right + SLACK && a.top >= b.top - SLACK && a.bottom <= b.bottom + SLACK;
  // A line of text without the room above and below its letters.
  const letters = (text) => {
    const { left, right, top, bottom } = box(text);
    return { left, right, top: top + 2, bottom: bottom - 3 };
  };
  const pairs = (list, tell) => list.forEach((one, k) => list.slice(k + 1).forEach((other) => tell(one, other)));
  const groups = (kind) =>
    [...document.querySelectorAll(`#world ${kind}`)].map((group) => ({
      group,
      face: box(group.querySelector(":scope > .face, :scope > .ground")),
    }));

  const solid = [...groups(".card"), ...groups(".head")];
  for (const { group, face } of solid) {
    const texts = [...group.querySelectorAll("text")];
    for (const text of texts) if (!inside(box(text), face)) faults.push(`${name(text)} leaves its card`);
    pairs(texts, (one, other) => {
      if (!apart(letters(one), letters(other))) faults.push(`${name(one)} is on ${name(other)}`);
    });
  }
  pairs(solid, (one, other) => {
    if (!apart(one.face, other.face)) faults.push(`${name(one.group)} is on ${name(other.group)}`);
  });
  for (const { group, face } of groups(".frame")) {
    const children = ":scope > .card > .face, :scope > .frame > .ground, :scope > .head > .face";
    for (const child of group.querySelectorAll(children)) {
      if (!inside(box(child), face)) faults.push(`${name(child.parentNode)} leaves its frame`);
    }
  }
  const shapes = [...document.querySelectorAll("#world .shape")];
  for (const shape of shapes) {
    for (const { group, face } of solid) {
      if (!apart(letters(shape), face)) faults.push(`${name(shape)} is on ${name(group)}`);
    }
  }
  pairs(shapes, (one, other) => {
    if (!apart(letters(one), letters(other))) faults.push(`${name(one)} is on ${name(other)}`);
  });
  return faults;
}
