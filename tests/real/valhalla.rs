//! Travel times of a real Valhalla over the streets of Porto Alegre.

use roteiro::domain::geo::Position;
use roteiro::travel::estimate::Estimate;
use roteiro::travel::valhalla::Valhalla;
use roteiro::travel::{Confidence, Travel, TravelMode, UNREACHABLE};

use crate::files;
use crate::support::valhalla::{Service, at};

/// The public market, the Redenção park and the Gasômetro.
fn points() -> [Position; 3] {
    [at(-30.0277, -51.2287), at(-30.0370, -51.2150), at(-30.0340, -51.2410)]
}

#[tokio::test(flavor = "multi_thread")]
async fn streets_are_longer_than_the_line_and_the_line_ends_where_it_should() {
    let service = Service::over("porto-alegre", &files::path("osm/porto-alegre.osm.pbf"));
    let valhalla = Valhalla::new(&service.address).unwrap();
    let points = points();
    for mode in [TravelMode::Walk, TravelMode::Bicycle, TravelMode::Car] {
        let matrix = valhalla.matrix(&points, mode).await.unwrap();
        assert_eq!(matrix.confidence, Confidence::Routed);
        for (from, one) in points.iter().enumerate() {
            for (to, other) in points.iter().enumerate().filter(|(to, _)| *to != from) {
                let (seconds, metres) = (matrix.seconds[from * 3 + to], matrix.metres[from * 3 + to]);
                let straight = one.distance_metres(*other);
                assert!(seconds != UNREACHABLE && f64::from(metres) > straight * 0.95 && f64::from(metres) < straight * 4.0, "{mode:?}");
                let way = valhalla.way(*one, *other, mode).await.unwrap();
                assert!(
                    (f64::from(way.metres) - f64::from(metres)).abs() <= f64::from(metres) * 0.05 + 20.0,
                    "{mode:?}: {} {metres}",
                    way.metres
                );
                assert!(way.line.len() > 5);
                assert!(way.line[0].distance_metres(*one) < 150.0 && way.line[way.line.len() - 1].distance_metres(*other) < 150.0);
            }
        }
    }
    let walking = valhalla.way(points[0], points[1], TravelMode::Walk).await.unwrap();
    let estimate = Estimate::bundled().unwrap().between(points[0], points[1], TravelMode::Walk).unwrap();
    let ratio = f64::from(estimate.0) / f64::from(walking.seconds);
    assert!((0.6..1.8).contains(&ratio), "the estimate is {ratio} times the routed time");
}
