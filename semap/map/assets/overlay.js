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
  const placed = [{ id: -1, left: stage.clientWidth - 54, top: 0, right: stage.clientWidth, bottom: 140 }]; // the buttons
  const drawn = { names: 0, neighbours: 0, quads: state.quads.length, links: state.links.length };
  const marked = [...state.quads.flat(), ...state.links.flat()];
  const stepBack = state.chosen >= 0 || state.near.length > 0 || marked.length > 0;
  const few = chart.tokens.length <= 200; // then the others are few enough to be read beside the answer
  if (stepBack) veil(view, few ? 0.3 : 0.62);
  state.quads.forEach((quad) => paintQuad(view, quad));
  state.links.forEach(([from, to]) => arrow(view, from, to));
  drawn.neighbours = paintNeighbours(view, placed);
  paintMarked(view, [...new Set(marked)], placed);
  drawn.names = paintNames(view, placed, stepBack ? (few ? 0.75 : 0.4) : 1);
  Object.assign(stage.dataset, drawn); // what stands on the canvas, for tests
}

// The other points step back: far cheaper than drawing them paler.
function veil(view, strength) {
  pen.globalAlpha = strength;
  pen.fillStyle = colourOf("paper");
  pen.fillRect(view.left, view.top, view.width, view.height);
  pen.globalAlpha = 1;
}

// Of a chosen token, with lines to them; those of a text or of a token off the map stand alone.
function paintNeighbours(view, placed) {
  const near = state.near.filter(({ id }) => id >= 0);
  const from = state.chosen < 0 ? null : [view.px(chart.x[state.chosen]), view.py(chart.y[state.chosen])];
  if (from) near.forEach((each) => ray(view, from, each));
  if (from) dot(view, state.chosen, 8, colourOf("warm"));
  near.forEach(({ id }) => dot(view, id, 5, colourOf("accent")));
  if (from) name(view, state.chosen, placed, { size: 16, must: true });
  for (const { id, score } of near) name(view, id, placed, { size: 13, more: ` ${score.toFixed(2)}`, from });
  return near.length;
}

function ray(view, [x, y], { id, score }) {
  pen.strokeStyle = colourOf("accent");
  pen.globalAlpha = 0.25 + 0.65 * Math.max(0, Math.min(1, score));
  line(x, y, view.px(chart.x[id]), view.py(chart.y[id]), 1.5);
  pen.globalAlpha = 1;
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

// Names stand outside the figure, where no side runs through them.
function paintMarked(view, ids, placed) {
  const middle = ids.reduce(([x, y], id) => [x + view.px(chart.x[id]) / ids.length, y + view.py(chart.y[id]) / ids.length], [0, 0]);
  ids.forEach((id) => dot(view, id, 6, colourOf("warm")));
  ids.forEach((id) => name(view, id, placed, { size: 15, must: true, from: middle }));
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
    if (name(view, id, placed)) drawn++;
    if (drawn >= most || ++scanned >= SCANNED) break;
  }
  pen.globalAlpha = 1;
  return drawn;
}

// Write a token beside its point, on whichever side is free, for one that matters rather on the side away from `from`; a name
// that must stand stands.
function name(view, id, placed, { size = 12, must = false, more = "", from = null } = {}) {
  const text = short(chart.tokens[id]) + more;
  const weight = size > 12 ? 600 : 400;
  const boxes = boxesAround(view, id, widthOf(text, size, weight), size);
  if (from) boxes.sort((one, other) => farness(other, from) - farness(one, from));
  const box = (size > 12 ? boxes : boxes.slice(0, 1)).find((each) => isFree(view, each, placed)) ?? (must ? boxes[0] : null);
  if (!box) return false;
  placed.push(box);
  write(text, box.left + 3, box.top + 2 + size * 0.82, size, weight);
  return true;
}

function boxesAround(view, id, width, size) {
  const x = view.px(chart.x[id]), y = view.py(chart.y[id]);
  const away = size > 12 ? 11 : 6;
  const places = [[x + away, y - size / 2], [x - away - width, y - size / 2], [x - width / 2, y - away - size], [x - width / 2, y + away]];
  return places.map(([left, top]) => ({ id, left: left - 3, top: top - 2, right: left + width + 3, bottom: top + size + 3 }));
}

function isFree(view, box, placed) {
  if (box.left < view.left || box.right > view.left + view.width) return false;
  return !placed.some((other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
}

function farness(box, [x, y]) {
  return Math.hypot((box.left + box.right) / 2 - x, (box.top + box.bottom) / 2 - y);
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
