// Puts the parts together; the last of the files.
function listColours() {
  const choices = chart.colours.length ? [...chart.colours, ""] : [""];
  byId("colour").replaceChildren(...choices.map((name) => make("option", { value: name, textContent: labelOf(name), selected: name === chart.colour })));
  byId("colour").onchange = () => colourBy(byId("colour").value);
}

function labelOf(name) {
  return new Map([["", "One colour"], ["cluster", "Cluster"], ["frequency", "Frequency"]]).get(name) ?? visible(name);
}

function useTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").setAttribute("aria-pressed", String(dark));
}

// The system's choice holds until the button is used.
function startTheme() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  let own = false;
  const use = (dark) => { useTheme(dark); if (plot._fullLayout) restyle(); };
  use(system.matches);
  system.addEventListener("change", () => own || use(system.matches));
  byId("theme").onclick = () => { own = true; use(document.documentElement.dataset.theme !== "dark"); };
}

function restyle() {
  const [grid, quiet] = [colourOf("grid"), colourOf("quiet")];
  Plotly.relayout(plot, {
    "font.color": quiet, "xaxis.gridcolor": grid, "yaxis.gridcolor": grid, "xaxis.zerolinecolor": quiet, "yaxis.zerolinecolor": quiet,
  }).then(repaint);
}

function startSearch() {
  combobox(byId("search"), (token) => choose(token));
  for (const input of document.querySelectorAll("aside input.token:not(#search)")) combobox(input);
  byId("search-form").onsubmit = (event) => {
    event.preventDefault();
    const text = byId("search").value.trim();
    const [first] = complete(text, 1);
    if (!text) return;
    if (idOf(text) >= 0 || live) choose(text);
    else if (first !== undefined && plain(chart.tokens[first]) === plain(text)) choose(chart.tokens[first]);
    else unknown(text);
  };
  byId("clear").onclick = () => { clearChoice(); byId("search").focus(); };
}

// Painting follows each movement; the list of tokens in view only its end.
function startPainting() {
  let timer = 0;
  for (const type of ["plotly_relayouting", "plotly_relayout", "plotly_afterplot"]) plot.on(type, repaint);
  plot.on("plotly_relayout", () => { clearTimeout(timer); timer = setTimeout(listInView, 150); });
  byId("in-view").addEventListener("toggle", listInView);
  let width = stage.clientWidth;
  new ResizeObserver(() => {
    if (!stage.clientWidth) return;
    const all = Math.abs(stage.clientWidth - width) > 40; // turned or much narrower: what was framed no longer fits
    width = stage.clientWidth;
    Plotly.Plots.resize(plot).then(() => (all ? moveTo(home()) : null)).then(repaint);
  }).observe(stage);
}

// plotly takes most of the time until the page is ready, so it runs once the map can be seen. Its text is one of the two
// scripts that the policy of the page lets run.
async function startPlotly() {
  await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  document.head.append(make("script", { textContent: byId("plotly").textContent }));
  await draw(early);
  startPainting();
  repaint();
}

async function start() {
  if (live) document.documentElement.dataset.live = "";
  startTheme();
  startSearch();
  listColours();
  listLinks();
  early = home();
  colourBy(byId("colour").value);
  listenToMap();
  if (chart.links.length) drawLinks(0, false);
  paint();
  byId("loading").remove();
  if (live) startLive();
  note("seen");
  await startPlotly();
  note("ready");
}

// Milliseconds since the page was asked for, for tests.
function note(name) {
  document.documentElement.dataset[name] = String(Math.round(performance.now()));
}

start().catch((failure) => {
  show(`The map could not be drawn: ${failure.message}`);
  throw failure;
});
