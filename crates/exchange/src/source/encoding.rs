//! How characters are written as bytes: finding it out, and reading them as UTF-8.

use serde::Deserialize;
use std::io::{self, Read};

/// How the characters of a file are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, the low byte first.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, the high byte first.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Windows-1252, of which Latin-1 is a part: what remains where a file is not UTF-8.
    #[serde(rename = "windows-1252", alias = "latin-1", alias = "iso-8859-1")]
    Windows1252,
}

/// What the bytes 0x80 to 0x9f are in Windows-1252; those without a character stay controls.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Finds out how a file is written: by its mark, by the zero bytes of UTF-16, by whether all of
/// it is UTF-8.
///
/// # Errors
/// What the file answers when it is read.
pub(super) fn detect(file: &mut impl Read) -> io::Result<Encoding> {
    let mut buffer = vec![0; 1 << 16];
    let mut held = 0;
    let mut first = true;
    loop {
        let got = fill(file, &mut buffer[held..])?;
        let end = held + got;
        if std::mem::take(&mut first) {
            match &buffer[..end] {
                [0xef, 0xbb, 0xbf, ..] => return Ok(Encoding::Utf8),
                [0xff, 0xfe, ..] => return Ok(Encoding::Utf16Le),
                [0xfe, 0xff, ..] => return Ok(Encoding::Utf16Be),
                sample => {
                    if let Some(found) = by_zeros(&sample[..sample.len().min(4096)]) {
                        return Ok(found);
                    }
                }
            }
        }
        match std::str::from_utf8(&buffer[..end]) {
            Ok(_) => held = 0,
            // A character cut off by the end of the buffer goes on in the next one.
            Err(error) if error.error_len().is_none() && got > 0 => {
                let valid = error.valid_up_to();
                buffer.copy_within(valid..end, 0);
                held = end - valid;
            }
            Err(_) => return Ok(Encoding::Windows1252),
        }
        if got == 0 {
            return Ok(Encoding::Utf8);
        }
    }
}

/// UTF-16 of mostly Western text has a zero in every other byte.
fn by_zeros(sample: &[u8]) -> Option<Encoding> {
    let zeros = |odd: usize| {
        sample.iter().enumerate().filter(|(at, byte)| at % 2 == odd && **byte == 0).count()
    };
    let (high_first, low_first) = (zeros(0), zeros(1));
    let many = sample.len() / 8;
    match () {
        () if sample.len() < 4 => None,
        () if low_first > many && high_first * 8 < low_first => Some(Encoding::Utf16Le),
        () if high_first > many && low_first * 8 < high_first => Some(Encoding::Utf16Be),
        () => None,
    }
}

/// Reads until the buffer is full or the file ends.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(got) => filled += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads a file as UTF-8 without a byte order mark. A byte that is no character becomes U+FFFD.
pub(super) struct Decoder<R> {
    inner: R,
    encoding: Encoding,
    /// Bytes of a character that goes on in what is read next.
    rest: Vec<u8>,
    text: String,
    given: usize,
    started: bool,
    ended: bool,
}

impl<R: Read> Decoder<R> {
    pub(super) fn new(inner: R, encoding: Encoding) -> Decoder<R> {
        let (rest, text) = (Vec::new(), String::new());
        Decoder { inner, encoding, rest, text, given: 0, started: false, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        let got = fill(&mut self.inner, &mut buffer)?;
        self.ended = got == 0;
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(&buffer[..got]);
        self.text.clear();
        self.given = 0;
        match self.encoding {
            Encoding::Windows1252 => self.text.extend(bytes.iter().map(|&byte| match byte {
                0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
                _ => char::from(byte),
            })),
            Encoding::Utf8 => self.utf8(bytes),
            Encoding::Utf16Le => self.utf16(&bytes, u16::from_le_bytes),
            Encoding::Utf16Be => self.utf16(&bytes, u16::from_be_bytes),
        }
        if !self.started && !self.text.is_empty() {
            self.started = true;
            self.given = if self.text.starts_with('\u{feff}') { 3 } else { 0 };
        }
        Ok(())
    }

    fn utf8(&mut self, mut bytes: Vec<u8>) {
        if let Err(error) = std::str::from_utf8(&bytes)
            && error.error_len().is_none()
            && !self.ended
        {
            self.rest = bytes.split_off(error.valid_up_to());
        }
        self.text.push_str(&String::from_utf8_lossy(&bytes));
    }

    fn utf16(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16) {
        let mut units: Vec<u16> =
            bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        let odd = &bytes[units.len() * 2..];
        let is_cut = units.last().is_some_and(|last| (0xd800..0xdc00).contains(last));
        if is_cut && !self.ended {
            units.pop();
        }
        self.rest = bytes[units.len() * 2..bytes.len() - odd.len()].to_vec();
        self.rest.extend_from_slice(odd);
        if self.ended {
            self.rest.clear();
        }
        self.text.push_str(&String::from_utf16_lossy(&units));
    }
}

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.ended {
            self.refill()?;
        }
        let ready = &self.text.as_bytes()[self.given..];
        let count = ready.len().min(out.len());
        out[..count].copy_from_slice(&ready[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_is_found_out_and_read_as_the_same_text() {
        let text = "name;city\nLuís;São 😀\n";
        let units: Vec<u16> = text.encode_utf16().collect();
        let le: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let be: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for (bytes, expected) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            (marked(&[0xef, 0xbb, 0xbf], text.as_bytes()), Encoding::Utf8),
            (le.clone(), Encoding::Utf16Le),
            (marked(&[0xff, 0xfe], &le), Encoding::Utf16Le),
            (be.clone(), Encoding::Utf16Be),
            (marked(&[0xfe, 0xff], &be), Encoding::Utf16Be),
        ] {
            let found = detect(&mut bytes.as_slice()).unwrap();
            assert_eq!(found, expected);
            let mut read = String::new();
            Decoder::new(bytes.as_slice(), found).read_to_string(&mut read).unwrap();
            assert_eq!(read, text, "{expected:?}");
        }
    }

    #[test]
    fn what_is_not_utf_8_is_windows_1252() {
        let bytes = b"M\xfcnster \x80 12";
        assert_eq!(detect(&mut &bytes[..]).unwrap(), Encoding::Windows1252);
        let mut read = String::new();
        Decoder::new(&bytes[..], Encoding::Windows1252).read_to_string(&mut read).unwrap();
        assert_eq!(read, "Münster € 12");
    }

    #[test]
    fn a_character_that_spans_two_buffers_is_one_character() {
        let text = format!("{}é{}", "a".repeat((1 << 16) - 1), "😀".repeat(40_000));
        assert_eq!(detect(&mut text.as_bytes()).unwrap(), Encoding::Utf8);
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, encoding) in
            [(text.clone().into_bytes(), Encoding::Utf8), (units, Encoding::Utf16Le)]
        {
            let mut read = String::new();
            Decoder::new(bytes.as_slice(), encoding).read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
    }
}
