// A canvas above the points: names that do not overlap, the chosen token with its neighbours, analogies as parallelograms.
const overlay = byId("overlay");
const pen = overlay.getContext("2d");
const state = { chosen: -1, near: [], quads: [], links: [] };
const widths = new Map(); // of names in pixels; measuring is the slow part of a frame
const SCANNED = 6000; // tokens tried for names in one frame
let waiting = false;

function repaint() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; paint(); });
}

function paint() {
  const view = viewNow();
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(stage.clientWidth * ratio), Math.round(stage.clientHeight * ratio)];
  if (overlay.width !== width || overlay.height !== height) [overlay.width, overlay.height] = [width, height];
  if (!webgl || !plot._fullLayout) paintPoints(view);
  else software.hidden = true;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, stage.clientWidth, stage.clientHeight);
  pen.save();
  pen.beginPath();
  pen.rect(view.left, view.top, view.width, view.height);
  pen.clip();
  paintAnswers(view);
  pen.restore();
}

function paintAnswers(view) {
  const placed = [];
  const drawn = { names: 0, neighbours: 0, quads: state.quads.length, links: state.links.length };
  const marked = [...state.quads.flat(), ...state.links.flat()];
  if (state.chosen >= 0 || marked.length) veil(view);
  state.quads.forEach((quad) => paintQuad(view, quad));
  state.links.forEach(([from, to]) => arrow(view, from, to));
  if (state.chosen >= 0) drawn.neighbours = paintNeighbours(view, placed);
  for (const id of new Set(marked)) { dot(view, id, 6, colourOf("warm")); name(view, id, placed, 15, true); }
  drawn.names = paintNames(view, placed, state.chosen >= 0 || marked.length ? 0.4 : 1);
  Object.assign(stage.dataset, drawn); // what stands on the canvas, for tests
}

// The other points step back: far cheaper than drawing them paler.
function veil(view) {
  pen.globalAlpha = 0.62;
  pen.fillStyle = colourOf("paper");
  pen.fillRect(view.left, view.top, view.width, view.height);
  pen.globalAlpha = 1;
}

function paintNeighbours(view, placed) {
  const x = view.px(chart.x[state.chosen]), y = view.py(chart.y[state.chosen]);
  const near = state.near.filter(({ id }) => id >= 0);
  pen.strokeStyle = colourOf("accent");
  for (const { id, score } of near) {
    pen.globalAlpha = 0.25 + 0.65 * Math.max(0, Math.min(1, score));
    line(x, y, view.px(chart.x[id]), view.py(chart.y[id]), 1.5);
  }
  pen.globalAlpha = 1;
  dot(view, state.chosen, 8, colourOf("warm"));
  near.forEach(({ id }) => dot(view, id, 5, colourOf("accent")));
  name(view, state.chosen, placed, 16, true);
  for (const { id, score } of near) name(view, id, placed, 13, false, ` ${score.toFixed(2)}`);
  return near.length;
}

// a is to b as c is to d: two arrows of one meaning, and the sides that close the figure.
function paintQuad(view, [a, b, c, d]) {
  pen.fillStyle = colourOf("warm");
  pen.globalAlpha = 0.12;
  pen.beginPath();
  for (const id of [a, b, d, c]) pen.lineTo(view.px(chart.x[id]), view.py(chart.y[id]));
  pen.fill();
  pen.globalAlpha = 1;
  pen.setLineDash([5, 5]);
  pen.strokeStyle = colourOf("quiet");
  for (const [from, to] of [[a, c], [b, d]]) line(view.px(chart.x[from]), view.py(chart.y[from]), view.px(chart.x[to]), view.py(chart.y[to]), 1.5);
  pen.setLineDash([]);
  arrow(view, a, b);
  arrow(view, c, d);
}

function arrow(view, from, to) {
  const [x0, y0, x1, y1] = [view.px(chart.x[from]), view.py(chart.y[from]), view.px(chart.x[to]), view.py(chart.y[to])];
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length < 1) return;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const tip = Math.min(8, length / 2); // the head ends at the rim of the dot
  const [hx, hy] = [x1 - ux * tip, y1 - uy * tip];
  pen.strokeStyle = pen.fillStyle = colourOf("warm");
  line(x0, y0, hx - ux * 6, hy - uy * 6, 2.5);
  pen.beginPath();
  pen.moveTo(hx, hy);
  pen.lineTo(hx - ux * 12 - uy * 6, hy - uy * 12 + ux * 6);
  pen.lineTo(hx - ux * 12 + uy * 6, hy - uy * 12 - ux * 6);
  pen.fill();
}

function line(x0, y0, x1, y1, width) {
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
}

function dot(view, id, radius, colour) {
  pen.beginPath();
  pen.arc(view.px(chart.x[id]), view.py(chart.y[id]), radius, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = colourOf("paper");
  pen.stroke();
}

// Names of the tokens in view, the most frequent first, as many as fit beside each other.
function paintNames(view, placed, strength) {
  const most = Math.round((view.width * view.height) / 9000);
  const taken = new Set(placed.map((box) => box.id));
  let scanned = 0, drawn = 0;
  pen.globalAlpha = strength;
  for (const id of chart.order) {
    if (!shown[id] || taken.has(id)) continue;
    const x = chart.x[id], y = chart.y[id];
    if (x < view.x0 || x > view.x1 || y < view.y0 || y > view.y1) continue;
    if (name(view, id, placed, 12, false)) drawn++;
    if (drawn >= most || ++scanned >= SCANNED) break;
  }
  pen.globalAlpha = 1;
  return drawn;
}

// Write a token beside its point, on whichever side is free; a name that must stand stands.
function name(view, id, placed, size, must, more = "") {
  const text = short(chart.tokens[id]) + more;
  const weight = size > 12 ? 600 : 400;
  const width = widthOf(text, size, weight);
  const x = view.px(chart.x[id]), y = view.py(chart.y[id]);
  const away = size > 12 ? 11 : 6;
  const places = [[x + away, y - size / 2], [x - away - width, y - size / 2], [x - width / 2, y - away - size], [x - width / 2, y + away]];
  const boxes = places.map(([left, top]) => ({ id, left: left - 3, top: top - 2, right: left + width + 3, bottom: top + size + 3 }));
  const inside = (box) => box.left >= view.left && box.right <= view.left + view.width;
  const free = (box) => inside(box) && !placed.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
  const box = size > 12 ? boxes.find(free) ?? (must ? boxes[0] : null) : [boxes[0]].find(free);
  if (!box) return false;
  placed.push(box);
  write(text, box.left + 3, box.top + 2 + size * 0.82, size, weight);
  return true;
}

function write(text, x, y, size, weight) {
  pen.font = `${weight} ${size}px ${family()}`;
  pen.lineJoin = "round";
  pen.lineWidth = 3;
  pen.strokeStyle = colourOf("paper");
  pen.strokeText(text, x, y);
  pen.fillStyle = colourOf("ink");
  pen.fillText(text, x, y);
}

function widthOf(text, size, weight) {
  const key = `${size} ${text}`;
  if (!widths.has(key)) {
    if (widths.size > 20000) widths.clear();
    pen.font = `${weight} ${size}px ${family()}`;
    widths.set(key, pen.measureText(text).width);
  }
  return widths.get(key);
}

function family() {
  return 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';
}

// By characters as people see them, so that no emoji is cut in two.
function short(token) {
  const letters = Array.from(visible(token));
  return letters.length > 28 ? `${letters.slice(0, 27).join("")}…` : letters.join("");
}
