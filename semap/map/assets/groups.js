// A way to colour in, groups of tokens out: {name, colour, members}. Each group is drawn in one colour at once, which is
// many times faster than a colour for each point. The colours can be told apart on light and on dark ground.
const HUES = [
  "#3b6fd4", "#d9622b", "#2f9e6e", "#c2417c", "#8a63d2", "#a9861b", "#1f9db5", "#d0454c",
  "#6d8f2e", "#7a7f8c", "#b65fc0", "#4a90a4", "#cc7a4a", "#5b5fd0", "#3f8f4f", "#a35a5a",
];
const RAMP = ["#5f5bd0", "#3f7fd6", "#2596ab", "#2f9e6e", "#86942a", "#cf8a24", "#d95f36", "#c9386a"];
const MANY = 16;

function groupsBy(name) {
  if (name === "cluster" && chart.clusters) return named(chart.clusters, chart.names);
  if (name === "frequency" && chart.counts) return byDecade(chart.counts);
  const values = chart.columns[name];
  if (!values) return [{ name: "All tokens", colour: HUES[0], members: Int32Array.from(chart.order).sort() }];
  return values.every((value) => value === null || typeof value === "number") ? byQuantile(values) : byValue(values);
}

function named(labels, names) {
  const groups = names.map((name, number) => ({ name, colour: shade(number), members: [] }));
  labels.forEach((label, id) => label >= 0 && groups[label].members.push(id));
  return groups.filter((group) => group.members.length);
}

// Past the last hue they come again, lighter and then darker.
function shade(number) {
  const hue = HUES[number % HUES.length];
  const turn = Math.floor(number / HUES.length) % 3;
  const part = (at) => {
    const value = parseInt(hue.slice(at, at + 2), 16);
    return Math.round([value, value + (255 - value) * 0.35, value * 0.7][turn]).toString(16).padStart(2, "0");
  };
  return `#${part(1)}${part(3)}${part(5)}`;
}

// Counts span many sizes, so a group is a power of ten.
function byDecade(counts) {
  const decade = (count) => Math.floor(Math.log10(Math.max(1, count)) + 1e-9);
  const decades = [...new Set(counts.map(decade))].sort((a, b) => a - b);
  const names = decades.map((d) => `${whole.format(10 ** d)} to ${whole.format(10 ** (d + 1) - 1)}`);
  const place = new Map(decades.map((d, at) => [d, at]));
  return ramped(counts.map((count) => place.get(decade(count))), names);
}

function byQuantile(values) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  const steps = Math.min(RAMP.length - 2, new Set(sorted).size);
  const edges = [...new Set(Array.from({ length: steps }, (_, i) => sorted[Math.floor((i * sorted.length) / steps)]))];
  const names = edges.map((edge, i) => (i + 1 < edges.length ? `${tidy(edge)} to under ${tidy(edges[i + 1])}` : `${tidy(edge)} or more`));
  const labels = values.map((value) => (value === null ? -1 : edges.findLastIndex((edge) => edge <= value)));
  return withNone(ramped(labels, names), labels);
}

function tidy(value) {
  return String(Number(value.toPrecision(4)));
}

function ramped(labels, names) {
  const groups = names.map((name, i) => {
    const at = names.length > 1 ? (i / (names.length - 1)) * (RAMP.length - 1) : 0;
    return { name, colour: RAMP[Math.round(at)], members: [] };
  });
  labels.forEach((label, id) => label >= 0 && groups[label].members.push(id));
  return groups;
}

// The values that most tokens have, each a group; the rest together.
function byValue(values) {
  const sizes = new Map();
  for (const value of values) if (value !== null) sizes.set(String(value), (sizes.get(String(value)) ?? 0) + 1);
  const sorted = [...sizes.keys()].sort((a, b) => sizes.get(b) - sizes.get(a) || (a < b ? -1 : 1));
  const kept = sorted.length > MANY ? sorted.slice(0, MANY - 1) : sorted;
  const place = new Map(kept.map((value, at) => [value, at]));
  const labels = values.map((value) => (value === null ? -1 : place.get(String(value)) ?? kept.length));
  const names = sorted.length > MANY ? [...kept, `${whole.format(sorted.length - kept.length)} other values`] : kept;
  return withNone(named(labels, names), labels);
}

function withNone(groups, labels) {
  const members = labels.flatMap((label, id) => (label < 0 ? [id] : []));
  return members.length ? [...groups, { name: "no value", colour: "#8b8f99", members }] : groups;
}
