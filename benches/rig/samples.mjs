// What is asked about: positions and words of the places that are really in the store, drawn with a seed.

import { writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { settings } from "./settings.mjs";

const SAMPLES = 20_000;

// Mulberry32 (public domain): small, seeded, good enough to pick samples.
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function rows(store, sql) {
  const database = new DatabaseSync(store, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}

function draw(all, amount) {
  const next = random(settings.seed);
  return Array.from({ length: amount }, () => all[Math.floor(next() * all.length)]);
}

// Positions of random places; `amount` of them as objects.
export function centres(store, amount = SAMPLES) {
  return draw(rows(store, "select latitude, longitude from point_of_interest where withdrawn_at is null order by slug"), amount);
}

// The same as a file for load.lua.
export function centresFile(store) {
  const file = `${store}.centres.txt`;
  writeFileSync(file, centres(store).map(({ latitude, longitude }) => `${latitude} ${longitude}\n`).join(""));
  return file;
}

// Texts of two words of one name each, in any of its languages, as a file for load.lua.
export function textsFile(store) {
  const names = rows(store, "select name from point_of_interest_text order by point_of_interest_id, language");
  const next = random(settings.seed + 1);
  const texts = draw(names, SAMPLES * 2)
    .map(({ name }) => name.match(/\p{L}{3,}/gu) ?? [])
    .filter((words) => words.length >= 2)
    .slice(0, SAMPLES)
    .map((words) => {
      const first = Math.floor(next() * (words.length - 1));
      return `${words[first]} ${words[first + 1]}`;
    });
  if (texts.length === 0) throw new Error("no name in the store has two words");
  const file = `${store}.texts.txt`;
  writeFileSync(file, `${texts.join("\n")}\n`);
  return { file, distinct: new Set(texts).size, examples: texts.slice(0, 5) };
}
