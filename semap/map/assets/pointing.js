// Mouse, touch and keys on the map. Points are found in a grid over the plane, so that pointing costs the same for any number.
const CELLS = 160;
const grid = makeGrid();
const touches = new Map();
let pressed = null;

function makeGrid() {
  const all = boundsOf(chart.order);
  const column = (x) => Math.min(CELLS - 1, Math.max(0, Math.floor(((x - all.x0) / (all.x1 - all.x0 || 1)) * CELLS)));
  const row = (y) => Math.min(CELLS - 1, Math.max(0, Math.floor(((y - all.y0) / (all.y1 - all.y0 || 1)) * CELLS)));
  const starts = new Int32Array(CELLS * CELLS + 1);
  const cell = Int32Array.from(chart.tokens, (_, id) => row(chart.y[id]) * CELLS + column(chart.x[id]));
  for (const each of cell) starts[each + 1]++;
  for (let i = 0; i < CELLS * CELLS; i++) starts[i + 1] += starts[i];
  const next = starts.slice(), ids = new Int32Array(cell.length);
  cell.forEach((each, id) => { ids[next[each]++] = id; });
  return { starts, ids, column, row };
}

// The shown token nearest to a pixel of the stage, -1 where none is within `reach` pixels.
function tokenAt(px, py, reach) {
  const view = viewNow();
  let best = -1, least = reach * reach;
  for (let row = grid.row(view.y(py + reach)); row <= grid.row(view.y(py - reach)); row++) {
    const from = grid.starts[row * CELLS + grid.column(view.x(px - reach))];
    const to = grid.starts[row * CELLS + grid.column(view.x(px + reach)) + 1];
    for (let at = from; at < to; at++) {
      const id = grid.ids[at];
      const far = (view.px(chart.x[id]) - px) ** 2 + (view.py(chart.y[id]) - py) ** 2;
      if (far < least && shown[id]) [best, least] = [id, far];
    }
  }
  return best;
}

function placeOf(event) {
  const box = stage.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

function point(event) {
  if (event.pointerType === "touch" || event.buttons) return hideTip();
  const [px, py] = placeOf(event);
  const id = tokenAt(px, py, 14);
  stage.style.cursor = id < 0 ? "" : "pointer";
  if (id < 0) return hideTip();
  const tip = byId("tip");
  tip.replaceChildren(written(chart.tokens[id]), make("small", { textContent: factsOf(id) }));
  tip.hidden = false;
  const [width, height] = [tip.offsetWidth, tip.offsetHeight];
  tip.style.left = `${Math.max(4, Math.min(px + 14, stage.clientWidth - width - 4))}px`;
  tip.style.top = `${py + 18 + height < stage.clientHeight ? py + 18 : py - height - 12}px`;
}

function hideTip() {
  byId("tip").hidden = true;
}

function press(event) {
  if (event.button === 0) pressed = placeOf(event);
}

// A click is a press that did not move; plotly covers the page while it drags, so the release is heard on the window.
function release(event) {
  if (!pressed) return;
  const [px, py] = placeOf(event);
  const near = Math.hypot(px - pressed[0], py - pressed[1]) < 6;
  pressed = null;
  const id = near && touches.size < 2 ? tokenAt(px, py, event.pointerType === "touch" ? 26 : 14) : -1;
  if (id >= 0) choose(chart.tokens[id], { fly: false });
}

// plotly knows no pinch, so fingers are not shown to it: one moves the map, two zoom it.
function touch(event) {
  event.stopPropagation();
  const before = [...touches.values()];
  touches.clear();
  for (const finger of event.touches) touches.set(finger.identifier, placeOf(finger));
  const now = [...touches.values()];
  if (event.type !== "touchmove" || before.length !== now.length || !now.length) return;
  event.preventDefault();
  const centre = (places) => places.reduce(([x, y], place) => [x + place[0] / places.length, y + place[1] / places.length], [0, 0]);
  const spread = (places) => Math.hypot(places[0][0] - places.at(-1)[0], places[0][1] - places.at(-1)[1]) || 1;
  const [from, to] = [centre(before), centre(now)];
  const view = viewNow();
  const moved = panned((from[0] - to[0]) / view.width, (to[1] - from[1]) / view.height);
  const factor = now.length > 1 ? spread(before) / spread(now) : 1;
  flight++;
  moveTo(zoomed(factor, view.x(to[0]), view.y(to[1]), { x0: moved.x[0], x1: moved.x[1], y0: moved.y[0], y1: moved.y[1] }));
}

const KEYS = {
  ArrowLeft: () => flyTo(panned(-0.2, 0)), ArrowRight: () => flyTo(panned(0.2, 0)),
  ArrowUp: () => flyTo(panned(0, 0.2)), ArrowDown: () => flyTo(panned(0, -0.2)),
  "+": () => zoom(0.6), "=": () => zoom(0.6), "-": () => zoom(1 / 0.6), 0: () => flyTo(home()), Escape: () => clearChoice(),
  Enter: () => {
    const id = tokenAt(stage.clientWidth / 2, stage.clientHeight / 2, Math.max(stage.clientWidth, stage.clientHeight));
    if (id >= 0) choose(chart.tokens[id], { fly: false });
  },
};

function listenToMap() {
  stage.addEventListener("pointermove", point);
  stage.addEventListener("pointerleave", hideTip);
  stage.addEventListener("pointerdown", press, true);
  window.addEventListener("pointerup", release, true);
  for (const type of ["touchstart", "touchmove", "touchend", "touchcancel"]) stage.addEventListener(type, touch, { capture: true, passive: false });
  stage.addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  byId("closer").onclick = () => zoom(0.5);
  byId("farther").onclick = () => zoom(2);
  byId("whole").onclick = () => flyTo(home());
}
