//! Words of ours around a trip, in the languages that have words.

use chrono::{Datelike, NaiveDate};

use crate::travel::TravelMode;
use crate::trips::plan::words::Tongue;

impl Tongue {
    /// The day as people write it: `sexta-feira, 11 de dezembro de 2026`.
    pub(super) fn long_date(self, date: NaiveDate) -> String {
        const DAYS: [[&str; 7]; 3] = [
            ["segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"],
            ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
            ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
        ];
        const MONTHS: [[&str; 12]; 3] = [
            ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"],
            ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
            ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
        ];
        let weekday = DAYS[self as usize][date.weekday().num_days_from_monday() as usize];
        let month = MONTHS[self as usize][date.month0() as usize];
        match self {
            Self::Portuguese | Self::Spanish => format!("{weekday}, {} de {month} de {}", date.day(), date.year()),
            Self::English => format!("{weekday}, {} {month} {}", date.day(), date.year()),
        }
    }

    /// How one moves.
    pub(super) fn mode(self, mode: TravelMode) -> &'static str {
        match mode {
            TravelMode::Walk => self.pick("a pé", "on foot", "a pie"),
            TravelMode::Bicycle => self.pick("de bicicleta", "by bicycle", "en bicicleta"),
            TravelMode::Car => self.pick("de carro", "by car", "en coche"),
            TravelMode::Boat => self.pick("de barco", "by boat", "en barco"),
        }
    }

    /// How far: metres below a kilometre, kilometres with one decimal below ten, whole ones above.
    pub(super) fn distance(self, metres: u32) -> String {
        if metres < 1_000 {
            return format!("{metres} m");
        }
        let kilometres = f64::from(metres) / 1_000.0;
        let number = if kilometres < 10.0 { format!("{kilometres:.1}") } else { format!("{kilometres:.0}") };
        format!("{} km", if self == Self::English { number } else { number.replace('.', ",") })
    }
}

/// How long, in hours and minutes, rounded up to the minute.
pub(super) fn duration(seconds: i64) -> String {
    let minutes = (seconds + 59) / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

/// Labels of the page and of descriptions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Labels {
    pub approximately: &'static str,
    pub calendar: &'static str,
    pub day: &'static str,
    pub end: &'static str,
    pub hours: &'static str,
    pub leave: &'static str,
    pub made: &'static str,
    pub map_track: &'static str,
    pub notices: &'static str,
    pub reasons: &'static str,
    pub sources: &'static str,
    pub start: &'static str,
    pub telephone: &'static str,
    pub to_home: &'static str,
    pub unknown_hours: &'static str,
    pub wait: &'static str,
    pub warnings: &'static str,
    pub website: &'static str,
    pub withdrawn: &'static str,
}

impl Labels {
    /// In this language.
    pub(super) fn of(tongue: Tongue) -> Self {
        let pick = |portuguese, english, spanish| tongue.pick(portuguese, english, spanish);
        Self {
            approximately: pick("cerca de", "about", "unos"),
            calendar: pick("Calendário", "Calendar", "Calendario"),
            day: pick("Dia", "Day", "Día"),
            end: pick("Fim do dia", "End of the day", "Fin del día"),
            hours: pick("Horário neste dia", "Hours on this day", "Horario este día"),
            leave: pick("Saída", "Leave", "Salida"),
            made: pick("Feito com Roteiro. Versão", "Made with Roteiro. Version", "Hecho con Roteiro. Versión"),
            map_track: pick("Para GPS", "For GPS", "Para GPS"),
            notices: pick("Mudou desde que o roteiro foi feito", "Changed since this plan was made", "Cambió desde que se hizo el plan"),
            reasons: pick("Por quê", "Why", "Por qué"),
            sources: pick("Fontes e créditos", "Sources and credits", "Fuentes y créditos"),
            start: pick("Início do dia", "Start of the day", "Inicio del día"),
            telephone: pick("Telefone", "Telephone", "Teléfono"),
            to_home: pick("até o fim do dia", "to the end of the day", "hasta el fin del día"),
            unknown_hours: pick("não confirmado", "not confirmed", "sin confirmar"),
            wait: pick("espera até abrir", "wait until it opens", "espera hasta que abra"),
            warnings: pick("Atenção", "Please note", "Atención"),
            website: pick("Site", "Website", "Sitio web"),
            withdrawn: pick("Lugar que saiu do catálogo", "A place no longer in the catalogue", "Lugar que ya no está en el catálogo"),
        }
    }
}
