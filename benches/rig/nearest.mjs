// The question of the nearest benchmark, as Roteiro is asked it.

const asked = (where) => `query($lat: Latitude!, $lon: Longitude!) {
  pointsOfInterest(${where}near: {latitude: $lat, longitude: $lon, radiusMeters: 5000}, first: 20) {
    edges { distanceMeters node { id name { value } category { slug } summary { value } location { latitude longitude } } }
  }
}`;

export const NEAREST = asked("");
// A Monday afternoon in Cuiabá.
export const NEAREST_OPEN = asked('where: {openAt: "2026-11-23T15:00:00-04:00"}, ');
export const CENTRE = { lat: "@LAT@", lon: "@LON@" };
