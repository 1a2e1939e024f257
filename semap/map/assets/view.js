// The map as plotly draws it: points, axes, pan and zoom. Everything that changes often is painted above it (overlay.js):
// plotly would compute all of its points again. Until plotly has come to run, `early` says what is seen.
const plot = byId("plot");
const stage = byId("stage");
const titled = chart.axes[0] !== "" || chart.axes[1] !== "";
const webgl = canWebgl();
let groups = [];
let shown = new Uint8Array(chart.tokens.length).fill(1);
let early = { x: [-1, 1], y: [-1, 1] };
let flight = 0; // the number of the latest movement: an older one stops

// Where the graphics card is only simulated, WebGL is far slower than an image painted by hand (points.js);
// "#webgl" after the address draws with WebGL all the same.
function canWebgl() {
  const context = document.createElement("canvas").getContext("webgl");
  const drawn = context?.getExtension("ANGLE_instanced_arrays") && context.getExtension("EXT_blend_minmax");
  if (!drawn) return false;
  const told = context.getExtension("WEBGL_debug_renderer_info");
  const renderer = context.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : context.RENDERER);
  return location.hash === "#webgl" || !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(renderer);
}

function pointSize() {
  const n = chart.tokens.length;
  return n > 60000 ? 3 : n > 20000 ? 4 : n > 1000 ? 5 : 8;
}

function draw(range) {
  const traces = groups.map((group) => ({
    type: "scattergl", mode: "markers", hoverinfo: "skip", visible: group.hidden ? false : true,
    x: Float32Array.from(group.members, (id) => chart.x[id]), y: Float32Array.from(group.members, (id) => chart.y[id]),
    marker: { color: group.colour, size: pointSize(), opacity: chart.tokens.length > 3000 ? 0.55 : 0.8 },
  }));
  const none = [{ type: "scatter", mode: "markers", x: [], y: [], hoverinfo: "skip" }]; // axes without points
  const config = { displayModeBar: false, scrollZoom: true, doubleClick: false, showTips: false, showAxisDragHandles: false };
  return Plotly.react(plot, webgl ? traces : none, layoutOf(range), config);
}

function margins() {
  return titled ? { l: 66, r: 14, t: 14, b: 50 } : { l: 0, r: 0, t: 0, b: 0 };
}

function layoutOf(range) {
  const clear = "rgba(0,0,0,0)";
  return {
    margin: margins(), dragmode: "pan", hovermode: false, showlegend: false, paper_bgcolor: clear, plot_bgcolor: clear,
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: colourOf("quiet") },
    xaxis: axis(chart.axes[0], range.x), yaxis: axis(chart.axes[1], range.y),
  };
}

function axis(title, range) {
  return {
    range, title: { text: escaped(title), standoff: 8 }, showgrid: true, gridcolor: colourOf("grid"), showticklabels: titled, ticks: "",
    zeroline: titled, zerolinecolor: colourOf("quiet"), zerolinewidth: 1, automargin: false,
  };
}

// plotly reads titles as a kind of HTML.
function escaped(text) {
  return (text && visible(text)).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function rangesNow() {
  const layout = plot._fullLayout;
  return layout ? { x: [...layout.xaxis.range], y: [...layout.yaxis.range] } : early;
}

// Where the plot lies on the stage in pixels.
function boxNow() {
  const { xaxis, yaxis } = plot._fullLayout ?? {};
  if (xaxis) return { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length };
  const { l, r, t, b } = margins();
  return { left: l, top: t, width: stage.clientWidth - l - r, height: stage.clientHeight - t - b };
}

// That and what it spans, and the way from one to the other.
function viewNow() {
  const { x: [x0, x1], y: [y0, y1] } = rangesNow();
  const box = boxNow();
  const perX = box.width / (x1 - x0), perY = box.height / (y1 - y0);
  return {
    ...box, x0, x1, y0, y1, perX, perY,
    px: (x) => box.left + (x - x0) * perX, py: (y) => box.top + (y1 - y) * perY,
    x: (px) => x0 + (px - box.left) / perX, y: (py) => y1 - (py - box.top) / perY,
  };
}

function boundsOf(ids) {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const id of ids) {
    x0 = Math.min(x0, chart.x[id]); x1 = Math.max(x1, chart.x[id]);
    y0 = Math.min(y0, chart.y[id]); y1 = Math.max(y1, chart.y[id]);
  }
  return x0 <= x1 ? { x0, x1, y0, y1 } : { x0: -1, x1: 1, y0: -1, y1: 1 };
}

function home() {
  return framed(boundsOf(chart.order), titled ? 1.18 : 1.08, 0);
}

// Ranges that show a box with room around it, no less than `least` of the whole in either direction. Without a meaning of
// their own both axes have one scale, so that distances are what they look like; with one, each fills its side.
function framed(box, room, least) {
  const all = boundsOf(chart.order);
  const one = Math.max(all.x1 - all.x0, all.y1 - all.y0) || 1;
  let width = Math.max((box.x1 - box.x0) * room, ((all.x1 - all.x0) || one) * least) || one;
  let height = Math.max((box.y1 - box.y0) * room, ((all.y1 - all.y0) || one) * least) || one;
  if (!titled) {
    const unit = Math.max(width / stage.clientWidth, height / stage.clientHeight);
    [width, height] = [unit * stage.clientWidth, unit * stage.clientHeight];
  }
  const x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;
  return { x: [x - width / 2, x + width / 2], y: [y - height / 2, y + height / 2] };
}

function moveTo(range) {
  if (!plot._fullLayout) {
    early = range;
    return repaint();
  }
  return Plotly.relayout(plot, { "xaxis.range": range.x, "yaxis.range": range.y });
}

// Move there in a third of a second, or at once for those who asked for less motion.
function flyTo(range) {
  const mine = ++flight;
  const { x0, x1, y0, y1 } = viewNow();
  const begin = performance.now();
  const between = (a, b, part) => a + (b - a) * part;
  const step = () => {
    if (mine !== flight) return;
    const time = still() ? 1 : Math.min(1, (performance.now() - begin) / 330);
    const part = 1 - (1 - time) ** 3;
    moveTo({ x: [between(x0, range.x[0], part), between(x1, range.x[1], part)], y: [between(y0, range.y[0], part), between(y1, range.y[1], part)] });
    if (time < 1) requestAnimationFrame(step);
  };
  step();
}

// Zoom by a factor around a point of the plane, and move by a part of the view.
function zoomed(factor, x, y, view = viewNow()) {
  const at = (low, high, centre) => [centre + (low - centre) * factor, centre + (high - centre) * factor];
  return { x: at(view.x0, view.x1, x), y: at(view.y0, view.y1, y) };
}

function zoom(factor) {
  const { x0, x1, y0, y1 } = viewNow();
  flyTo(zoomed(factor, (x0 + x1) / 2, (y0 + y1) / 2));
}

function panned(right, up, view = viewNow()) {
  const dx = (view.x1 - view.x0) * right, dy = (view.y1 - view.y0) * up;
  return { x: [view.x0 + dx, view.x1 + dx], y: [view.y0 + dy, view.y1 + dy] };
}

function colourBy(name) {
  groups = groupsBy(name);
  shown.fill(1);
  showLegend();
  redraw();
}

function toggle(group) {
  group.hidden = !group.hidden;
  for (const id of group.members) shown[id] = group.hidden ? 0 : 1;
  redraw();
}

function redraw() {
  if (plot._fullLayout) draw(rangesNow());
  repaint();
}

function showLegend() {
  byId("legend").replaceChildren(...groups.map((group) => {
    const button = make("button", { type: "button", "aria-pressed": "true" }, make("i"), written(group.name),
      make("small", { className: "quiet", textContent: whole.format(group.members.length) }));
    button.style.setProperty("--swatch", group.colour);
    button.onclick = () => { toggle(group); button.setAttribute("aria-pressed", String(!group.hidden)); };
    return make("li", {}, button);
  }));
}
