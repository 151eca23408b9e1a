//! What an image is, by its own first bytes: never by its name, nor by what the caller says.

use imagesize::{ImageType, blob_size, image_type};

/// The largest image: 25 MiB.
pub const LARGEST_BYTES: u64 = 25 * 1024 * 1024;
/// The most pixels an image may unfold to: a small file can name more than any phone has memory for.
pub const LARGEST_PIXELS: u64 = 100_000_000;
/// Its size must be told within so many bytes. Cameras put their previews and profiles before it.
pub(super) const HEAD_BYTES: usize = 1024 * 1024;

/// Why an image is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nothing in it.
    Empty,
    /// Larger than [`LARGEST_BYTES`].
    TooLarge,
    /// Another kind of file.
    NoImage,
    /// It is one, but not as its header says.
    Broken,
    /// More pixels than [`LARGEST_PIXELS`].
    TooManyPixels,
}

impl Refused {
    /// For the caller.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Empty => "the file is empty",
            Self::TooLarge => "the file is larger than 26214400 bytes",
            Self::NoImage => "the bytes are no JPEG, PNG or WebP",
            Self::Broken => "the image's header does not tell its size",
            Self::TooManyPixels => "the image has more than 100000000 pixels",
        }
    }
}

/// Looks at the first bytes of a file: its type, or none while they are too few to tell. `is_all` when none follow, or
/// no more will be looked at.
pub(super) fn look(head: &[u8], is_all: bool) -> Result<Option<&'static str>, Refused> {
    if head.is_empty() && is_all {
        return Err(Refused::Empty);
    }
    // What image_type looks at.
    if head.len() < 16 && !is_all {
        return Ok(None);
    }
    let content_type = match image_type(head) {
        Ok(ImageType::Jpeg) => "image/jpeg",
        Ok(ImageType::Png) => "image/png",
        Ok(ImageType::Webp) => "image/webp",
        Ok(_) | Err(_) => return Err(Refused::NoImage),
    };
    match blob_size(head) {
        Ok(size) => {
            let pixels = (size.width as u64).saturating_mul(size.height as u64);
            match pixels {
                0 => Err(Refused::Broken),
                1..=LARGEST_PIXELS => Ok(Some(content_type)),
                _ => Err(Refused::TooManyPixels),
            }
        }
        Err(_) if is_all => Err(Refused::Broken),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0]);
        bytes
    }

    fn jpeg(before: usize, width: u16, height: u16) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8];
        for _ in 0..before {
            bytes.extend([0xFF, 0xE1, 0xFF, 0xFF]);
            bytes.extend(vec![0; 0xFFFF - 2]);
        }
        bytes.extend([0xFF, 0xC0, 0, 17, 8]);
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        // The rest of the frame's header.
        bytes.extend([3; 12]);
        bytes
    }

    fn webp(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"RIFF\x00\x10\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00".to_vec();
        bytes.extend(&(width - 1).to_le_bytes()[..3]);
        bytes.extend(&(height - 1).to_le_bytes()[..3]);
        bytes
    }

    #[test]
    fn images_are_known_by_their_bytes_and_bombs_by_their_headers() {
        let cases = [
            (png(640, 480), Ok(Some("image/png"))),
            (jpeg(0, 640, 480), Ok(Some("image/jpeg"))),
            (jpeg(3, 640, 480), Ok(Some("image/jpeg"))),
            (webp(640, 480), Ok(Some("image/webp"))),
            (png(10_000, 10_000), Ok(Some("image/png"))),
            (png(10_001, 10_000), Err(Refused::TooManyPixels)),
            (png(30_000, 30_000), Err(Refused::TooManyPixels)),
            (jpeg(0, 30_000, 30_000), Err(Refused::TooManyPixels)),
            (webp(16_000_000, 16_000_000), Err(Refused::TooManyPixels)),
            (png(u32::MAX, u32::MAX), Err(Refused::TooManyPixels)),
            (png(0, 480), Err(Refused::Broken)),
            (png(640, 480)[..20].to_vec(), Err(Refused::Broken)),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(), Err(Refused::NoImage)),
            (b"GIF89a\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00".to_vec(), Err(Refused::NoImage)),
            (b"x".to_vec(), Err(Refused::NoImage)),
            (Vec::new(), Err(Refused::Empty)),
        ];
        for (bytes, expected) in cases {
            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(24)]).into_owned();
            assert_eq!(look(&bytes, true), expected, "{start:?}");
        }
    }

    proptest! {
        /// However the bytes are cut, waiting for more never ends in another answer than having them all.
        #[test]
        fn few_bytes_wait_for_more(image in prop_oneof![Just(png(64, 48)), Just(jpeg(1, 64, 48)), Just(webp(64, 48))],
                                   cut in 0_usize..70_000) {
            let cut = cut.min(image.len());
            let early = look(&image[..cut], false);
            prop_assert!(early == Ok(None) || early == look(&image, true), "{cut}: {early:?}");
        }

        #[test]
        fn nonsense_is_refused_and_breaks_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = look(&bytes, true);
            let mut masked = b"\xFF\xD8\xFF".to_vec();
            masked.extend(&bytes);
            let _ = look(&masked, true);
        }
    }
}
