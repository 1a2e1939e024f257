// The chosen token, its neighbours, the analogies that came with the map, and the tokens in view as text.
let question = 0; // the number of the latest choice: answers to an older one are dropped

function factsOf(id) {
  const facts = [];
  if (chart.counts) facts.push(`seen ${whole.format(chart.counts[id])} times`);
  if (chart.clusters) facts.push(chart.names[chart.clusters[id]]);
  for (const [name, values] of Object.entries(chart.columns)) if (values[id] !== null) facts.push(`${name}: ${values[id]}`);
  return facts.join(" · ");
}

// Choose a token: it is marked on the map, its neighbours are drawn and listed. The token may be one that the map leaves out
// but the served table has.
async function choose(token, { fly = true, focus = false } = {}) {
  const mine = ++question;
  const id = idOf(token);
  if (id < 0 && !live) return unknown(token);
  show("");
  let near = neighboursOf(id);
  if (live) {
    try {
      near = (await ask("v1/similar", { token, k: 10 })).data.map((each) => ({ ...each, id: idOf(each.token) }));
    } catch (failure) {
      return mine === question && refuse(failure, (other) => choose(other));
    }
    if (mine !== question) return;
  }
  Object.assign(state, { chosen: id, near, quads: [], links: [] });
  showChoice(token, id, near);
  if (fly) flyToAll([id, ...near.map((each) => each.id)]);
  else repaint();
  if (focus) byId("chosen-token").focus();
}

function showChoice(token, id, near) {
  byId("chosen").hidden = false;
  byId("chosen-token").replaceChildren(written(token));
  byId("chosen-facts").textContent = id < 0 ? "In the table, not on the map" : factsOf(id);
  byId("neighbours-title").hidden = !near.length;
  byId("neighbours").replaceChildren(...near.map((each) => answer(each.token, each.score, choose)));
  pressLinks(-1);
  const names = near.slice(0, 3).map((each) => `${each.token} ${each.score.toFixed(2)}`).join(", ");
  say(near.length ? `${token}: ${near.length} nearest; ${names}` : `${token} is chosen`);
}

function unknown(token) {
  show(`“${token}” is not among the ${whole.format(chart.tokens.length)} tokens of this map. Nearest spellings:`, alike(token), choose);
}

// The first is in the middle of what is seen, and all of them are in view; tokens far away do not shrink it to nothing.
function flyToAll(ids) {
  const known = ids.filter((id) => id >= 0);
  if (!known.length) return repaint();
  const [x, y] = [chart.x[known[0]], chart.y[known[0]]];
  const box = boundsOf(known);
  const dx = Math.max(x - box.x0, box.x1 - x), dy = Math.max(y - box.y0, box.y1 - y);
  const around = ids[0] >= 0 ? { x0: x - dx, x1: x + dx, y0: y - dy, y1: y + dy } : box;
  flyTo(framed(around, 1.35, 0.06));
  bringMap();
  repaint();
}

// On a narrow screen the map stands above the lists, and may have gone out of sight.
function bringMap() {
  const hidden = Math.max(0, -stage.getBoundingClientRect().top) > stage.clientHeight / 3;
  if (hidden) stage.scrollIntoView({ block: "nearest", behavior: still() ? "auto" : "smooth" });
}

function clearChoice() {
  question++;
  Object.assign(state, { chosen: -1, near: [], quads: [], links: [] });
  byId("chosen").hidden = true;
  byId("search").value = "";
  pressLinks(-1);
  show("");
  repaint();
}

// Two links in a row are the sides of a parallelogram; one left over is an arrow.
function linkPairs() {
  const pairs = [];
  for (let i = 0; i < chart.links.length; i += 2) pairs.push(chart.links.slice(i, i + 2));
  return pairs;
}

function listLinks() {
  byId("links").replaceChildren(...linkPairs().map((pair, at) => {
    const parts = pair.flatMap(([from, to], i) => [...(i ? [", "] : []), written(from), " → ", written(to)]);
    const button = make("button", { type: "button", "aria-pressed": "false", onclick: () => drawLinks(at) }, make("div", {}, ...parts));
    return make("li", {}, button);
  }));
  byId("analogy-card").hidden = !live && !chart.links.length;
}

function drawLinks(at, fly = true) {
  const pair = linkPairs()[at].map((link) => link.map(idOf));
  byId("analogy-note").textContent = "";
  pressLinks(drawFigure(pair, fly) ? at : -1);
}

// Draw a -> b and c -> d, or one arrow. Returns whether every token is on the map.
function drawFigure(pair, fly = true) {
  const ids = pair.flat();
  question++;
  byId("search").value = "";
  byId("chosen").hidden = true;
  if (ids.some((id) => id < 0)) return false;
  const quads = pair.length === 2 ? [ids] : [];
  Object.assign(state, { chosen: -1, near: [], quads, links: quads.length ? [] : pair });
  if (fly) {
    flyTo(framed(boundsOf(ids), 1.7, 0.02));
    bringMap();
  }
  repaint();
  say(pair.map(([from, to]) => `${chart.tokens[from]} to ${chart.tokens[to]}`).join(", as ") + ", drawn on the map");
  return true;
}

// Tokens that are near to something that has no place of its own.
function drawNear(near) {
  question++;
  byId("chosen").hidden = true;
  Object.assign(state, { chosen: -1, near, quads: [], links: [] });
  pressLinks(-1);
  flyToAll([-1, ...near.map((each) => each.id)]);
}

function pressLinks(at) {
  [...byId("links").querySelectorAll("button")].forEach((button, i) => button.setAttribute("aria-pressed", String(i === at)));
  byId("analogy-answers").querySelectorAll("button").forEach((button) => button.removeAttribute("aria-pressed"));
}

// The same points as text, for those who do not see the map: what is in view, the most frequent first.
function listInView() {
  if (!byId("in-view").open) return;
  const view = viewNow();
  const seen = (id) => shown[id] && chart.x[id] >= view.x0 && chart.x[id] <= view.x1 && chart.y[id] >= view.y0 && chart.y[id] <= view.y1;
  const ids = chart.order.filter(seen);
  const listed = ids.slice(0, 100);
  byId("in-view-note").textContent = `${whole.format(ids.length)} of ${whole.format(chart.tokens.length)} tokens`
    + (listed.length < ids.length ? `; the first ${listed.length}${chart.counts ? " by frequency" : ""}:` : ":");
  byId("in-view-list").replaceChildren(...Array.from(listed, (id) => {
    const button = make("button", { type: "button", onclick: () => choose(chart.tokens[id], { fly: false }) }, written(chart.tokens[id]));
    if (chart.counts) button.append(make("small", { textContent: whole.format(chart.counts[id]) }));
    return make("li", {}, button);
  }));
}
