// The few words for elements; text always enters as text, never as HTML.
function byId(id) {
  return document.getElementById(id);
}

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

// <bdi> keeps a right-to-left token from turning the number beside it around.
function written(token) {
  return make("bdi", { dir: "auto", textContent: visible(token) });
}

// Control characters have no shape of their own; shown as their code they can be told apart. So are blanks where nothing else
// stands: a button that nobody sees has no name either.
function visible(token) {
  if (!token.trim()) return token ? Array.from(token, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("") : "(empty)";
  return token.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function say(text) {
  byId("status").textContent = text;
}

function show(message, suggestions = [], chosen = null) {
  const buttons = suggestions.map((token) => make("button", { type: "button", onclick: () => chosen(token) }, written(token)));
  byId("message").replaceChildren(...(message ? [message] : []), ...(buttons.length ? [make("br"), ...buttons] : []));
}

const whole = new Intl.NumberFormat("en");
const cosine = (score) => score.toFixed(3).replace("-0.000", "0.000");
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

// One line of an answer: a button that leads to the token, and how near it is as a number and a bar.
function answer(token, score, chosen) {
  const button = make("button", { type: "button", onclick: () => chosen(token) }, written(token));
  if (idOf(token) < 0) button.append(make("small", { textContent: "not on the map" }));
  if (score !== null) {
    button.append(make("span", { textContent: cosine(score) }));
    button.style.setProperty("--share", `${Math.max(0, Math.min(1, score)) * 100}%`);
  }
  return make("li", {}, button);
}
