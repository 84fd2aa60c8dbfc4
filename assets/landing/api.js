// The page's only way to the server: three GraphQL documents and one function that sends them.
// A failure is an `ApiFailure` that says which kind it is; an answer with errors is never passed on as data.

const placeFields = `
  id slug name { value }
  city { slug }
  category { slug name { value } parent { slug name { value } parent { slug name { value } } } }
  location { latitude longitude }
  openingHours { state until nextChange }
  accessibility(profile: WHEELCHAIR) { verdict }`;

const citiesDocument = `query Cities {
  cities { slug name { value } location { latitude longitude } timeZone }
}`;

const placesDocument = `query Places(
  $where: PointOfInterestFilter, $near: NearInput, $first: Int, $after: String, $text: String!, $searching: Boolean!
) {
  pointsOfInterest(where: $where, near: $near, first: $first, after: $after) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges { distanceMeters node { ${placeFields} } }
  }
  search(text: $text, first: 50) @include(if: $searching) {
    edges { node {
      __typename
      ... on PointOfInterest { id }
      ... on City { slug cityName: name { value } }
      ... on Event { slug eventName: name { value } city { slug } }
      ... on Route { slug routeName: name { value } city { slug } }
    } }
  }
}`;

const placeDocument = `query Place($slug: String!) {
  pointOfInterest(by: { slug: $slug }) {
    ${placeFields}
    summary { value }
    hours: openingHours { raw }
    isAccessibleForFree attributionText
    provenance { source confidence }
  }
}`;

/** Why there is no answer: `network` (nothing came back) or `answer` (an HTTP or GraphQL error). */
export class ApiFailure extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

async function ask(query, variables, language, signal) {
  let response;
  try {
    response = await fetch("/graphql", {
      method: "POST",
      signal,
      headers: {
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json, application/json;q=0.9",
        "Accept-Language": language,
      },
      body: JSON.stringify({ query, variables }),
    });
  } catch (cause) {
    if (cause.name === "AbortError") throw cause;
    throw new ApiFailure("network", "");
  }
  const answer = await response.json().catch(() => null);
  const error = answer?.errors?.[0];
  if (error) {
    const code = error.extensions?.code;
    throw new ApiFailure("answer", code ? `${error.message} (${code})` : error.message);
  }
  if (!response.ok || !answer?.data) throw new ApiFailure("answer", `HTTP ${response.status}`);
  return answer.data;
}

/** All cities, with position (WGS84 degrees) and IANA time zone. */
export async function readCities(language, signal) {
  return (await ask(citiesDocument, {}, language, signal)).cities;
}

/** One page of places: `{places, total, after, found}`; `found` holds the search's own ranking on the first page. */
export async function readPlaces({ where, near, text }, after, language, signal) {
  const searching = Boolean(text) && !after;
  const variables = { where, near, first: 100, after, text: text || "-", searching };
  const data = await ask(placesDocument, variables, language, signal);
  const { edges, totalCount, pageInfo } = data.pointsOfInterest;
  return {
    places: edges.map(({ node, distanceMeters }) => ({ ...node, distanceMeters })),
    total: totalCount,
    after: pageInfo.hasNextPage ? pageInfo.endCursor : null,
    found: data.search?.edges.map((edge) => edge.node) ?? [],
  };
}

/** One place with everything the card shows, or `null` when it does not exist. */
export async function readPlace(slug, language, signal) {
  return (await ask(placeDocument, { slug }, language, signal)).pointOfInterest;
}
