// What is to be drawn: for each open item a level, with its children, the links between them, and the ports at which
// tensors enter and leave it.

function makeLevels() {
  const levels = new Map();
  const open = (item) => {
    levels.set(item, { item, children: shownIn(item), links: new Map(), ins: new Map(), outs: new Map() });
    for (const child of shownIn(item)) if (child.open) open(child);
  };
  open(root);
  for (const item of levels.keys()) {
    const around = item.turns && !item.all ? item.turns[0] : item;
    for (const edge of around.edges) addEdge(levels, item, edge);
  }
  return levels;
}

// The way from an open item down to what stands for a node.
function wayDown(item, node) {
  const steps = [];
  for (;;) {
    if (item.turns && !item.all) node = item.turns[0].start + (node - holding(item.turns, node).start);
    const child = holding(shownIn(item), node);
    steps.push({ item, child });
    if (!child.open) return { steps, leaf: child, node };
    item = child;
  }
}

function addEdge(levels, item, edge) {
  const tail = wayDown(item, edge.tail);
  const head = wayDown(item, edge.head);
  if (tail.steps[0].child === head.steps[0].child) return;
  const flow = factsOf(edge.tail).flows[edge.output];
  // Of what a closed frame gives, tensors of one shape are one line.
  const isNode = tail.leaf.kind === "node";
  const key = isNode ? `${tail.node}:${edge.output}` : `${tail.leaf.id}=${flow}`;
  const several = isNode && factsOf(tail.node).flows.length > 1;
  const tensor = { key, flow, label: several ? `${edge.output}: ${flow}` : flow, skip: edge.skip };
  const ends = { tail: tail.leaf, head: head.leaf };

  for (const { item: inner, child } of tail.steps.slice(1)) {
    const level = levels.get(inner);
    port(level.outs, tensor);
    link(level, tensor, child, { port: key }, ends, "");
  }
  link(levels.get(item), tensor, tail.steps[0].child, head.steps[0].child, ends, head.steps.length > 1 ? "" : edge.words);
  head.steps.slice(1).forEach(({ item: inner, child }, depth) => {
    const level = levels.get(inner);
    port(level.ins, tensor);
    link(level, tensor, { port: key }, child, ends, depth + 2 === head.steps.length ? edge.words : "");
  });
}

function port(ports, tensor) {
  const known = ports.get(tensor.key);
  if (known) known.skip = known.skip && tensor.skip;
  else ports.set(tensor.key, { ...tensor });
}

function link(level, tensor, from, to, ends, words) {
  const name = (end) => (end.port === undefined ? end.id : `port ${end.port}`);
  const id = `${name(from)}>${name(to)}>${tensor.key}`;
  let known = level.links.get(id);
  if (!known) {
    known = { ...tensor, from, to, words: [], ends: [] };
    level.links.set(id, known);
  }
  // A line that carries on as more than skip connections is none.
  known.skip = known.skip && tensor.skip;
  if (words && !known.words.includes(words)) known.words.push(words);
  known.ends.push(ends);
}
