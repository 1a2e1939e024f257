// What the page carries: tokens and names as plain JSON, numbers as base64 of little-endian arrays.
const chart = readChart();
const spelled = { lower: null, ids: null }; // made at the first search: the first picture need not wait for it

function readChart() {
  const data = JSON.parse(byId("chart").textContent);
  data.x = new Float32Array(bytesOf(data.x));
  data.y = new Float32Array(bytesOf(data.y));
  if (data.neighbours) {
    data.neighbours = new Int32Array(bytesOf(data.neighbours));
    data.similarities = new Int16Array(bytesOf(data.similarities));
  }
  data.order = orderOf(data);
  return data;
}

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

// Numbers of tokens, those seen most often first: what labels and completion prefer.
function orderOf(data) {
  const order = Int32Array.from(data.tokens, (_, id) => id);
  return data.counts ? order.sort((a, b) => data.counts[b] - data.counts[a] || a - b) : order;
}

function idOf(token) {
  spelled.ids ??= new Map(chart.tokens.map((each, id) => [each, id]));
  return spelled.ids.get(token) ?? -1;
}

// Tokens that begin with the text, then those that contain it; a pass over 100,000 short strings takes a few milliseconds.
function complete(text, limit) {
  const sought = plain(text);
  if (!sought) return [];
  spelled.lower ??= chart.tokens.map(plain);
  const begin = [], inside = [];
  for (const id of chart.order) {
    const place = spelled.lower[id].indexOf(sought);
    if (place === 0) begin.push(id);
    else if (place > 0 && inside.length < limit) inside.push(id);
    if (begin.length >= limit) break;
  }
  const exact = idOf(text.trim());
  const found = [...begin, ...inside].filter((id) => id !== exact).slice(0, limit);
  return exact < 0 ? found : [exact, ...found].slice(0, limit);
}

function plain(text) {
  return text.trim().normalize("NFC").toLowerCase();
}

// Tokens to offer for one that is not here: those that share the longest beginning with it.
function alike(text, limit = 5) {
  const letters = Array.from(plain(text));
  for (let kept = letters.length; kept > 0; kept--) {
    const found = complete(letters.slice(0, kept).join(""), limit);
    if (found.length) return found.map((id) => chart.tokens[id]);
  }
  return [];
}

function neighboursOf(id) {
  if (!chart.neighbours) return [];
  const width = chart.neighbours.length / chart.tokens.length;
  const found = [];
  for (let at = id * width; at < (id + 1) * width; at++) {
    const other = chart.neighbours[at];
    if (other >= 0) found.push({ token: chart.tokens[other], id: other, score: chart.similarities[at] / 32767 });
  }
  return found;
}
