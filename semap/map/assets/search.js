// A field that completes tokens: the combobox with a listbox of the ARIA Authoring Practices.
const OFFERED = 12;
let combos = 0;

function combobox(input, picked = null) {
  const list = make("ul", { id: `combo-${++combos}`, role: "listbox", "aria-label": "Tokens", hidden: true });
  const frame = make("span", { className: "combo" });
  input.replaceWith(frame);
  frame.append(input, list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
    autocomplete: "off", autocapitalize: "off", spellcheck: "false", dir: "auto",
  })) input.setAttribute(name, value);
  const combo = { input, list, ids: [], at: -1, picked };
  input.addEventListener("input", () => offer(combo));
  input.addEventListener("keydown", (event) => steer(combo, event));
  input.addEventListener("blur", () => shut(combo));
  // mousedown, not click: a click comes after the field has lost the focus and shut the list
  list.addEventListener("mousedown", (event) => { event.preventDefault(); take(combo, event.target.closest("li")); });
}

function offer(combo) {
  combo.ids = complete(combo.input.value, OFFERED);
  combo.at = -1;
  combo.list.replaceChildren(...combo.ids.map((id, at) => make("li",
    { id: `${combo.list.id}-${at}`, role: "option", "aria-selected": "false" },
    written(chart.tokens[id]), make("small", { textContent: chart.counts ? whole.format(chart.counts[id]) : "" }))));
  open(combo, combo.ids.length > 0);
  if (combo.input.value) say(combo.ids.length ? `${combo.ids.length} tokens offered` : "No token on the map begins so");
}

function open(combo, opened) {
  combo.list.hidden = !opened;
  combo.input.setAttribute("aria-expanded", String(opened));
  if (!opened) combo.input.removeAttribute("aria-activedescendant");
}

function shut(combo) {
  combo.at = -1;
  open(combo, false);
}

function steer(combo, event) {
  const n = combo.ids.length;
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !event.altKey) {
    event.preventDefault();
    if (combo.list.hidden) return offer(combo);
    if (n) mark(combo, combo.at < 0 ? (event.key === "ArrowDown" ? 0 : n - 1) : (combo.at + (event.key === "ArrowDown" ? 1 : n - 1)) % n);
  } else if (event.key === "Enter") {
    if (combo.at < 0) return shut(combo); // the form is asked, with what stands in the field
    event.preventDefault();
    take(combo, combo.list.children[combo.at]);
  } else if (event.key === "Escape") {
    if (combo.list.hidden) combo.input.value = "";
    shut(combo);
  }
}

function mark(combo, at) {
  combo.at = at;
  [...combo.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
  combo.list.children[at].scrollIntoView({ block: "nearest" });
  combo.input.setAttribute("aria-activedescendant", combo.list.children[at].id);
}

function take(combo, option) {
  if (!option) return;
  const token = chart.tokens[combo.ids[[...combo.list.children].indexOf(option)]];
  combo.input.value = token;
  shut(combo);
  combo.picked?.(token);
}
