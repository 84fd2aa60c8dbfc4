//! Codes of reasons, drops and warnings. Words beside them are for people.

use async_graphql::Enum;

use crate::trips::plan::answer;
use crate::trips::watch;

/// An enum of codes over one of the answer whose variants may carry more.
macro_rules! codes {
    ($(#[doc = $doc:literal])+ $name:ident of $source:path { $($(#[doc = $meaning:literal])+ $variant:ident,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[doc = $meaning])+ $variant,)+
        }

        impl From<&$source> for $name {
            fn from(source: &$source) -> Self {
                use $source as Source;
                match source {
                    $(Source::$variant { .. } => Self::$variant,)+
                }
            }
        }
    };
}

codes! {
    /// Why a stop was chosen.
    ReasonCode of answer::Reason {
        /// The visitor insisted.
        MustSee,
        /// It is of a category that was wished for.
        MatchesInterest,
        /// It is lunch.
        Lunch,
        /// Curated routes stop there.
        OnCuratedRoutes,
        /// It takes place on just that day.
        TakesPlaceThen,
        /// It is near the stop before.
        CloseToPrevious,
        /// It was among the best that fit.
        FitsBest,
    }
}

codes! {
    /// Why a candidate is not in the plan.
    DropCode of answer::DropReason {
        /// Closed on all days of the trip.
        ClosedAllDays,
        /// Nobody knows its hours, and such places were not wanted.
        UnknownHours,
        /// Not in season.
        OutOfSeason,
        /// Reached by four-wheel drive only.
        FourWheelDriveRequired,
        /// Somebody is too young.
        MinimumAge,
        /// Too late to book.
        BookingTooLate,
        /// Not accessible for one of the profiles.
        NotAccessible,
        /// Nobody knows whether it is accessible, and such places were not wanted.
        AccessibilityUnknown,
        /// The way is longer than the day.
        TooFar,
        /// Not open when one could be there.
        NotOpenWhenThere,
        /// More walking than wanted.
        OverWalking,
        /// More than the budget.
        OverBudget,
        /// It clashes with something insisted on.
        ClashesWith,
        /// Enough of its kind.
        EnoughOfItsKind,
        /// The day has its stops.
        DayIsFull,
        /// No time between what is planned.
        NoTime,
        /// Others are of more interest.
        LessInterest,
        /// The place of the event is not known.
        UnknownPosition,
    }
}

codes! {
    /// What to know of a plan or a stop.
    WarningCode of answer::Warning {
        /// Nobody knows the hours; daylight or 09:00 to 17:00 is assumed.
        UnknownHours,
        /// No source says how long a visit takes.
        AssumedDuration,
        /// A guide must come along.
        GuideRequired,
        /// Only with a voucher of a local agency.
        VoucherOnly,
        /// To be booked ahead.
        BookAhead,
        /// The number of visitors is limited.
        LimitedCapacity,
        /// Reached by four-wheel drive only.
        FourWheelDriveRequired,
        /// Nobody knows whether it is accessible.
        AccessibilityUnknown,
        /// No source says the price, so the budget does not hold it.
        UnknownPrice,
        /// Insisted on and not in the plan; `droppedCandidates` says why.
        MustSeeDropped,
        /// No lunch could be planned on that day.
        NoLunch,
        /// Less than asked for of a category.
        TooFew,
        /// Travel times come from straight lines.
        EstimatedTravel,
        /// The end of the day cannot be reached from its start in time.
        DayCannotBeTravelled,
        /// Nothing could be planned on that day.
        EmptyDay,
        /// Only the most interesting were considered.
        ManyCandidates,
    }
}

/// How sure a travel time is.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TravelConfidence {
    /// From the straight line, a detour factor and usual speeds.
    Estimated,
    /// Along streets, by a router.
    Routed,
}

impl From<crate::travel::Confidence> for TravelConfidence {
    fn from(confidence: crate::travel::Confidence) -> Self {
        match confidence {
            crate::travel::Confidence::Estimated => Self::Estimated,
            crate::travel::Confidence::Routed => Self::Routed,
        }
    }
}

codes! {
    /// What broke in a saved trip.
    TripIssueCode of watch::Trouble {
        /// It is not in the catalogue any more.
        Withdrawn,
        /// It is closed at some time of the visit.
        Closed,
        /// Its hours were known when the trip was planned and are not any more.
        HoursUnconfirmed,
        /// The event does not take place.
        Cancelled,
        /// The event takes place later; nobody knows when.
        Postponed,
        /// The event takes place at another time.
        Rescheduled,
        /// It lies elsewhere now, so that the ways to it are wrong.
        Relocated,
        /// It cannot be visited any more.
        NotPossible,
    }
}
