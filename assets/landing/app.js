// The landing page: reads the filters, asks the API, shows the same places on the map and in the list.
// One state object, one `load` that replaces what is under way, and small functions that show a part each.

import { readCities, readPlaces } from "./api.js";
import { closeCard, openCard } from "./card.js";
import { distance, opening, wheelchair } from "./describe.js";
import { PlaceMap } from "./map.js";
import { markCount, markElement, rootOf } from "./marks.js";
import { preferredLanguage, rememberLanguage, say } from "./texts.js";

const mostPlaces = 1000; // beyond this the visitor narrows the filters; a page is no place for a whole country
const rowsAtOnce = 60;
const element = (id) => document.getElementById(id);
const words = (key, values) => say(state.language, key, values);

const state = {
  language: preferredLanguage(),
  cities: [],
  places: [],
  found: [],
  roots: [],
  total: 0,
  rows: rowsAtOnce,
  visitor: null,
  chosen: null,
  under: null, // AbortController of the list being read
  underCard: null, // and of the card
};

const map = new PlaceMap(element("map"), (place) => { location.hash = place.slug; });

// Language.

function showLanguage() {
  document.documentElement.lang = state.language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = words(node.dataset.text);
  for (const node of document.querySelectorAll("[data-label]")) node.setAttribute("aria-label", words(node.dataset.label));
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = words(node.dataset.placeholder);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  }
}

// Reading.

function filters() {
  const [openNow, wheelchairOnly] = [element("open-now").checked, element("wheelchair").checked];
  const unknown = element("unknown").checked ? "INCLUDE" : "EXCLUDE";
  element("unknown-label").hidden = !openNow && !wheelchairOnly;
  const where = {};
  const typed = element("text").value.trim();
  const text = /[\p{L}\p{N}]/u.test(typed) ? typed : ""; // what holds no letter and no digit cannot be searched for
  if (text) where.text = text;
  if (element("city").value) where.city = [element("city").value];
  if (openNow) Object.assign(where, { openAt: new Date().toISOString(), openUnknown: unknown });
  if (wheelchairOnly) Object.assign(where, { accessibleFor: ["WHEELCHAIR"], accessibleUnknown: unknown });
  const near = state.visitor && { latitude: state.visitor.latitude, longitude: state.visitor.longitude };
  return { where, near, text };
}

/** Reads the list anew. `refit` moves the map to what was found; `withCities` also reads the cities (first time, new language). */
async function load({ refit = false, withCities = false } = {}) {
  state.under?.abort();
  const { signal } = (state.under = new AbortController());
  const asked = filters();
  element("status").textContent = words("loading");
  element("results").setAttribute("aria-busy", "true");
  try {
    if (withCities || !state.cities.length) {
      state.cities = await readCities(state.language, signal);
      showCities();
    }
    const places = [];
    let page = { after: null };
    do {
      page = await readPlaces(asked, page.after, state.language, signal);
      if (!places.length) Object.assign(state, { total: page.total, found: page.found, rows: rowsAtOnce });
      places.push(...page.places);
    } while (page.after && places.length < mostPlaces);
    state.places = asked.near ? places : asked.text ? ranked(places) : sightsFirst(places);
    element("failure").hidden = true;
    showAll(refit);
  } catch (cause) {
    if (cause.name === "AbortError") return;
    showFailure(cause);
  } finally {
    if (state.under?.signal === signal) element("results").removeAttribute("aria-busy");
  }
}

/** Found places in the order of the search, then the rest as they came. */
function ranked(places) {
  const rank = new Map(state.found.filter((node) => node.__typename === "PointOfInterest").map((node, index) => [node.id, index]));
  const at = (place) => rank.get(place.id) ?? Infinity;
  return [...places].sort((one, other) => (at(one) === at(other) ? 0 : at(one) - at(other)));
}

/** By name, but what one travels through comes after what one travels for. */
function sightsFirst(places) {
  const isOnTheWay = (place) => rootOf(place.category)?.slug === "transport";
  return [...places.filter((place) => !isOnTheWay(place)), ...places.filter(isOnTheWay)];
}

// Showing.

function showAll(refit) {
  assignMarks();
  showStatus();
  showOthers();
  showList();
  showLegend();
  showMap();
  if (refit) fitMap();
}

function showMap() {
  map.show({
    places: state.places,
    cities: state.cities.map((city) => ({ slug: city.slug, location: city.location, name: city.name.value })),
    visitor: state.visitor && { ...state.visitor, label: words("you") },
    chosen: state.chosen,
  });
}

function fitMap() {
  const nearest = state.visitor ? [state.visitor, ...state.places.slice(0, 5).map((place) => place.location)] : null;
  const found = state.places.map((place) => place.location);
  map.fit(nearest ?? (found.length ? found : state.cities.map((city) => city.location)));
}

/** Gives every category root a mark; roots once seen keep theirs, so that filtering does not repaint the map. */
function assignMarks() {
  const names = new Map(state.roots.map((root) => [root.slug, root]));
  for (const place of state.places) {
    const root = rootOf(place.category);
    const slug = root?.slug ?? "";
    names.set(slug, { slug, name: root?.name?.value ?? words("uncategorised"), mark: names.get(slug)?.mark });
  }
  const roots = [...names.values()];
  const fresh = roots.filter((root) => root.mark === undefined).sort((one, other) => (one.slug < other.slug ? -1 : 1));
  let next = roots.length - fresh.length;
  for (const root of fresh) root.mark = next++ % markCount;
  state.roots = roots;
  const marks = new Map(roots.map((root) => [root.slug, root.mark]));
  for (const place of state.places) {
    place.mark = marks.get(rootOf(place.category)?.slug ?? "");
    place.label = place.name.value;
  }
}

function showLegend() {
  element("legend").replaceChildren(...state.roots.map((root) => {
    const row = document.createElement("li");
    row.append(markElement(root.mark), ` ${root.name}`);
    return row;
  }));
}

function showCities() {
  const select = element("city");
  const chosen = select.value;
  const options = state.cities.map((city) => new Option(city.name.value, city.slug));
  options.sort((one, other) => one.text.localeCompare(other.text, state.language));
  select.replaceChildren(select.options[0], ...options);
  select.value = chosen;
}

function showStatus() {
  const count = state.places.length;
  const total = Math.max(state.total ?? count, count);
  let text = count === 1 ? words("countOne") : words("countMany", { count });
  if (total > count) text = words("countPart", { count, total: total.toLocaleString(state.language) });
  if (!count) text = words("none");
  element("status").textContent = state.visitor && count ? `${text}, ${words("byDistance")}` : text;
}

function showFailure(cause) {
  const network = cause.kind === "network";
  element("failure-title").textContent = words(network ? "failNetwork" : "failAnswer");
  element("failure-detail").textContent = network ? words("failNetworkDetail") : cause.message;
  element("failure").hidden = false;
  element("status").textContent = "";
}

/** Cities, events and routes the search found beside the places. */
function showOthers() {
  const rows = state.found.filter((node) => node.__typename !== "PointOfInterest").slice(0, 6).map((node) => {
    const row = document.createElement("li");
    if (node.__typename === "City") {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words("showCity", { name: node.cityName.value });
      button.addEventListener("click", () => {
        element("text").value = "";
        element("city").value = node.slug;
        load({ refit: true });
      });
      row.append(`${words("city")}: `, button);
    } else {
      const isEvent = node.__typename === "Event";
      const name = (isEvent ? node.eventName : node.routeName).value;
      row.append(`${words(isEvent ? "event" : "route")}: ${name} (${cityOf(node.city.slug)?.name.value ?? node.city.slug})`);
    }
    return row;
  });
  element("others").replaceChildren(...rows);
  element("others").hidden = !rows.length;
}

function showList() {
  element("list").replaceChildren(...state.places.slice(0, state.rows).map(listRow));
  element("more").hidden = state.places.length <= state.rows;
}

function listRow(place) {
  const city = cityOf(place.city.slug);
  const hours = opening(place.openingHours, city?.timeZone, state.language);
  const line = (className, ...parts) => {
    const span = document.createElement("span");
    span.className = className;
    span.append(...parts);
    return span;
  };
  const away = typeof place.distanceMeters === "number" && state.visitor ? distance(place.distanceMeters, state.language) : null;
  const access = place.accessibility.verdict !== "UNKNOWN" ? `${words("access")}: ${wheelchair(place.accessibility, state.language).toLowerCase()}` : null;
  const link = document.createElement("a");
  link.href = `#${place.slug}`;
  link.append(
    markElement(place.mark),
    line("row-name", place.name.value),
    line("row-where", [place.category?.name.value, city?.name.value, away].filter(Boolean).join(" · ")),
    line(`row-hours ${hours.style}`, `${hours.sign} ${hours.words}`),
  );
  if (access) link.append(line("row-access", access));
  const row = document.createElement("li");
  row.append(link);
  return row;
}

function showNotice(key) {
  element("notice").textContent = key ? words(key) : "";
  element("notice").hidden = !key;
}

function cityOf(slug) {
  return state.cities.find((city) => city.slug === slug);
}

// The card.

async function followAddress({ focus = true } = {}) {
  const slug = decodeURIComponent(location.hash.slice(1));
  const before = state.chosen;
  state.underCard?.abort();
  if (!/^[\p{L}\p{N}._-]+$/u.test(slug) || document.getElementById(slug)) {
    state.chosen = null;
    closeCard();
    showMap();
    const row = before && element("list").querySelector(`a[href="#${CSS.escape(before)}"]`);
    if (row && focus) row.focus({ preventScroll: true });
    return;
  }
  state.chosen = slug;
  const { signal } = (state.underCard = new AbortController());
  const known = state.places.find((place) => place.slug === slug);
  const reading = openCard(known ?? { slug }, cityOf, state.language, signal);
  showMap();
  // On a phone the card takes the lower half, and the map the upper one.
  if (matchMedia("(max-width: 51.99rem)").matches) element("map").scrollIntoView({ block: "start" });
  if (known) map.goTo(known.location);
  if (known && focus) element("card-name").focus();
  const place = await reading;
  if (signal.aborted) return;
  if (!place && !known) leaveCard();
  else if (!known) map.goTo(place.location);
}

function leaveCard() {
  history.pushState(null, "", location.pathname + location.search);
  followAddress();
}

// What the visitor does.

function toggleNear() {
  const button = element("near-me");
  const done = (visitor, notice) => {
    state.visitor = visitor;
    button.setAttribute("aria-pressed", String(Boolean(visitor)));
    button.disabled = false;
    showNotice(notice);
    if (!notice) load({ refit: true });
  };
  if (state.visitor) return done(null, null);
  if (!navigator.geolocation || !window.isSecureContext) return done(null, "locationUnavailable");
  button.disabled = true;
  showNotice("locating");
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => done({ latitude: coords.latitude, longitude: coords.longitude }, null),
    (error) => done(null, error.code === error.PERMISSION_DENIED ? "locationDenied" : "locationUnavailable"),
    { timeout: 15000, maximumAge: 60000 },
  );
}

let typing;
element("text").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => load({ refit: true }), 300);
});
element("filters").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  load({ refit: true });
});
for (const id of ["open-now", "wheelchair", "unknown"]) element(id).addEventListener("change", () => load());
element("city").addEventListener("change", () => load({ refit: true }));
element("near-me").addEventListener("click", toggleNear);
element("retry").addEventListener("click", () => load({ refit: true }));
element("more").addEventListener("click", () => { state.rows += rowsAtOnce; showList(); });
element("zoom-in").addEventListener("click", () => map.zoomBy(1));
element("zoom-out").addEventListener("click", () => map.zoomBy(-1));
element("zoom-all").addEventListener("click", fitMap);
element("card-close").addEventListener("click", leaveCard);
addEventListener("keydown", (event) => { if (event.key === "Escape" && state.chosen) leaveCard(); });
addEventListener("hashchange", () => followAddress());
for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", async () => {
    state.language = button.dataset.language;
    rememberLanguage(state.language);
    showLanguage();
    showNotice(null);
    await load({ withCities: true });
    if (state.chosen) followAddress({ focus: false });
  });
}

showLanguage();
load({ refit: true, withCities: true }).then(() => { if (location.hash) followAddress(); });
