//! Enums of the contract, each the mirror of a domain enum. Those of the work on drafts are in `draft_enums`.

use async_graphql::Enum;

/// An enum of the contract over one of the domain, word for word.
macro_rules! mirror {
    ($(#[doc = $doc:literal])+ $name:ident of $domain:path { $($(#[doc = $meaning:literal])+ $variant:ident,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value { $(<$domain>::$variant => Self::$variant,)+ }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant,)+ }
            }
        }
    };
}

pub(super) use mirror;

mirror! {
    /// How the language of a text came about.
    TextOrigin of crate::domain::text::TextOrigin {
        /// The language asked for.
        Requested,
        /// The same language of another region or script.
        Related,
        /// Another language: there is no text in the one asked for.
        Fallback,
    }
}

mirror! {
    /// How far the words of a record in a language are.
    TextState of crate::domain::text::TextState {
        /// They say what the Portuguese original says; the original itself always does.
        UpToDate,
        /// The original was changed since.
        Outdated,
        /// A machine made them from the original as it is; nobody has read them yet.
        MachineTranslated,
        /// There are none.
        Missing,
    }
}

mirror! {
    /// What a record is.
    RecordType of crate::domain::ids::RecordType {
        /// A pilot destination.
        City,
        /// A place.
        PointOfInterest,
        /// An event.
        Event,
        /// A curated tour.
        Route,
        /// A node of the category tree.
        Category,
        /// A municipality.
        Municipality,
    }
}

mirror! {
    /// Whether a place is open.
    OpenState of crate::domain::opening_hours::OpenState {
        /// It is open.
        Open,
        /// It is closed.
        Closed,
        /// Nobody said, or not in a way that decides it. Never read this as open.
        Unknown,
    }
}

mirror! {
    /// What becomes of places of which the answer is unknown.
    UnknownPolicy of crate::catalogue::filter::UnknownPolicy {
        /// They are left out.
        Exclude,
        /// They count as fitting.
        Include,
        /// They come after all places that are known to fit.
        Last,
    }
}

mirror! {
    /// How places are ordered. Without it: PROGRESS with `alongRoute`, else DISTANCE with `near`, else RELEVANCE with `text`, else NAME.
    PointOfInterestOrder of crate::catalogue::places::PlaceOrder {
        /// Nearest first; needs `near`.
        Distance,
        /// By Portuguese name, accents and case aside.
        Name,
        /// Best fit to `where.text` first.
        Relevance,
        /// In the order one passes them along `where.alongRoute`.
        Progress,
    }
}

mirror! {
    /// Whom an accessibility verdict is for.
    AccessibilityProfile of crate::domain::accessibility::AccessibilityProfile {
        /// Uses a wheelchair.
        Wheelchair,
        /// Sees little or nothing.
        LowVision,
        /// Hears little or nothing.
        Deaf,
        /// Pushes a stroller.
        Stroller,
        /// Walks slowly and rests often.
        Elderly,
    }
}

mirror! {
    /// Something that helps or hinders a visitor.
    AccessibilityFeature of crate::domain::accessibility::AccessibilityFeature {
        /// One gets in without a step.
        StepFreeEntrance,
        /// One gets around without a step.
        StepFreePaths,
        /// Paths are even and firm.
        EvenSurface,
        /// There are ramps where there are level changes.
        Ramp,
        /// There is a lift.
        Lift,
        /// There is an accessible toilet.
        AccessibleToilet,
        /// There is reserved parking.
        AccessibleParking,
        /// An adapted wheelchair (off-road, amphibious) can be borrowed.
        AdaptedWheelchair,
        /// One gets into the water with help of equipment.
        WaterAccess,
        /// Tactile paving or guide cords.
        TactileGuidance,
        /// Texts in braille.
        Braille,
        /// Audio guide or audio description.
        AudioDescription,
        /// Staff or videos in sign language (Libras).
        SignLanguage,
        /// Places to sit and rest.
        Seating,
        /// Hours with less noise and light.
        QuietHours,
        /// Staff help on request.
        StaffAssistance,
    }
}

mirror! {
    /// What is known of a feature. A feature that is not listed is unknown.
    FeatureValue of crate::domain::accessibility::Availability {
        /// It is there.
        Yes,
        /// It is there in part.
        Limited,
        /// It is not there.
        No,
    }
}

mirror! {
    /// Whether a visitor of a profile can visit.
    Verdict of crate::domain::accessibility::Verdict {
        /// Every feature the profile needs is there.
        Accessible,
        /// Every feature the profile needs is there, one of them in part.
        Limited,
        /// Nobody looked at a feature the profile needs, and none is known to be missing. Never read this as accessible.
        Unknown,
        /// A feature the profile needs is missing.
        NotAccessible,
    }
}

mirror! {
    /// What an access rule demands.
    AccessRuleKind of crate::domain::access::AccessRuleKind {
        /// An accredited guide must come along.
        GuideRequired,
        /// Only with a voucher of a local agency.
        VoucherOnly,
        /// To be booked ahead, by `hoursAhead` when known.
        BookingAhead,
        /// At most `people` a day.
        DailyCapacity,
        /// At most `people` at the same time.
        SimultaneousCapacity,
        /// Reached by four-wheel drive only.
        FourWheelDriveRequired,
        /// From `years` of age.
        MinimumAge,
    }
}

mirror! {
    /// Whom a price is for.
    Audience of crate::domain::money::Audience {
        /// Anybody.
        General,
        /// Adults.
        Adult,
        /// Children.
        Child,
        /// Those with a right to a reduction (meia-entrada).
        Reduced,
        /// People living in the city.
        Resident,
        /// A group together.
        Group,
    }
}

mirror! {
    /// How sure a record is.
    Confidence of crate::domain::provenance::Confidence {
        /// Several sources agree, or an official one.
        High,
        /// One good source.
        Medium,
        /// One weak source.
        Low,
    }
}

mirror! {
    /// Status of an event (schema.org `eventStatus`).
    EventStatus of crate::domain::event::EventStatus {
        /// It takes place as announced.
        Scheduled,
        /// It does not take place.
        Cancelled,
        /// It takes place later, at a date not announced.
        Postponed,
        /// It was moved to the dates given; `previousStart` has the date before.
        Rescheduled,
        /// Its dates are to be announced.
        ToBeAnnounced,
    }
}

mirror! {
    /// What a route is about.
    RouteTheme of crate::domain::route::RouteTheme {
        /// Waterfalls, caves, views.
        Nature,
        /// Arts and museums.
        Culture,
        /// The past.
        History,
        /// Food.
        Gastronomy,
        /// Animals.
        Wildlife,
        /// With children.
        Family,
        /// Parks and city life.
        Urban,
        /// Effort and thrill.
        Adventure,
    }
}

mirror! {
    /// How one moves.
    TravelMode of crate::domain::route::TravelMode {
        /// On foot.
        Walk,
        /// By bicycle.
        Bicycle,
        /// By car.
        Car,
        /// By boat.
        Boat,
    }
}

mirror! {
    /// How hard a route is.
    Difficulty of crate::domain::route::Difficulty {
        /// For anybody.
        Easy,
        /// For those used to walking.
        Moderate,
        /// For the trained.
        Hard,
    }
}

#[expect(clippy::derivable_impls, reason = "the mirror's macro derives the same for every enum, and most have no default")]
impl Default for UnknownPolicy {
    fn default() -> Self {
        Self::Exclude
    }
}

/// What a search finds.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SearchType {
    /// Places.
    PointOfInterest,
    /// Events.
    Event,
    /// Curated routes.
    Route,
    /// Cities.
    City,
}

/// How far found records answer a search.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchQuality {
    /// They hold all words, as typed or alike.
    AllWords,
    /// Nothing holds all words; these hold the most.
    SomeWords,
    /// Nothing holds any word.
    Nothing,
}

/// What the length of a route rests on.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistanceBasis {
    /// Measured on the ground.
    Measured,
    /// The sum of straight lines between stops: the way is longer.
    StraightLine,
}
