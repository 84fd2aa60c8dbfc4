//! Measuring on WGS84, written for the tests alone: Vincenty's inverse formula, even-odd ray casting, and a line cut into
//! short steps. It shares no code with the program.

/// Semi-major axis in metres and flattening of WGS84 (NIMA TR8350.2, tables 3.1 and 3.2).
const SEMI_MAJOR: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_223_563;

/// A position in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    pub latitude: f64,
    pub longitude: f64,
}

/// Metres between two positions (Vincenty 1975, "Direct and inverse solutions of geodesics on the ellipsoid", inverse formula).
pub fn distance(one: Spot, other: Spot) -> f64 {
    let semi_minor = SEMI_MAJOR * (1.0 - FLATTENING);
    let reduced = |spot: Spot| ((1.0 - FLATTENING) * spot.latitude.to_radians().tan()).atan().sin_cos();
    let ((sin_u1, cos_u1), (sin_u2, cos_u2)) = (reduced(one), reduced(other));
    let difference = (other.longitude - one.longitude).to_radians();
    let mut lambda = difference;
    let (mut sigma, mut sin_sigma, mut cos_sigma, mut cos2_alpha, mut cos_2sm) = (0.0, 0.0, 1.0, 1.0, 0.0);
    for _ in 0..200 {
        let (sin_lambda, cos_lambda) = lambda.sin_cos();
        sin_sigma = (cos_u2 * sin_lambda).hypot(cos_u1 * sin_u2 - sin_u1 * cos_u2 * cos_lambda);
        if sin_sigma == 0.0 {
            return 0.0;
        }
        cos_sigma = sin_u1 * sin_u2 + cos_u1 * cos_u2 * cos_lambda;
        sigma = f64::atan2(sin_sigma, cos_sigma);
        let sin_alpha = cos_u1 * cos_u2 * sin_lambda / sin_sigma;
        cos2_alpha = 1.0 - sin_alpha * sin_alpha;
        cos_2sm = if cos2_alpha == 0.0 { 0.0 } else { cos_sigma - 2.0 * sin_u1 * sin_u2 / cos2_alpha };
        let c = FLATTENING / 16.0 * cos2_alpha * (4.0 + FLATTENING * (4.0 - 3.0 * cos2_alpha));
        let last = lambda;
        lambda = difference
            + (1.0 - c) * FLATTENING * sin_alpha * (sigma + c * sin_sigma * (cos_2sm + c * cos_sigma * (2.0 * cos_2sm * cos_2sm - 1.0)));
        if (lambda - last).abs() < 1e-13 {
            break;
        }
    }
    let u2 = cos2_alpha * (SEMI_MAJOR * SEMI_MAJOR - semi_minor * semi_minor) / (semi_minor * semi_minor);
    let a = 1.0 + u2 / 16_384.0 * (4_096.0 + u2 * (-768.0 + u2 * (320.0 - 175.0 * u2)));
    let b = u2 / 1_024.0 * (256.0 + u2 * (-128.0 + u2 * (74.0 - 47.0 * u2)));
    let inner = cos_sigma * (2.0 * cos_2sm * cos_2sm - 1.0)
        - b / 6.0 * cos_2sm * (4.0 * sin_sigma * sin_sigma - 3.0) * (4.0 * cos_2sm * cos_2sm - 3.0);
    semi_minor * a * (sigma - b * sin_sigma * (cos_2sm + b / 4.0 * inner))
}

/// Rings of `[longitude, latitude]`; a point is inside when a ray from it crosses them an odd number of times.
pub fn inside(rings: &[Vec<[f64; 2]>], spot: Spot) -> bool {
    let crosses = |pair: &[[f64; 2]]| {
        let ([x1, y1], [x2, y2]) = (pair[0], pair[1]);
        (y1 > spot.latitude) != (y2 > spot.latitude) && spot.longitude < x1 + (spot.latitude - y1) / (y2 - y1) * (x2 - x1)
    };
    rings.iter().map(|ring| ring.windows(2).filter(|pair| crosses(pair)).count()).sum::<usize>() % 2 == 1
}

/// Earth-centred metres on the surface.
pub fn centred(spot: Spot) -> [f64; 3] {
    let e2 = FLATTENING * (2.0 - FLATTENING);
    let ((sin_b, cos_b), (sin_l, cos_l)) = (spot.latitude.to_radians().sin_cos(), spot.longitude.to_radians().sin_cos());
    let n = SEMI_MAJOR / (1.0 - e2 * sin_b * sin_b).sqrt();
    [n * cos_b * cos_l, n * cos_b * sin_l, n * (1.0 - e2) * sin_b]
}

/// Straight metres; up to 20 km they are within 1 cm of the geodesic.
pub fn straight(one: [f64; 3], other: [f64; 3]) -> f64 {
    ((one[0] - other[0]).powi(2) + (one[1] - other[1]).powi(2) + (one[2] - other[2]).powi(2)).sqrt()
}

/// A step of a line: where it is, earth-centred, and how far along, metres.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub at: [f64; 3],
    pub progress: f64,
}

/// The line through the points every 50 m or less, over the great ellipse, which leaves the geodesic by less than a metre in
/// 300 km.
pub fn steps(line: &[Spot]) -> Vec<Step> {
    let e2 = FLATTENING * (2.0 - FLATTENING);
    let mut steps = Vec::new();
    let mut progress = 0.0;
    for pair in line.windows(2) {
        let length = distance(pair[0], pair[1]);
        let (start, end) = (centred(pair[0]), centred(pair[1]));
        let count = (length / 50.0).ceil().max(1.0) as u32;
        for number in 0..=count {
            let ratio = f64::from(number) / f64::from(count);
            let [x, y, z]: [f64; 3] = std::array::from_fn(|axis| start[axis] + ratio * (end[axis] - start[axis]));
            let latitude = z.atan2((1.0 - e2) * x.hypot(y)).to_degrees();
            let spot = Spot { latitude, longitude: y.atan2(x).to_degrees() };
            steps.push(Step { at: centred(spot), progress: progress + ratio * length });
        }
        progress += length;
    }
    steps
}

/// Google's encoding with five decimals.
pub fn polyline(line: &[Spot]) -> String {
    let mut encoded = String::new();
    let (mut latitude, mut longitude) = (0, 0);
    for spot in line {
        let next = ((spot.latitude * 1e5).round() as i64, (spot.longitude * 1e5).round() as i64);
        for delta in [next.0 - latitude, next.1 - longitude] {
            let mut bits = if delta < 0 { !(delta << 1) } else { delta << 1 };
            while bits >= 0x20 {
                encoded.push(char::from((0x20 | (bits & 0x1f)) as u8 + 63));
                bits >>= 5;
            }
            encoded.push(char::from(bits as u8 + 63));
        }
        (latitude, longitude) = next;
    }
    encoded
}

#[test]
fn the_formula_gives_published_distances() {
    // GeographicLib `GeodSolve -i`, JFK to LHR; one degree of the meridian at the equator.
    let spot = |latitude, longitude| Spot { latitude, longitude };
    assert!((distance(spot(40.6, -73.8), spot(51.6, -0.5)) - 5_551_759.400).abs() < 0.01);
    assert!((distance(spot(0.0, 0.0), spot(1.0, 0.0)) - 110_574.389).abs() < 0.01);
    assert_eq!(polyline(&[spot(38.5, -120.2), spot(40.7, -120.95), spot(43.252, -126.453)]), "_p~iF~ps|U_ulLnnqC_mqNvxq`@");
}
