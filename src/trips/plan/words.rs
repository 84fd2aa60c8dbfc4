//! The codes of a plan in words, in Portuguese, English or Spanish. Codes decide; words are for people.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::answer::{DropReason, Reason, Warning};
use crate::domain::ids::RecordId;
use crate::domain::text::Preferences;
use crate::trips::watch::{Issue, Trouble};

/// A language with words for plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// Brazilian Portuguese, also for whoever asked for none of the others.
    Portuguese,
    /// English.
    English,
    /// Spanish.
    Spanish,
}

impl Tongue {
    /// The first of the reader's languages that has words.
    pub fn of(preferences: &Preferences) -> Self {
        let known = |tag: &crate::domain::language::LanguageTag| match tag.as_str().split('-').next() {
            Some("pt") => Some(Self::Portuguese),
            Some("en") => Some(Self::English),
            Some("es") => Some(Self::Spanish),
            _ => None,
        };
        preferences.tags().iter().find_map(known).unwrap_or(Self::Portuguese)
    }

    /// Its BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// The words of this language.
    pub const fn pick<'a>(self, portuguese: &'a str, english: &'a str, spanish: &'a str) -> &'a str {
        match self {
            Self::Portuguese => portuguese,
            Self::English => english,
            Self::Spanish => spanish,
        }
    }

    fn date(self, date: NaiveDate) -> String {
        match self {
            Self::English => date.format("%-d %b %Y").to_string(),
            Self::Portuguese | Self::Spanish => date.format("%d/%m/%Y").to_string(),
        }
    }
}

/// Names as the reader reads them.
pub trait Names {
    /// Of a place or event.
    fn record(&self, id: RecordId) -> String;
    /// Of a category.
    fn category(&self, slug: &str) -> String;
}

/// A reason in words.
pub fn reason(reason: &Reason, tongue: Tongue, names: &dyn Names) -> String {
    match reason {
        Reason::MustSee => tongue.pick("Você não abre mão deste lugar.", "You insisted on it.", "Usted no quiere perdérselo.").to_owned(),
        Reason::MatchesInterest(slug) => {
            format!(
                "{}: {}.",
                tongue.pick("Combina com o que você gosta", "It is what you like", "Es de lo que le gusta"),
                names.category(slug)
            )
        }
        Reason::Lunch => tongue.pick("Parada para o almoço.", "A stop for lunch.", "Parada para almorzar.").to_owned(),
        Reason::OnCuratedRoutes(1) => tongue
            .pick(
                "Faz parte de um roteiro da secretaria de turismo.",
                "It is on a route of the tourism secretariat.",
                "Está en una ruta de la secretaría de turismo.",
            )
            .to_owned(),
        Reason::OnCuratedRoutes(count) => match tongue {
            Tongue::Portuguese => format!("Faz parte de {count} roteiros da secretaria de turismo."),
            Tongue::English => format!("It is on {count} routes of the tourism secretariat."),
            Tongue::Spanish => format!("Está en {count} rutas de la secretaría de turismo."),
        },
        Reason::TakesPlaceThen => {
            tongue.pick("Acontece justamente neste dia.", "It takes place on just that day.", "Ocurre justo ese día.").to_owned()
        }
        Reason::CloseToPrevious(metres) => match tongue {
            Tongue::Portuguese => format!("Fica a {metres} m da parada anterior."),
            Tongue::English => format!("It is {metres} m from the stop before."),
            Tongue::Spanish => format!("Queda a {metres} m de la parada anterior."),
        },
        Reason::FitsBest => tongue
            .pick(
                "É o que melhor cabe no tempo que havia.",
                "It fits best into the time there was.",
                "Es lo que mejor cabe en el tiempo que había.",
            )
            .to_owned(),
    }
}

/// Why something is not in the plan, in words.
pub fn dropped(reason: &DropReason, tongue: Tongue, names: &dyn Names) -> String {
    match reason {
        DropReason::ClosedAllDays => tongue
            .pick("Fechado em todos os dias da viagem.", "Closed on all days of the trip.", "Cerrado todos los días del viaje.")
            .to_owned(),
        DropReason::UnknownHours => tongue.pick("Horário desconhecido.", "Its hours are not known.", "No se conoce su horario.").to_owned(),
        DropReason::OutOfSeason => tongue.pick("Fora da temporada.", "Out of season.", "Fuera de temporada.").to_owned(),
        DropReason::FourWheelDriveRequired => {
            tongue.pick("Só se chega com tração 4x4.", "Reached by four-wheel drive only.", "Solo se llega con tracción 4x4.").to_owned()
        }
        DropReason::MinimumAge(years) => match tongue {
            Tongue::Portuguese => format!("A partir de {years} anos."),
            Tongue::English => format!("From {years} years of age."),
            Tongue::Spanish => format!("A partir de {years} años."),
        },
        DropReason::BookingTooLate(hours) => match tongue {
            Tongue::Portuguese => format!("É preciso reservar com {hours} horas de antecedência."),
            Tongue::English => format!("It must be booked {hours} hours ahead."),
            Tongue::Spanish => format!("Hay que reservar con {hours} horas de antelación."),
        },
        DropReason::NotAccessible => {
            tongue.pick("Não é acessível para vocês.", "It is not accessible for you.", "No es accesible para ustedes.").to_owned()
        }
        DropReason::AccessibilityUnknown => {
            tongue.pick("Não se sabe se é acessível.", "Nobody knows whether it is accessible.", "No se sabe si es accesible.").to_owned()
        }
        DropReason::TooFar => tongue
            .pick("O caminho é mais longo que o dia.", "The way is longer than the day.", "El camino es más largo que el día.")
            .to_owned(),
        DropReason::NotOpenWhenThere => tongue
            .pick(
                "Não está aberto quando se pode chegar.",
                "It is not open when one could be there.",
                "No está abierto cuando se puede llegar.",
            )
            .to_owned(),
        DropReason::OverWalking => {
            tongue.pick("Seria caminhar demais.", "It would be too much walking.", "Sería caminar demasiado.").to_owned()
        }
        DropReason::OverBudget => tongue.pick("Passa do orçamento.", "It is over the budget.", "Supera el presupuesto.").to_owned(),
        DropReason::ClashesWith(other) => {
            format!("{} {}.", tongue.pick("Não cabe junto com", "It does not fit beside", "No cabe junto con"), names.record(*other))
        }
        DropReason::EnoughOfItsKind(slug) => {
            format!("{}: {}.", tongue.pick("Já há o bastante", "There is enough already", "Ya hay suficiente"), names.category(slug))
        }
        DropReason::DayIsFull => tongue
            .pick("Os dias já têm paradas bastantes.", "The days have enough stops.", "Los días ya tienen bastantes paradas.")
            .to_owned(),
        DropReason::NoTime => tongue
            .pick(
                "Não sobra tempo entre as outras paradas.",
                "There is no time between the other stops.",
                "No queda tiempo entre las otras paradas.",
            )
            .to_owned(),
        DropReason::LessInterest => tongue
            .pick("O que está no roteiro interessa mais.", "What is planned is of more interest.", "Lo que está en el plan interesa más.")
            .to_owned(),
        DropReason::UnknownPosition => {
            tongue.pick("Não se sabe onde será.", "Nobody knows where it will be.", "No se sabe dónde será.").to_owned()
        }
    }
}

/// A warning in words.
pub fn warning(warning: &Warning, tongue: Tongue, names: &dyn Names) -> String {
    match warning {
        Warning::UnknownHours => tongue
            .pick(
                "Horário não confirmado: ligue antes de ir.",
                "Hours not confirmed: call before you go.",
                "Horario sin confirmar: llame antes de ir.",
            )
            .to_owned(),
        Warning::AssumedDuration(minutes) => match tongue {
            Tongue::Portuguese => format!("Duração suposta: {minutes} minutos."),
            Tongue::English => format!("Assumed to take {minutes} minutes."),
            Tongue::Spanish => format!("Duración supuesta: {minutes} minutos."),
        },
        Warning::GuideRequired => tongue.pick("É preciso ir com guia.", "A guide must come along.", "Hay que ir con guía.").to_owned(),
        Warning::VoucherOnly => tongue
            .pick("Só com voucher de agência local.", "Only with a voucher of a local agency.", "Solo con voucher de una agencia local.")
            .to_owned(),
        Warning::BookAhead(None) => tongue.pick("Reserve antes.", "Book ahead.", "Reserve antes.").to_owned(),
        Warning::BookAhead(Some(hours)) => dropped(&DropReason::BookingTooLate(*hours), tongue, names),
        Warning::LimitedCapacity(None) => {
            tongue.pick("Número limitado de visitantes.", "The number of visitors is limited.", "Número limitado de visitantes.").to_owned()
        }
        Warning::LimitedCapacity(Some(people)) => match tongue {
            Tongue::Portuguese => format!("No máximo {people} visitantes."),
            Tongue::English => format!("At most {people} visitors."),
            Tongue::Spanish => format!("Como máximo {people} visitantes."),
        },
        Warning::FourWheelDriveRequired => dropped(&DropReason::FourWheelDriveRequired, tongue, names),
        Warning::AccessibilityUnknown => dropped(&DropReason::AccessibilityUnknown, tongue, names),
        Warning::UnknownPrice => tongue
            .pick(
                "Preço desconhecido: não entrou no orçamento.",
                "Price not known: it is not in the budget.",
                "Precio desconocido: no está en el presupuesto.",
            )
            .to_owned(),
        Warning::MustSeeDropped(id) => {
            format!("{}: {}.", tongue.pick("Não coube no roteiro", "It could not be planned", "No se pudo incluir"), names.record(*id))
        }
        Warning::NoLunch(date) => {
            format!("{}: {}.", tongue.pick("Sem lugar para almoçar", "No place for lunch", "Sin lugar para almorzar"), tongue.date(*date))
        }
        Warning::TooFew(slug, date) => {
            let wanted = tongue.pick("Menos do que você pediu", "Less than you asked for", "Menos de lo que pidió");
            let date = date.map(|date| format!(" ({})", tongue.date(date))).unwrap_or_default();
            format!("{wanted}: {}{date}.", names.category(slug))
        }
        Warning::EstimatedTravel => tongue
            .pick(
                "Os tempos de viagem são estimados pela distância em linha reta.",
                "Travel times are estimated from straight lines.",
                "Los tiempos de viaje se estiman por la distancia en línea recta.",
            )
            .to_owned(),
        Warning::DayCannotBeTravelled(date) => {
            let words = tongue.pick(
                "Não dá para ir do início ao fim do dia no tempo que há e sem andar mais do que se quer",
                "The end of the day cannot be reached from its start in time and without walking more than wanted",
                "No se llega del inicio al final del día en el tiempo que hay y sin caminar más de lo deseado",
            );
            format!("{words}: {}.", tongue.date(*date))
        }
        Warning::EmptyDay(date) => {
            format!(
                "{}: {}.",
                tongue.pick("Nada coube neste dia", "Nothing fitted into that day", "Nada cupo en ese día"),
                tongue.date(*date)
            )
        }
        Warning::ManyCandidates(count) => match tongue {
            Tongue::Portuguese => format!("Só os {count} lugares mais interessantes foram considerados."),
            Tongue::English => format!("Only the {count} most interesting places were considered."),
            Tongue::Spanish => format!("Solo se consideraron los {count} lugares más interesantes."),
        },
    }
}

/// An issue of a saved trip in words; `zone` is that of its day.
pub fn issue(issue: &Issue, zone: Tz, tongue: Tongue, names: &dyn Names) -> String {
    let local = |instant: DateTime<Utc>| instant.with_timezone(&zone);
    let (start, end) = (local(issue.start), local(issue.end));
    let when = format!("{}, {}–{}", tongue.date(start.date_naive()), start.format("%H:%M"), end.format("%H:%M"));
    let what = match &issue.trouble {
        // Its name went with it.
        Trouble::Withdrawn => tongue.pick("Um lugar do roteiro", "A stop of the plan", "Un lugar del plan").to_owned(),
        _ => names.record(issue.subject.record()),
    };
    let trouble = match &issue.trouble {
        Trouble::Withdrawn => {
            tongue.pick("não está mais no catálogo", "is not in the catalogue any more", "ya no está en el catálogo").to_owned()
        }
        Trouble::Closed => tongue
            .pick("está fechado na hora da visita", "is closed at the time of the visit", "está cerrado a la hora de la visita")
            .to_owned(),
        Trouble::HoursUnconfirmed => tongue
            .pick(
                "não tem mais horário confirmado; ligue antes de ir",
                "has no confirmed hours any more; call before you go",
                "ya no tiene horario confirmado; llame antes de ir",
            )
            .to_owned(),
        Trouble::Cancelled => tongue.pick("foi cancelado", "was cancelled", "fue cancelado").to_owned(),
        Trouble::Postponed => {
            tongue.pick("foi adiado, sem nova data", "was postponed, without a new date", "fue aplazado, sin nueva fecha").to_owned()
        }
        Trouble::Rescheduled(None) => tongue
            .pick("não acontece mais nesta data", "does not take place on this date any more", "ya no ocurre en esta fecha")
            .to_owned(),
        Trouble::Rescheduled(Some(to)) => {
            let to = local(*to);
            let words = tongue.pick("mudou para", "was moved to", "pasó al");
            format!("{words} {}, {}", tongue.date(to.date_naive()), to.format("%H:%M"))
        }
        Trouble::Relocated(metres) => match tongue {
            Tongue::Portuguese => format!("fica agora a {metres} m de onde foi planejado"),
            Tongue::English => format!("lies now {metres} m from where it was planned"),
            Tongue::Spanish => format!("queda ahora a {metres} m de donde se planeó"),
        },
        Trouble::NotPossible(reason) => {
            let words = tongue.pick("não pode mais ser visitado", "cannot be visited any more", "ya no se puede visitar");
            return format!("{what} ({when}) {words}: {}", dropped(reason, tongue, names));
        }
    };
    format!("{what} ({when}) {trouble}.")
}
