//! What is taken for an image and what is made of it.

use std::collections::BTreeSet;

use image::{DynamicImage, GenericImageView, Rgba};
use proptest::prelude::*;
use roteiro::media::intake::{Accepted, MAX_BYTES, derive, examine};
use roteiro::media::unfit::Unfit;

use super::pictures::{
    POSITION, chunk, corners, exif, extended, from_a_camera, image_chunk, jpeg, lossy_webp, png, png_that_says, png_with, profile, riff,
    webp, written,
};

fn take(bytes: &[u8]) -> Result<Accepted, Unfit> {
    derive(examine(bytes)?)
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn decoded(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(bytes).unwrap()
}

/// The pixels of a file as it stands there, without turning it.
fn same_pixels(one: &[u8], other: &[u8]) -> bool {
    decoded(one).to_rgba8() == decoded(other).to_rgba8()
}

/// The colours of the corners, clockwise from the upper left.
fn corner_names(picture: &DynamicImage) -> [char; 4] {
    let (right, bottom) = (picture.width() - 5, picture.height() - 5);
    [(4, 4), (right, 4), (right, bottom), (4, bottom)].map(|(x, y)| {
        let Rgba([red, green, blue, _]) = picture.get_pixel(x, y);
        match (red > 100, green > 100, blue > 100) {
            (true, false, false) => 'r',
            (false, true, false) => 'g',
            (false, false, true) => 'b',
            _ => '-',
        }
    })
}

#[test]
fn what_is_no_single_whole_image_of_ours_is_refused_with_its_reason() {
    let (jpeg, png, webp) = (jpeg(64, 48), png(64, 48), webp(64, 48));
    let behind = |image: &[u8], more: &[u8]| [image, more].concat();
    let zip = b"PK\x03\x04\x14\0\0\0\0\0 evil.class";
    let page = b"<!DOCTYPE html><script>alert(1)</script>";
    let svg = b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let (name, image) = image_chunk(&webp);
    let cut = |image: &[u8]| image[..image.len() / 2].to_vec();
    let grown = |image: &[u8]| {
        let mut image = image.to_vec();
        image.resize(MAX_BYTES + 1, 0);
        image
    };
    for (what, bytes, refused) in [
        ("an SVG with a script", svg.to_vec(), Unfit::Form("an SVG")),
        ("a GIF", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), Unfit::Form("a GIF")),
        ("a page", page.to_vec(), Unfit::Form("an HTML page")),
        ("a PDF", b"%PDF-1.7\n".to_vec(), Unfit::Form("a PDF")),
        ("a page that ends as a JPEG", behind(page, &jpeg), Unfit::Form("an HTML page")),
        ("nothing", Vec::new(), Unfit::Form("nothing")),
        ("a JPEG and a ZIP", behind(&jpeg, zip), Unfit::Trailing),
        ("a JPEG and a page", behind(&jpeg, page), Unfit::Trailing),
        ("a JPEG and a JPEG that was not announced", behind(&jpeg, &jpeg), Unfit::Trailing),
        ("a PNG and a page", behind(&png, page), Unfit::Trailing),
        ("a PNG and a ZIP", behind(&png, zip), Unfit::Trailing),
        ("a WebP and a page", behind(&webp, page), Unfit::Trailing),
        ("half a JPEG", cut(&jpeg), Unfit::Truncated),
        ("half a JPEG that says it is whole", behind(&cut(&jpeg), &[0xFF, 0xD9]), Unfit::Truncated),
        ("half a PNG", cut(&png), Unfit::Truncated),
        ("half a WebP", cut(&webp), Unfit::Truncated),
        ("a PNG of 50,000 × 50,000", png_that_says(50_000, 50_000), Unfit::Pixels { width: 50_000, height: 50_000 }),
        ("a PNG that is too wide", png_that_says(12_001, 10), Unfit::Pixels { width: 12_001, height: 10 }),
        ("a PNG of too many pixels", png_that_says(10_000, 5_001), Unfit::Pixels { width: 10_000, height: 5_001 }),
        ("too many bytes", grown(&jpeg), Unfit::Bytes),
        ("a PNG that moves", png_with(&png, &[chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0])]), Unfit::Animated),
        ("a WebP that moves", riff(&[(b"VP8X", &extended(2, 64, 48)), (b"ANIM", &[0; 6]), (name, image)]), Unfit::Animated),
        ("a PNG whose data says another checksum", [&png[..60], &[png[60] ^ 1], &png[61..]].concat(), Unfit::Broken),
        ("a PNG with a chunk nobody may pass over", png_with(&png, &[chunk(*b"EVIL", b"")]), Unfit::Broken),
        ("a WebP that says another size", riff(&[(b"VP8X", &extended(0, 640, 48)), (name, image)]), Unfit::Broken),
        ("a WebP of two images", riff(&[(name, image), (name, image)]), Unfit::Broken),
        ("a JPEG without an image", vec![0xFF, 0xD8, 0xFF, 0xD9], Unfit::Broken),
    ] {
        assert_eq!(take(&bytes).err(), Some(refused), "{what}");
    }
    // Said in the image's own words, not by what it is called: each of the three is taken.
    for image in [jpeg, png, webp, lossy_webp(64, 48)] {
        take(&image).unwrap();
    }
}

#[test]
fn a_png_that_says_more_than_it_holds_is_not_decoded() {
    assert!(matches!(take(&png_that_says(100, 100)), Err(Unfit::Truncated | Unfit::Broken)));
}

#[test]
fn nothing_of_what_a_camera_noted_is_kept_but_how_it_was_held_and_its_colours() {
    let text = |words: &str| chunk(*b"tEXt", format!("Comment\0{words}").as_bytes());
    let noted_png = png_with(&png(400, 300), &[chunk(*b"eXIf", &exif(6)), text("remark-NOTE"), chunk(*b"tIME", &[7; 7])]);
    let plain_webp = webp(400, 300);
    let (name, image) = image_chunk(&plain_webp);
    let noted_webp = riff(&[
        (b"VP8X", &extended(0x2C, 400, 300)),
        (b"ICCP", &profile()),
        (name, image),
        (b"EXIF", &exif(6)),
        (b"XMP ", b"<exif:GPSLatitude>15,35.937S</exif:GPSLatitude>NOTE"),
    ]);
    for (what, sent) in [("JPEG", from_a_camera(400, 300, 6)), ("PNG", noted_png), ("WebP", noted_webp)] {
        assert!(holds(&sent, &POSITION) && holds(&sent, b"NOTE"), "{what}: the test looks for what was there");
        let accepted = take(&sent).unwrap();
        for (_, object) in &accepted.objects {
            for secret in [&POSITION[..], b"NOTE", b"GPSLatitude", b"xmp", b"8BIM", b"tEXt"] {
                assert!(!holds(object, secret), "{what}: {} is kept", String::from_utf8_lossy(secret));
            }
        }
        let original = &accepted.objects[0].1;
        assert!(same_pixels(original, &sent), "{what}: not a pixel is changed");
        assert_eq!((accepted.width, accepted.height), (300, 400), "{what}: it is told as it is shown");
        // It is shown upright still, by whoever shows it.
        let again = take(original).unwrap();
        assert_eq!((again.digest, &again.kept), (accepted.digest, &accepted.kept), "{what}: taken again it is the same");
        if what != "PNG" {
            assert!(accepted.objects.iter().all(|(_, object)| holds(object, &profile())), "{what}: its colours are kept");
        }
    }
}

#[test]
fn what_cameras_leave_behind_the_image_is_left_out() {
    let image = jpeg(64, 48);
    let second = [&[0xFF, 0xE2, 0, 6][..], b"MPF\0"].concat();
    let announced = [&image[..2], &second, &image[2..], &jpeg(16, 16)].concat();
    let directory = [&image[..], b"video", b"SEFH", &[0; 8], &12_u32.to_le_bytes(), b"SEFT"].concat();
    let zeros = [&image[..], &[0; 9]].concat();
    let plain = take(&image).unwrap();
    for left in [announced, directory, zeros] {
        assert_eq!(take(&left).unwrap(), plain);
    }
}

#[test]
fn an_image_is_made_smaller_never_larger_and_stands_upright() {
    for (width, height, wanted) in [
        (2_000, 1_000, vec![(320, 160), (640, 320), (1_280, 640), (1_920, 960)]),
        (1_280, 720, vec![(320, 180), (640, 360), (1_280, 720)]),
        (319, 50, vec![]),
        (400, 3, vec![(320, 2)]),
    ] {
        let accepted = take(&jpeg(width, height)).unwrap();
        let sizes: Vec<_> = accepted.kept.variants.iter().map(|variant| (variant.width, variant.height)).collect();
        assert_eq!(sizes, wanted);
        for (variant, (digest, bytes)) in accepted.kept.variants.iter().zip(&accepted.objects[1..]) {
            assert_eq!(variant.digest, *digest);
            let picture = decoded(bytes);
            assert_eq!(picture.dimensions(), (variant.width, variant.height));
            assert_eq!(image::guess_format(bytes).unwrap(), image::ImageFormat::WebP);
        }
    }
    // The corners of EXIF's eight, as the standard draws them (CIPA DC-008, 4.6.4 A).
    for (orientation, corners) in [
        (1, ['r', 'g', 'b', '-']),
        (2, ['g', 'r', '-', 'b']),
        (3, ['b', '-', 'r', 'g']),
        (4, ['-', 'b', 'g', 'r']),
        (5, ['r', '-', 'b', 'g']),
        (6, ['-', 'r', 'g', 'b']),
        (7, ['b', 'g', 'r', '-']),
        (8, ['g', 'b', '-', 'r']),
    ] {
        let accepted = take(&from_a_camera(800, 600, orientation)).unwrap();
        let picture = decoded(&accepted.objects[1].1);
        assert_eq!(corner_names(&picture), corners, "orientation {orientation}");
        assert_eq!(picture.width() > picture.height(), orientation < 5);
    }
}

#[test]
fn every_depth_and_colour_of_the_forms_is_taken() {
    let picture = DynamicImage::from(corners(330, 40));
    let png = image::ImageFormat::Png;
    let see_through = {
        let mut picture = picture.to_rgba8();
        picture.pixels_mut().for_each(|pixel| pixel[3] = 128);
        DynamicImage::from(picture)
    };
    for image in [
        written(&picture.to_luma8().into(), png),
        written(&picture.to_luma16().into(), png),
        written(&picture.to_rgb16().into(), png),
        written(&picture.to_rgba16().into(), png),
        written(&see_through, png),
        written(&see_through, image::ImageFormat::WebP),
        written(&picture.to_luma8().into(), image::ImageFormat::Jpeg),
        lossy_webp(330, 40),
        include_bytes!("pictures/progressive.jpg").to_vec(),
        include_bytes!("pictures/restarts.jpg").to_vec(),
        include_bytes!("pictures/cmyk.jpg").to_vec(),
        include_bytes!("pictures/palette.png").to_vec(),
        include_bytes!("pictures/interlaced.png").to_vec(),
        include_bytes!("pictures/transparent.webp").to_vec(),
    ] {
        let accepted = take(&image).unwrap();
        assert_eq!((accepted.width, accepted.kept.variants.len()), (330, 1));
        assert!(accepted.kept.thumbhash.len() < 40);
        let is_see_through = |bytes: &[u8]| decoded(bytes).to_rgba8().pixels().any(|pixel| pixel[3] < 255);
        assert_eq!(is_see_through(&accepted.objects[1].1), is_see_through(&image));
    }
}

#[test]
fn the_same_bytes_give_the_same_objects() {
    for image in [jpeg(700, 500), png(700, 500), webp(700, 500)] {
        assert_eq!(take(&image).unwrap(), take(&image).unwrap());
    }
}

fn whole() -> Vec<Vec<u8>> {
    vec![
        jpeg(90, 70),
        png(90, 70),
        webp(90, 70),
        lossy_webp(90, 70),
        from_a_camera(90, 70, 6),
        include_bytes!("pictures/progressive.jpg").to_vec(),
        include_bytes!("pictures/restarts.jpg").to_vec(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..2_000), form in 0..4_usize) {
        let head: &[u8] = [&b""[..], b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"RIFF\x10\0\0\0WEBP"][form];
        prop_assert!(take(&[head, &bytes].concat()).is_err());
    }

    #[test]
    fn a_cut_image_is_refused_also_when_it_says_it_is_whole(which in 0..7_usize, at in any::<prop::sample::Index>(), ends: bool) {
        let image = whole().swap_remove(which);
        let mut cut = image[..at.index(image.len() - 2)].to_vec();
        if ends && image.starts_with(&[0xFF, 0xD8]) {
            cut.extend([0xFF, 0xD9]);
        }
        // A progressive image may end between scans, and is whole then, if less sharp.
        if which != 5 || !ends {
            prop_assert!(take(&cut).is_err());
        }
    }

    #[test]
    fn a_bent_image_is_refused_or_is_one_still(which in 0..7_usize, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut image = whole().swap_remove(which);
        for (at, byte) in changes {
            let at = at.index(image.len());
            image[at] = byte;
        }
        if let Ok(accepted) = take(&image) {
            let original = &accepted.objects[0].1;
            prop_assert!(image::load_from_memory(original).is_ok());
            // What is kept is taken again as it is.
            prop_assert_eq!(take(original).map(|again| again.digest), Ok(accepted.digest));
            let names: BTreeSet<_> = accepted.objects.iter().map(|(digest, _)| *digest).collect();
            prop_assert!(names.contains(&accepted.digest));
        }
    }
}
