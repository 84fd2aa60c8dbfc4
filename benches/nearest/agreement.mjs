// Do both servers say the same? Twenty places each at random centres: the same places, texts and positions, distances
// within half a percent.

import { ask } from "../rig/process.mjs";

const CENTRES = 100;
// Relative; ours may take another radius of the earth than PostGIS.
// PostGraphile measures on a sphere here, which is faster; it is up to 0.56 % off the ellipsoid in the north of the state.
const TOLERANCE = 0.006;
const RADIUS_METERS = 5000;

const ROTEIRO = `query($lat: Latitude!, $lon: Longitude!) {
  pointsOfInterest(near: {latitude: $lat, longitude: $lon, radiusMeters: ${RADIUS_METERS}}, first: 20) {
    edges { distanceMeters node { slug name { value } category { slug } summary { value } location { latitude longitude } } }
  }
}`;
const POSTGRAPHILE = `query($lat: Float!, $lon: Float!) {
  nearestPlacesList(latitude: $lat, longitude: $lon, radiusMeters: ${RADIUS_METERS}, amount: 20) {
    distanceMeters slug name categorySlug summary latitude longitude
  }
}`;

const flat = ({ distanceMeters, node }) => ({
  distanceMeters,
  slug: node.slug,
  name: node.name.value,
  categorySlug: node.category.slug,
  summary: node.summary?.value ?? null,
  latitude: node.location.latitude,
  longitude: node.location.longitude,
});

const close = (one, other) => Math.abs(one - other) <= TOLERANCE * Math.max(one, other) + 0.05;

// What differs between the two answers to one centre, in words.
function differences(ours, theirs) {
  const found = [];
  const farthest = Math.max(0, ...[...ours, ...theirs].map((place) => place.distanceMeters));
  // A place just at the radius may be in one answer and not in the other.
  if (ours.length !== theirs.length && !close(farthest, RADIUS_METERS)) {
    found.push(`${ours.length} places against ${theirs.length}`);
  }
  const bySlug = new Map(theirs.map((place) => [place.slug, place]));
  for (const place of ours) {
    const same = bySlug.get(place.slug);
    // Two places as far as each other may change places at the end of the twenty.
    if (!same) {
      if (!close(place.distanceMeters, theirs.at(-1)?.distanceMeters ?? 0)) found.push(`${place.slug} is not in PostGraphile's answer`);
      continue;
    }
    if (!close(place.distanceMeters, same.distanceMeters)) found.push(`${place.slug}: ${place.distanceMeters} m against ${same.distanceMeters} m`);
    for (const key of ["name", "categorySlug", "summary"]) {
      if (place[key] !== same[key]) found.push(`${place.slug}: ${key} "${place[key]}" against "${same[key]}"`);
    }
    for (const key of ["latitude", "longitude"]) {
      if (Math.abs(place[key] - same[key]) > 1e-6) found.push(`${place.slug}: ${key} ${place[key]} against ${same[key]}`);
    }
  }
  return found;
}

// Asks both at each centre; throws when any answer differs.
export async function checkAgreement(roteiro, postgraphile, centres, say) {
  let places = 0;
  let inOrder = 0;
  const found = [];
  for (const { latitude, longitude } of centres.slice(0, CENTRES)) {
    // A hundred metres beside the place: at the place itself a distance of 0 would prove little.
    const variables = { lat: latitude + 0.0007, lon: longitude - 0.0006 };
    const ours = (await ask(roteiro, ROTEIRO, variables)).pointsOfInterest.edges.map(flat);
    const theirs = (await ask(postgraphile, POSTGRAPHILE, variables)).nearestPlacesList;
    places += ours.length;
    if (ours.map((place) => place.slug).join() === theirs.map((place) => place.slug).join()) inOrder += 1;
    found.push(...differences(ours, theirs));
  }
  if (found.length > 0) throw new Error(`the answers differ ${found.length} times, first:\n${found.slice(0, 5).join("\n")}`);
  say(
    `agreement: ${CENTRES} centres, ${places} places, the same with distances within ${TOLERANCE * 100} %; ` +
      `${inOrder} of ${CENTRES} in exactly the same order`,
  );
}
