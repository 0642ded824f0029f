//! QR codes as PNG pictures.

use garrison_kernel::errors;
use garrison_schema::ApiError;
use qrcode::{Color, EcLevel, QrCode};

/// Pixels of a module.
const SCALE: usize = 4;
/// White modules around the code. Source: ISO/IEC 18004, "quiet zone".
const MARGIN: usize = 4;

/// The QR code of a text, as a black and white PNG.
///
/// # Errors
/// The text is too long for a code.
pub(crate) fn png(text: &str) -> Result<Vec<u8>, ApiError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(errors::internal)?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = (width + 2 * MARGIN) * SCALE;
    let dark = |x: usize, y: usize| {
        let (column, row) = ((x / SCALE).checked_sub(MARGIN)?, (y / SCALE).checked_sub(MARGIN)?);
        if column >= width { None } else { modules.get(row * width + column).copied() }
    };
    let mut pixels = Vec::with_capacity(side * side);
    for y in 0..side {
        pixels.extend((0..side).map(|x| if dark(x, y) == Some(Color::Dark) { 0_u8 } else { 255 }));
    }
    let mut picture = Vec::new();
    let size = u32::try_from(side).map_err(errors::internal)?;
    let mut encoder = png::Encoder::new(&mut picture, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(errors::internal)?;
    writer.write_image_data(&pixels).map_err(errors::internal)?;
    writer.finish().map_err(errors::internal)?;
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_picture_of_the_code() {
        let picture = png("otpauth://totp/x?secret=MZXW6").unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(&picture));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let code = QrCode::with_error_correction_level("otpauth://totp/x?secret=MZXW6", EcLevel::M).unwrap();
        let side = (code.width() + 2 * MARGIN) * SCALE;
        assert_eq!((info.width, info.height), (side as u32, side as u32));
        // The corner of the quiet zone, and of the first finder pattern.
        assert_eq!(pixels[0], 255);
        assert_eq!(pixels[side * MARGIN * SCALE + MARGIN * SCALE], 0);
        assert!(png(&"x".repeat(5000)).is_err());
    }
}
