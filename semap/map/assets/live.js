// Questions to the service that served this page, at its own origin. The key is kept in this closure and nowhere else.
const live = chart.live;
let key = "";
let keyAwaited = null;

async function ask(path, body = null) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  if (key) headers.Authorization = `Bearer ${key}`;
  const text = body && JSON.stringify({ model: chart.model || undefined, ...body });
  let response;
  try {
    response = await fetch(path, { method: body ? "POST" : "GET", headers, body: text, credentials: "omit" });
  } catch {
    throw new Error("The service does not answer. Is it still running?");
  }
  if (response.status === 401) {
    await askForKey(Boolean(key));
    return ask(path, body);
  }
  const answered = await response.json().catch(() => null);
  if (!response.ok) throw new Error(answered?.error?.message ?? `The service answered with status ${response.status}.`);
  return answered;
}

// All questions that were refused wait for one key.
function askForKey(again) {
  keyAwaited ??= new Promise((resolve) => {
    byId("key-form").hidden = false;
    byId("key").value = "";
    byId("key").focus();
    show(again ? "The service does not know this key." : "");
    say(again ? "The service does not know this key" : "The service asks for a key");
    byId("key-form").onsubmit = (event) => {
      event.preventDefault();
      key = byId("key").value;
      byId("key").value = "";
      byId("key-form").hidden = true;
      keyAwaited = null;
      resolve();
    };
  });
  return keyAwaited;
}

// Whether a form has not been asked again since: the answer to an older question may come after that to a newer one.
const turns = new Map();
function turnOf(form) {
  const mine = (turns.get(form) ?? 0) + 1;
  turns.set(form, mine);
  return () => turns.get(form) === mine;
}

// The message of the service, with the tokens that it suggests as buttons.
function refuse(failure, chosen) {
  const [before, after = ""] = failure.message.split("did you mean");
  const suggestions = [...after.matchAll(/'([^']+)'|"([^"]+)"/g)].map((found) => found[1] ?? found[2]);
  show(suggestions.length ? `${before.replace(/[;,\s]+$/, "")}. Did you mean` : failure.message, suggestions, chosen);
}

async function listModels() {
  const { data } = await ask("v1/models");
  if (data.length < 2) return;
  byId("model").replaceChildren(...data.map(({ id }) => make("option", { value: id, textContent: id, selected: id === chart.model })));
  byId("model-choice").hidden = false;
  byId("model").onchange = () => { location.search = `?model=${encodeURIComponent(byId("model").value)}`; };
}

async function askAnalogy(event) {
  event?.preventDefault();
  const current = turnOf("analogy");
  const [a, b, c] = ["a", "b", "c"].map((letter) => byId(`analogy-${letter}`).value.trim());
  byId("analogy-answers").replaceChildren();
  byId("analogy-note").textContent = "";
  show("");
  try {
    const { data } = await ask("v1/analogy", { a, b, c, k: 5 });
    if (!current()) return;
    byId("analogy-answers").replaceChildren(...data.map(({ token, score }) => answer(token, score, (d) => drawAnalogy(a, b, c, d))));
    if (data.length) drawAnalogy(a, b, c, data[0].token);
  } catch (failure) {
    if (current()) refuse(failure, choose);
  }
}

function drawAnalogy(a, b, c, d) {
  const missing = [a, b, c, d].filter((token) => idOf(token) < 0);
  byId("analogy-note").textContent = missing.length
    ? `Not drawn: ${missing.join(", ")} ${missing.length > 1 ? "are" : "is"} not on the map.`
    : `${a} is to ${b} as ${c} is to ${d}.`;
  pressLinks(-1);
  if (!missing.length) drawFigure([[idOf(a), idOf(b)], [idOf(c), idOf(d)]]);
  [...byId("analogy-answers").querySelectorAll("button")].forEach((button) => {
    button.setAttribute("aria-pressed", String(button.querySelector("bdi").textContent === visible(d)));
  });
}

async function askCosine(event) {
  event.preventDefault();
  const current = turnOf("cosine");
  const [a, b] = [byId("cosine-a").value.trim(), byId("cosine-b").value.trim()];
  byId("cosine-answer").replaceChildren();
  show("");
  try {
    const { score } = await ask("v1/similarity", { a, b });
    if (!current()) return;
    byId("cosine-answer").replaceChildren(written(a), " · ", written(b), " = ", make("strong", { textContent: cosine(score) }));
  } catch (failure) {
    if (current()) refuse(failure, choose);
  }
}

async function encode(event) {
  event.preventDefault();
  const current = turnOf("text");
  const text = byId("text").value;
  byId("text-answer").replaceChildren();
  byId("text-nearest").replaceChildren();
  show("");
  try {
    const [pieces, embedded] = await Promise.all([
      ask("v1/tokenize", { text }), ask("v1/embeddings", { input: text, encoding_format: "float" }),
    ]);
    if (!current()) return;
    const vector = embedded.data[0].embedding;
    showPieces(pieces, vector);
    const { data } = await ask("v1/similar", { vector, k: 10 });
    if (!current()) return;
    byId("text-nearest").replaceChildren(...data.map(({ token, score }) => answer(token, score, choose)));
    drawNear(data.map((each) => ({ ...each, id: idOf(each.token) })));
  } catch (failure) {
    if (current()) refuse(failure, choose);
  }
}

function showPieces(pieces, vector) {
  const norm = Math.hypot(...vector);
  const counted = `${whole.format(pieces.n_known)} known, ${whole.format(pieces.n_unknown)} unknown`;
  const words = pieces.data.map(({ text, id }) => {
    const piece = written(text);
    piece.className = id === null ? "piece unknown" : "piece";
    if (id === null) piece.append(make("span", { className: "unseen", textContent: " (unknown)" }));
    return piece;
  });
  const numbers = vector.slice(0, 8).map((value) => value.toFixed(3)).join(", ");
  byId("text-answer").replaceChildren(
    make("p", {}, ...words),
    make("p", { className: "quiet", textContent: `${counted} · ${vector.length} dimensions · norm ${norm.toFixed(3)}` }),
    make("p", {}, make("code", { textContent: `[${numbers}${vector.length > 8 ? ", …" : ""}]` })),
  );
}

function startLive() {
  byId("analogy-form").onsubmit = askAnalogy;
  byId("cosine-form").onsubmit = askCosine;
  byId("text-form").onsubmit = encode;
  listModels().catch((failure) => refuse(failure, choose));
}
