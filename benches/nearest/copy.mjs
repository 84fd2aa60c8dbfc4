// The same places, from Roteiro's SQLite store into PostgreSQL.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { BENCHES } from "../rig/settings.mjs";

// SQLite keeps UUIDs as 16 bytes, or as text where a driver chose so.
const uuid = (value) => (typeof value === "string" ? value : Buffer.from(value).toString("hex"));
// PostgreSQL's CSV: an unquoted empty field is null.
const field = (value) => (value === null ? "" : `"${String(value).replaceAll('"', '""')}"`);

const psqlArguments = (url) => ["-q", "-d", url, "-v", "ON_ERROR_STOP=1"];

function runFile(url, name) {
  execFileSync("psql", [...psqlArguments(url), "-f", join(BENCHES, "nearest", name)], { stdio: ["ignore", "ignore", "inherit"] });
}

async function copyRows(url, target, rows, shape) {
  const psql = spawn("psql", [...psqlArguments(url), "-c", `\\copy ${target} from stdin csv`], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(psql, "close");
  let count = 0;
  for (const row of rows) {
    count += 1;
    if (!psql.stdin.write(`${shape(row).map(field).join(",")}\n`)) await once(psql.stdin, "drain");
  }
  psql.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`psql could not copy into ${target}`);
  return count;
}

// Makes the tables, fills them and builds the index.
export async function copyPlaces(store, database) {
  runFile(database.url, "schema.sql");
  const source = new DatabaseSync(store, { readOnly: true });
  const places = await copyRows(
    database.url,
    "tourism_data.point_of_interest (id, slug, category_slug, latitude, longitude, opening_hours)",
    source.prepare("select * from point_of_interest where withdrawn_at is null").iterate(),
    (row) => [uuid(row.id), row.slug, row.category_slug, row.latitude, row.longitude, row.opening_hours],
  );
  const texts = await copyRows(
    database.url,
    "tourism_data.point_of_interest_text (point_of_interest_id, language, name, summary)",
    source
      .prepare(
        `select text.* from point_of_interest_text text
         join point_of_interest place on place.id = text.point_of_interest_id where place.withdrawn_at is null`,
      )
      .iterate(),
    (row) => [uuid(row.point_of_interest_id), row.language, row.name, row.summary],
  );
  source.close();
  runFile(database.url, "index.sql");
  return { places, texts };
}

// The plan PostgreSQL runs for the prepared statement; it must scan the GiST index in order of distance.
export async function plan(database, { latitude, longitude }) {
  const call = `tourism.nearest_places(${Number(latitude)}, ${Number(longitude)}, 5000, 20)`;
  const { rows } = await database.query(`explain (analyze, costs off, timing off, summary off) select * from ${call}`);
  const lines = rows.map((row) => row["QUERY PLAN"]);
  if (!lines.some((line) => line.includes("Index Scan using point_of_interest_location"))) {
    throw new Error(`PostgreSQL does not use the GiST index:\n${lines.join("\n")}`);
  }
  return lines;
}
