//! Made-up places with plausible names, hours and texts, so that growth can be measured. The same seed gives the same
//! places; they belong to the dataset `synth`, say so in their source, and are never mixed up with real ones.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::apply::{Importer, IngestError};
use super::{demo, rows};
use crate::catalogue::collation::fold;
use crate::domain::accessibility::{AccessibilityFeature, Availability, FeatureEvidence};
use crate::domain::boundary::Boundaries;
use crate::domain::city::City;
use crate::domain::geo::Position;
use crate::domain::ids::{RecordId, RecordType};
use crate::domain::language::LanguageTag;
use crate::domain::point_of_interest::PointOfInterestRecord;
use crate::domain::provenance::{Confidence, Provenance};
use crate::domain::rights::Rights;
use crate::domain::text::{Text, TextState};
use crate::store::Store;
use crate::store::write::{ChangeKind, NewChange};

/// Places a transaction.
const BATCH: usize = 5_000;

/// Category, and the word for it in Portuguese, English and Spanish.
const KINDS: [(&str, &str, &str, &str); 14] = [
    ("waterfall", "Cachoeira", "Waterfall", "Cascada"),
    ("viewpoint", "Mirante", "Viewpoint", "Mirador"),
    ("cave", "Caverna", "Cave", "Cueva"),
    ("trail", "Trilha", "Trail", "Sendero"),
    ("river", "Rio", "River", "Río"),
    ("bathing-place", "Balneário", "Bathing place", "Balneario"),
    ("park", "Parque", "Park", "Parque"),
    ("square", "Praça", "Square", "Plaza"),
    ("museum", "Museu", "Museum", "Museo"),
    ("church", "Igreja", "Church", "Iglesia"),
    ("monument", "Monumento", "Monument", "Monumento"),
    ("restaurant", "Restaurante", "Restaurant", "Restaurante"),
    ("bar", "Bar", "Bar", "Bar"),
    ("lodging", "Pousada", "Guest house", "Posada"),
];

/// Second words of names.
const NAMES: [&str; 48] = [
    "do Ipê",
    "do Jatobá",
    "da Aroeira",
    "do Buriti",
    "do Pequi",
    "da Mangaba",
    "do Tucano",
    "da Arara",
    "do Tuiuiú",
    "da Capivara",
    "da Onça",
    "do Lobo",
    "do Tamanduá",
    "da Garça",
    "do Jacaré",
    "da Lontra",
    "do Pacu",
    "do Dourado",
    "da Piranha",
    "do Pintado",
    "da Serra",
    "do Vale",
    "da Chapada",
    "do Cerrado",
    "do Pantanal",
    "da Mata",
    "do Planalto",
    "da Baixada",
    "da Pedra",
    "do Paredão",
    "da Lua",
    "do Sol",
    "das Estrelas",
    "do Amanhecer",
    "do Poente",
    "da Neblina",
    "do Sossego",
    "da Alegria",
    "da Saudade",
    "da Esperança",
    "da Paz",
    "do Encanto",
    "dos Pássaros",
    "das Borboletas",
    "dos Bandeirantes",
    "dos Tropeiros",
    "das Rendeiras",
    "dos Violeiros",
];

/// Third words, so that a hundred thousand names differ as real ones do.
const QUALITIES: [&str; 24] = [
    "",
    "",
    "",
    "",
    "Grande",
    "Pequena",
    "Velha",
    "Nova",
    "Alta",
    "Funda",
    "Azul",
    "Verde",
    "Branca",
    "Dourada",
    "Serena",
    "Bonita",
    "de Cima",
    "de Baixo",
    "do Norte",
    "do Sul",
    "Primeira",
    "Segunda",
    "Real",
    "Escondida",
];

/// Hours as places write them; an empty one is unknown.
const HOURS: [&str; 20] = [
    "",
    "",
    "",
    "",
    "",
    "24/7",
    "06:00-18:00",
    "Tu-Su 09:00-17:00",
    "Tu-Su 08:00-18:00; Mo off",
    "Mo-Fr 08:00-18:00; Sa 08:00-12:00",
    "Mo-Sa 11:00-14:30,18:00-23:00",
    "We-Su 18:00-02:00",
    "Mo-Su 06:00-22:00; PH off",
    "Fr-Su 08:00-17:00",
    "Jun-Aug 08:00-18:00",
    "Mo-Fr 08:00-17:00; PH off",
    "Tu-Fr 09:00-12:00,14:00-18:00; Sa,Su,PH 10:00-16:00",
    "sunrise-sunset",
    "Sa-Su 07:00-17:00",
    "Mo-Su 10:00-22:00",
];

/// Fills the store with so many places in its cities; the pilot cities are made when there are none.
pub async fn fill(store: &Store, places: u32, seed: u64, at: DateTime<Utc>) -> Result<(), IngestError> {
    if store.reference().await?.cities.is_empty() {
        let importer = Importer::new(store).await?;
        for (name, json) in demo::files() {
            let mut file = importer.check(name, json)?;
            (file.places, file.events, file.routes) = (Vec::new(), Vec::new(), Vec::new());
            importer.apply(file, at).await?;
        }
    }
    let cities = store.reference().await?.cities;
    let (boundaries, _) = Boundaries::build(store.boundaries().await?);
    let mut maker = Maker { random: StdRng::seed_from_u64(seed), seed, boundaries, provenance: provenance() };
    let mut number = 0;
    while number < places {
        let batch = (places - number).min(BATCH as u32);
        let records: Vec<_> = (number..number + batch).filter_map(|number| maker.place(number, &cities)).collect();
        let mut transaction = store.begin(at).await?;
        transaction.save_places(records.iter().map(|(record, city)| rows::place(record, *city)).collect()).await?;
        transaction.commit().await?;
        number += batch;
    }
    let mut transaction = store.begin(at).await?;
    for city in &cities {
        transaction.note(NewChange {
            city: Some(city.id),
            record_type: RecordType::PointOfInterest,
            record: None,
            kind: ChangeKind::Upsert,
        });
    }
    transaction.commit().await?;
    Ok(())
}

fn provenance() -> Provenance {
    Provenance {
        dataset: "synth".into(),
        source: "synthetic, made up by `roteiro synth`".into(),
        confidence: Confidence::Low,
        last_verified_on: None,
        same_as: Arc::new([]),
        rights: Rights { licence: "CC0-1.0".into(), credit: "Roteiro".into() },
    }
}

struct Maker {
    random: StdRng,
    seed: u64,
    boundaries: Boundaries,
    provenance: Provenance,
}

impl Maker {
    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.choose(&mut self.random).copied()
    }

    fn place(&mut self, number: u32, cities: &[City]) -> Option<(PointOfInterestRecord, RecordId)> {
        let city = cities.choose(&mut self.random)?;
        let (category, portuguese, english, spanish) = self.pick(&KINDS)?;
        let (name, quality) = (self.pick(&NAMES)?, self.pick(&QUALITIES)?);
        let (other, hours) = (self.pick(&NAMES)?, self.pick(&HOURS)?);
        let position = self.position(city)?;
        let title = format!("{portuguese} {name} {quality}").trim_end().to_owned();
        let slug: String = fold(&title).chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
        let minutes: u32 = self.random.random_range(2..40) * 5;
        let texts = [
            (
                "en",
                format!("{english} {name} {quality}"),
                format!("{english} {minutes} minutes from the centre, near {other}."),
                format!("A visit to this {} takes about {minutes} minutes.", english.to_lowercase()),
            ),
            (
                "es",
                format!("{spanish} {name} {quality}"),
                format!("{spanish} a {minutes} minutos del centro, cerca de {other}."),
                format!("La visita lleva unos {minutes} minutos."),
            ),
            (
                "pt-BR",
                title,
                format!("{portuguese} a {minutes} minutos do centro, perto {other}."),
                format!("A visita leva cerca de {minutes} minutos."),
            ),
        ];
        let texts = texts.into_iter().filter_map(|(tag, name, summary, description)| {
            let language = LanguageTag::parse(tag).ok()?;
            let state = TextState::default();
            Some(Text {
                language,
                state,
                name: name.trim_end().into(),
                summary: Some(summary.into()),
                description: Some(description.into()),
            })
        });
        let key = format!("{}/{number}", self.seed);
        let record = PointOfInterestRecord {
            id: RecordId::derive(RecordType::PointOfInterest, "synth", &key),
            slug: format!("{slug}-{}-{number}", self.seed).into(),
            category: category.into(),
            position,
            municipality: self.boundaries.locate(position),
            time_zone: None,
            texts: texts.collect(),
            opening_hours: (!hours.is_empty()).then(|| hours.into()),
            season: None,
            is_accessible_for_free: self.pick(&[None, Some(true), Some(false)])?,
            accessibility: self.accessibility(),
            particulars: None,
            provenance: self.provenance.clone(),
        };
        Some((record, city.id))
    }

    /// Three of four places stand in town, the rest up to some 60 km around.
    fn position(&mut self, city: &City) -> Option<Position> {
        let spread = if self.random.random_bool(0.75) { 0.04 } else { 0.5 };
        // The mean of three uniform numbers is dense in the middle, as towns are.
        let mut offset = || (0..3).map(|_| self.random.random_range(-1.0..1.0)).sum::<f64>() / 1.5 * spread;
        Position::new(city.position.latitude() + offset(), city.position.longitude() + offset()).ok()
    }

    fn accessibility(&mut self) -> Vec<FeatureEvidence> {
        if !self.random.random_bool(0.3) {
            return Vec::new();
        }
        let features = [AccessibilityFeature::StepFreeEntrance, AccessibilityFeature::StepFreePaths];
        let values = [Availability::Yes, Availability::Limited, Availability::No];
        let found = features.into_iter().filter_map(|feature| {
            let value = self.pick(&values)?;
            Some(FeatureEvidence { feature, value, evidence: None, source: None, verified_on: None })
        });
        found.collect()
    }
}
