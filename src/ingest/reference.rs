//! Reference data of the house into the store: the category tree and the municipalities, both from files bundled with
//! the binary, each of which names its source.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{category, category_text, municipality};
use serde::Deserialize;
use serde_json::Value;

use super::apply::IngestError;
use crate::domain::ids::RecordType;
use crate::store::Store;
use crate::store::write::{ChangeKind, NewChange};

const CATEGORIES: &str = include_str!("../../data/categories.json");
const MUNICIPALITIES: &str = include_str!("../../data/municipalities.geojson");

#[derive(Deserialize)]
struct CategoriesFile {
    categories: Vec<CategoryFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CategoryFile {
    slug: String,
    parent: Option<String>,
    position: i32,
    schema_org_type: String,
    osm_tags: Vec<String>,
    invtur_code: Option<String>,
    texts: BTreeMap<String, NameFile>,
}

#[derive(Deserialize)]
struct NameFile {
    name: String,
}

#[derive(Deserialize)]
struct MunicipalitiesFile {
    about: String,
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Option<Value>,
}

#[derive(Deserialize)]
struct Properties {
    ibge: i32,
    name: String,
    latitude: f64,
    longitude: f64,
    population: Option<i32>,
}

/// Writes the reference data into a store that has none yet.
pub async fn load(store: &Store, at: DateTime<Utc>) -> Result<(), IngestError> {
    let (nodes, names) = categories()?;
    let mut transaction = store.begin(at).await?;
    transaction.replace_categories(nodes, names).await?;
    transaction.save_municipalities(municipalities()?).await?;
    for record_type in [RecordType::Category, RecordType::Municipality] {
        transaction.note(NewChange { city: None, record_type, record: None, kind: ChangeKind::Upsert });
    }
    transaction.commit().await?;
    Ok(())
}

fn categories() -> Result<(Vec<category::Model>, Vec<category_text::Model>), IngestError> {
    let file: CategoriesFile = serde_json::from_str(CATEGORIES).map_err(|error| IngestError::bundled("categories.json", &error))?;
    let names = file.categories.iter().flat_map(|node| {
        node.texts.iter().map(|(language, text)| category_text::Model {
            category_slug: node.slug.clone(),
            language: language.clone(),
            name: text.name.clone(),
        })
    });
    let names = names.collect();
    let nodes = file.categories.into_iter().map(|node| category::Model {
        slug: node.slug,
        parent_slug: node.parent,
        position: node.position,
        schema_org_type: node.schema_org_type,
        osm_tags: node.osm_tags.into(),
        invtur_code: node.invtur_code,
    });
    Ok((nodes.collect(), names))
}

fn municipalities() -> Result<Vec<municipality::Model>, IngestError> {
    let file: MunicipalitiesFile =
        serde_json::from_str(MUNICIPALITIES).map_err(|error| IngestError::bundled("municipalities.geojson", &error))?;
    let rows = file.features.into_iter().map(|feature| municipality::Model {
        ibge: feature.properties.ibge,
        name: feature.properties.name,
        latitude: feature.properties.latitude,
        longitude: feature.properties.longitude,
        population: feature.properties.population,
        boundary: feature.geometry,
        source: file.about.clone(),
    });
    Ok(rows.collect())
}
