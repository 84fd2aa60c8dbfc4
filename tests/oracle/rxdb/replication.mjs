// How an app keeps the catalogue in RxDB: its GraphQL replication pulls `changes`, and `catalogueChanged` wakes it.

import { replicateGraphQL } from "rxdb/plugins/replication-graphql";

const PAGE = "entries { kind id node { __typename id ... on PointOfInterest { slug name { value } } } } cursor hasMore resync { reason }";
const PULL = `query($after: Cursor, $first: Int) { changes(after: $after, first: $first) { ${PAGE} } }`;
const STREAM = `subscription { catalogueChanged { ${PAGE} } }`;

const document = ({ id, node }) =>
  ({ id, type: node?.__typename ?? "", slug: node?.slug ?? "", name: node?.name?.value ?? "", deleted: node === null });

export function replicate(collection, url, { batchSize = 500, onResync = () => {}, onPulled = () => {} } = {}) {
  // The checkpoint moves with pulls alone: what is streamed began later than where the last pull ended, and may leave a gap.
  let pulled;
  return replicateGraphQL({
    collection, replicationIdentifier: `roteiro ${url}`, url: { http: url, ws: url.replace("http", "ws") },
    deletedField: "deleted", live: true, retryTime: 200,
    pull: {
      batchSize,
      queryBuilder: (checkpoint, limit) => ({ query: PULL, variables: { after: checkpoint?.cursor ?? null, first: limit } }),
      streamQueryBuilder: () => ({ query: STREAM, variables: {} }),
      dataPath: "data.changes",
      responseModifier: (page, origin) => {
        if (page.resync) onResync(page.resync.reason);
        const documents = page.entries.map(document);
        if (origin === "stream") return pulled && documents.length > 0 ? { documents, checkpoint: pulled } : "RESYNC";
        onPulled(documents.length);
        pulled = { cursor: page.cursor };
        return { documents, checkpoint: pulled };
      },
    },
  });
}
