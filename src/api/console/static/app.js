// The console works without this file. With it, filters and moments answer as they change: a form with data-live is
// sent to its own address with `X-Fragment: 1`, and the part that comes back takes the place of the old one.

const live = document.getElementById("live");
const said = document.body.dataset;

/** The address a form asks for; empty fields and the default order are left out. */
function addressOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value !== "" && !(name === "order" && value === "oldest")) query.append(name, value);
  }
  const text = query.toString();
  return form.action.split("?")[0] + (text ? "?" + text : "");
}

/** Puts the fetched part in the place of the old one; focus inside it is found again by id or address. */
function swap(form, html) {
  const target = document.querySelector(form.dataset.live);
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(form.dataset.live);
  if (!fresh) throw new Error("no part in the answer");
  const held = target.contains(document.activeElement) ? document.activeElement : null;
  const again = held && (held.id ? "#" + CSS.escape(held.id) : held.tagName === "A" && `a[href="${CSS.escape(held.getAttribute("href"))}"]`);
  target.replaceChildren(...fresh.childNodes);
  if (fresh.dataset.heading) document.querySelector("h1").textContent = fresh.dataset.heading;
  live.textContent = fresh.dataset.announce || "";
  const found = again && target.querySelector(again);
  if (found) found.focus({ preventScroll: true });
  showCopyButtons(target);
}

let asking = null;

/** Asks for the part at `address`; `how` is push, replace or none. A newer question ends the older one. */
async function ask(form, address, how) {
  if (asking) asking.abort();
  const own = (asking = new AbortController());
  const target = document.querySelector(form.dataset.live);
  target.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { "X-Fragment": "1" }, signal: own.signal });
    if (!answer.ok || new URL(answer.url).pathname !== new URL(address, location.href).pathname) {
      location.assign(answer.ok ? answer.url : address); // refused, or led elsewhere: the whole page says why
      return;
    }
    swap(form, await answer.text());
    if (how === "push") history.pushState(null, "", answer.url);
    if (how === "replace") history.replaceState(null, "", answer.url);
    if (answer.redirected) writeBack(form);
  } catch (fault) {
    if (fault.name !== "AbortError") offerAgain(form, address, how);
  } finally {
    if (asking === own) target.removeAttribute("aria-busy");
  }
}

/** The old content stays; a line says that the new one did not come, with a button to try again. */
function offerAgain(form, address, how) {
  live.textContent = said.failed + " ";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = said.again;
  button.addEventListener("click", () => ask(form, address, how));
  live.append(button);
}

/** Writes the address's values into the form: after going back, and after a date became a position. */
function writeBack(form) {
  const query = new URL(location.href).searchParams;
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden") continue;
    if (field.type === "checkbox") field.checked = query.get(field.name) === field.value;
    else field.value = query.get(field.name) || (field.tagName === "SELECT" ? field.options[0].value : "");
  }
  for (const slider of form.querySelectorAll("[data-drives]")) follow(slider);
}

/** Steps of a slider: what it writes into its box, and what it says of each. */
const values = (slider) => slider.dataset.values.split("|");
const says = (slider) => slider.dataset.says.split("|");

/** Moves a slider to what its box says. A box may hold what is no step: then the last step before it. */
function follow(slider) {
  const box = document.getElementById(slider.dataset.drives);
  const steps = values(slider);
  let at = steps.length - 1;
  if (box.value !== "") {
    const number = /^\d+$/.test(box.value);
    at = 0;
    steps.forEach((step, index) => {
      if (step !== "" && (number ? Number(step) <= Number(box.value) : step <= box.value)) at = index;
    });
  }
  slider.value = String(at);
  tell(slider, box.value);
}

function tell(slider, value) {
  const between = value && !values(slider).includes(value);
  const text = between ? (/^\d+$/.test(value) ? "#" + value : value) : says(slider)[Number(slider.value)];
  slider.setAttribute("aria-valuetext", text);
  document.querySelector(`output[data-of="${slider.dataset.drives}"]`).textContent = text;
}

function drive(slider) {
  const box = document.getElementById(slider.dataset.drives);
  box.value = values(slider)[Number(slider.value)];
  tell(slider, box.value);
}

function prepareSliders(form) {
  for (const shell of form.querySelectorAll(".slider")) shell.hidden = false;
  for (const slider of form.querySelectorAll("[data-drives]")) {
    slider.addEventListener("input", () => drive(slider));
    follow(slider);
  }
  for (const button of form.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => {
      const slider = form.querySelector(`[data-drives="${button.dataset.for}"]`);
      slider.value = String(Number(slider.value) + Number(button.dataset.step));
      drive(slider);
      ask(form, addressOf(form), "push");
    });
  }
}

function prepareForm(form) {
  let waiting = 0;
  let composing = false;
  const soon = (how, delay) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => ask(form, addressOf(form), how), delay);
  };
  form.addEventListener("compositionstart", () => { composing = true; });
  form.addEventListener("compositionend", () => { composing = false; soon("replace", 250); });
  form.addEventListener("input", (event) => {
    if (composing || event.target.dataset.drives === undefined && event.target.type !== "search") return;
    soon("replace", event.target.type === "range" ? 60 : 250);
  });
  form.addEventListener("change", (event) => {
    const slider = form.querySelector(`[data-drives="${CSS.escape(event.target.id || "-")}"]`);
    if (slider) follow(slider);
    soon("push", 0);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); soon("push", 0); });
  window.addEventListener("popstate", () => { writeBack(form); ask(form, location.href, "none"); });
  prepareSliders(form);
}

/** Copies by a hidden field: on plain http there is no navigator.clipboard. */
function copy(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

function showCopyButtons(inside) {
  for (const button of inside.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.dataset.copy;
  if (copy(text.startsWith("/") ? location.origin + text : text)) live.textContent = said.copied;
  button.focus();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  event.preventDefault();
  document.getElementById("find").focus();
});

// Language and size are the reader's: once chosen they stand in a cookie and leave the address.
const here = new URL(location.href);
if (here.searchParams.has("lang") || here.searchParams.has("size")) {
  here.searchParams.delete("lang");
  here.searchParams.delete("size");
  history.replaceState(null, "", here);
}

showCopyButtons(document);
for (const form of document.querySelectorAll("form[data-live]")) prepareForm(form);
