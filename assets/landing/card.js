// The card of one place: first what the list already knows, then the details the API adds.
// It opens by the address (`#slug`), so the browser's back button closes it and a link leads to a place.

import { readPlace } from "./api.js";
import { confidence, distance, opening, wheelchair } from "./describe.js";
import { say } from "./texts.js";

const element = (id) => document.getElementById(id);

function fact(term, ...details) {
  const title = document.createElement("dt");
  title.textContent = term;
  const rows = details.filter(Boolean).map((detail) => {
    const row = document.createElement("dd");
    row.append(detail);
    return row;
  });
  return rows.length ? [title, ...rows] : [];
}

function openingLine(place, timeZone, language) {
  const state = opening(place.openingHours, timeZone, language);
  const line = document.createElement("strong");
  line.className = state.style;
  line.textContent = `${state.sign} ${state.words}`;
  return line;
}

function facts(place, timeZone, language) {
  const words = (key) => say(language, key);
  const { latitude, longitude } = place.location;
  const raw = place.hours?.raw;
  const free = place.isAccessibleForFree;
  const provenance = place.provenance;
  return [
    ...fact(words("hours"), openingLine(place, timeZone, language), raw && `${words("hoursRaw")}: ${raw}`),
    ...fact(words("access"), wheelchair(place.accessibility, language)),
    ...(typeof free === "boolean" ? fact(words("price"), words(free ? "free" : "paid")) : []),
    ...(typeof place.distanceMeters === "number" ? fact(words("distance"), distance(place.distanceMeters, language)) : []),
    ...fact(words("place"), `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`),
    ...(provenance ? fact(words("source"), provenance.source, provenance.confidence != null && confidence(provenance.confidence, language)) : []),
  ];
}

function fill(place, cityName, timeZone, language) {
  element("card-name").textContent = place.name.value;
  element("card-kicker").textContent = [place.category?.name.value, cityName].filter(Boolean).join(" · ");
  element("card-summary").textContent = place.summary?.value ?? "";
  element("card-attribution").textContent = place.attributionText ?? "";
  element("card-facts").replaceChildren(...facts(place, timeZone, language));
}

/** Shows `known` (a place of the list, or only `{slug}`) and then its details; `cityOf(slug)` gives `{name, timeZone}`. */
export async function openCard(known, cityOf, language, signal) {
  const failure = element("card-failure");
  failure.hidden = true;
  const show = (place) => {
    const city = cityOf(place.city.slug);
    fill(place, city?.name.value, city?.timeZone ?? "America/Cuiaba", language);
    element("card").hidden = false;
  };
  if (known.name) show(known);
  try {
    const place = await readPlace(known.slug, language, signal);
    if (!place) return null;
    show({ ...place, distanceMeters: known.distanceMeters });
    return place;
  } catch (cause) {
    if (cause.name === "AbortError") return null;
    failure.textContent = `${say(language, "failCard")} ${cause.message}`;
    failure.hidden = false;
    return known.name ? known : null;
  }
}

/** Hides the card. */
export function closeCard() {
  element("card").hidden = true;
}
