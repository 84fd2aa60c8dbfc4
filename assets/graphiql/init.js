'use strict';

const question = `# Around Chapada dos Guimarães, Monday 10:00: what is open, and can I get in with a wheelchair?
# Places whose hours nobody said come last; unknown is never open.
query Nearby {
  pointsOfInterest(
    near: { latitude: -15.46, longitude: -55.75, radiusMeters: 60000 }
    where: { openAt: "2026-11-23T10:00:00-04:00", openUnknown: LAST }
    first: 10
  ) {
    totalCount
    edges {
      distanceMeters
      node {
        name { value language }
        category { slug }
        openingHours(at: "2026-11-23T10:00:00-04:00") { state until raw verifiedAt }
        accessibility(profile: WHEELCHAIR) { verdict decidedBy }
        attributionText
      }
    }
  }
}
`;

// Subscriptions go over a WebSocket of the same address.
const socket = new URL('/graphql', location.href);
socket.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
const fetcher = GraphiQL.createFetcher({ url: '/graphql', subscriptionUrl: socket.href });
const root = ReactDOM.createRoot(document.getElementById('graphiql'));
root.render(React.createElement(GraphiQL, { fetcher, defaultQuery: question, shouldPersistHeaders: false }));
