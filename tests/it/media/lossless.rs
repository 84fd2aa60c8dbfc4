//! Lossless WebP as libwebp writes it, with all it can: transforms, caches, groups of codes. What is walked before it is decoded must be
//! walked right, or a good image is refused.

use image::{DynamicImage, GenericImageView, Rgba, RgbaImage};
use proptest::prelude::*;
use roteiro::media::intake::{derive, examine};
use webp::{Encoder, WebPConfig};

/// What a picture is made of: how many colours, how much chance among them, and whether it is transparent.
#[derive(Clone, Debug)]
struct Picture {
    size: (u32, u32),
    colours: u32,
    chance: u32,
    is_transparent: bool,
    seed: u32,
}

impl Picture {
    /// Areas of different kinds, so that groups of codes are worth their while.
    fn drawn(&self) -> RgbaImage {
        RgbaImage::from_fn(self.size.0, self.size.1, |x, y| {
            let mixed = (x ^ self.seed).wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA6B);
            let noise = (mixed ^ mixed >> 15).wrapping_mul(0x2C1B_3C6D) >> 20;
            let noise = if self.chance == 0 || (x / 32 + y / 32) % 3 == 0 { 0 } else { noise % self.chance };
            let colour = (x / 3 + y / 5 + noise) % self.colours;
            let shade = |factor: u32| (colour.wrapping_mul(factor) >> 2) as u8;
            Rgba([shade(37), shade(91), shade(151), if self.is_transparent { shade(11) } else { 255 }])
        })
    }
}

fn pictures() -> impl Strategy<Value = Picture> {
    let colours = prop_oneof![1_u32..=4, 5_u32..=16, 17_u32..=256, 257_u32..=4_000];
    ((1_u32..500, 1_u32..300), colours, 0_u32..300, any::<bool>(), any::<u32>())
        .prop_map(|(size, colours, chance, is_transparent, seed)| Picture { size, colours, chance, is_transparent, seed })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn whatever_libwebp_writes_is_taken_pixel_by_pixel(picture in pictures(), method in 0..=6, quality in 0..=100, is_lossless in prop::bool::weighted(0.7)) {
        let drawn = picture.drawn();
        let mut config = WebPConfig::new().unwrap();
        // With loss, what is transparent is compressed as all of an image without loss is.
        config.lossless = i32::from(is_lossless);
        (config.method, config.quality, config.exact) = (method, quality as f32, 1);
        let (width, height) = picture.size;
        let written = if picture.is_transparent || !is_lossless {
            Encoder::from_rgba(&drawn, width, height).encode_advanced(&config).unwrap().to_vec()
        } else {
            Encoder::from_rgb(&DynamicImage::from(drawn.clone()).to_rgb8(), width, height).encode_advanced(&config).unwrap().to_vec()
        };
        let accepted = derive(examine(&written).unwrap()).unwrap();
        let kept = image::load_from_memory(&accepted.objects[0].1).unwrap();
        prop_assert_eq!(kept.dimensions(), picture.size);
        if is_lossless {
            prop_assert!(kept.to_rgba8() == drawn);
        }
    }
}
