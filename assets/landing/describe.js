// Turns the API's values into sentences: opening state, wheelchair verdict, distance, confidence.
// Each state has its own words and its own sign, so that colour only repeats what is already said.

import { say } from "./texts.js";

/** The sign and style of an opening state: a full, an empty and a broken circle. */
const openingSigns = { OPEN: ["●", "is-open"], CLOSED: ["○", "is-closed"], UNKNOWN: ["◌", "is-unknown"] };

/** Verdicts by what they mean for a visitor. */
const verdictKeys = { ACCESSIBLE: "accessYes", LIMITED: "accessLimited", NOT_ACCESSIBLE: "accessNo", UNKNOWN: "accessUnknown" };

/** `instant` (RFC 3339) as the clock on the wall of the place shows it; with the day when it is not today there. */
function wallClock(instant, timeZone, language) {
  const when = new Date(instant);
  const day = (date) => new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(date);
  const clock = { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const away = (when - Date.now()) / 86400000;
  if (day(when) === day(new Date())) return new Intl.DateTimeFormat(language, clock).format(when);
  if (away < 6) return new Intl.DateTimeFormat(language, { weekday: "short", ...clock }).format(when);
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "short", ...clock }).format(when);
}

/** `{sign, style, words}` of an opening state; an unheard-of state is shown as unknown, never as open. */
export function opening(hours, timeZone, language) {
  const state = hours?.state in openingSigns ? hours.state : "UNKNOWN";
  const [sign, style] = openingSigns[state];
  const change = state === "UNKNOWN" ? null : hours.until ?? hours.nextChange;
  const keys = { OPEN: ["open", "openUntil"], CLOSED: ["closed", "closedUntil"], UNKNOWN: ["unknownHours", "unknownHours"] }[state];
  const words = change
    ? say(language, keys[1], { time: wallClock(change, timeZone, language) })
    : say(language, keys[0]);
  return { sign, style, words };
}

/** The words of a wheelchair verdict; an unheard-of verdict is shown as unknown, never as accessible. */
export function wheelchair(accessibility, language) {
  return say(language, verdictKeys[accessibility?.verdict] ?? "accessUnknown");
}

/** A distance in metres as a visitor says it. */
export function distance(metres, language) {
  if (metres < 950) return `${Math.round(metres / 10) * 10} m`;
  const kilometres = metres / 1000;
  return `${kilometres.toLocaleString(language, { maximumFractionDigits: kilometres < 10 ? 1 : 0 })} km`;
}

/** The words of a confidence (`HIGH`, `MEDIUM`, `LOW`); anything else is shown as it came. */
export function confidence(value, language) {
  const key = { HIGH: "confidenceHigh", MEDIUM: "confidenceMedium", LOW: "confidenceLow" }[String(value).toUpperCase()];
  return `${say(language, "confidence")}: ${key ? say(language, key) : value}`;
}
