//! Cyclic redundancy checks, eight bytes at a time.
//!
//! Sources: M. E. Kounavis and F. L. Berry, "A Systematic Approach to Building High Performance, Software-based, CRC
//! Generators" (slicing by eight); the combination follows from the linearity of the remainder.

/// Parameters and tables of one check: bits are reflected, all ones go in and out.
pub(crate) struct Crc {
    /// The polynomial, reflected.
    poly: u64,
    /// All ones, as wide as the check.
    ones: u64,
    tables: [[u64; 256]; 8],
}

pub(super) static CRC32: Crc = Crc::new(0xedb8_8320, 32);
pub(super) static CRC32C: Crc = Crc::new(0x82f6_3b78, 32);
pub(super) static CRC64NVME: Crc = Crc::new(0x9a6c_9329_ac4b_c9b5, 64);

impl Crc {
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, which would refuse a wrong index"
    )]
    const fn new(poly: u64, bits: u32) -> Self {
        let mut tables = [[0; 256]; 8];
        let mut byte = 0;
        while byte < 256 {
            let mut value = byte as u64;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ poly } else { value >> 1 };
                bit += 1;
            }
            tables[0][byte] = value;
            byte += 1;
        }
        let mut table = 1;
        while table < 8 {
            let mut byte = 0;
            while byte < 256 {
                let before = tables[table - 1][byte];
                tables[table][byte] = before >> 8 ^ tables[0][(before & 0xff) as usize];
                byte += 1;
            }
            table += 1;
        }
        Self { poly, ones: u64::MAX >> (64 - bits), tables }
    }

    /// The state before the first byte.
    pub(super) const fn start(&self) -> u64 {
        self.ones
    }

    /// The value of a state.
    pub(super) const fn end(&self, state: u64) -> u64 {
        state ^ self.ones
    }

    /// The state behind more bytes.
    pub(super) fn update(&self, state: u64, bytes: &[u8]) -> u64 {
        let (words, rest) = bytes.as_chunks::<8>();
        let [t0, t1, t2, t3, t4, t5, t6, t7] = &self.tables;
        let mut state = state;
        for word in words {
            let [a, b, c, d, e, f, g, h] = (state ^ u64::from_le_bytes(*word)).to_le_bytes();
            state =
                at(t7, a) ^ at(t6, b) ^ at(t5, c) ^ at(t4, d) ^ at(t3, e) ^ at(t2, f) ^ at(t1, g) ^ at(t0, h);
        }
        rest.iter().fold(state, |state, byte| {
            let [low, ..] = state.to_le_bytes();
            state >> 8 ^ at(t0, low ^ byte)
        })
    }

    /// The value over two byte strings, from their values and the length of the second.
    pub(super) fn combine(&self, first: u64, second: u64, length: u64) -> u64 {
        // Behind `length` bytes of zeros the first value is multiplied by x to the power of 8 · length.
        let mut power = self.square(self.square(self.square(self.x())));
        let (mut shifted, mut rest) = (first, length);
        while rest > 0 {
            if rest & 1 == 1 {
                shifted = self.multiply(shifted, power);
            }
            power = self.square(power);
            rest >>= 1;
        }
        shifted ^ second
    }

    /// The polynomial x: the highest bit of a reflected value is the coefficient of 1.
    const fn x(&self) -> u64 {
        let one = self.ones ^ self.ones >> 1;
        one >> 1
    }

    fn square(&self, a: u64) -> u64 {
        self.multiply(a, a)
    }

    /// The product modulo the polynomial.
    fn multiply(&self, a: u64, b: u64) -> u64 {
        let (mut product, mut b) = (0, b);
        let mut bit = self.ones ^ self.ones >> 1;
        while bit != 0 {
            if a & bit != 0 {
                product ^= b;
            }
            b = if b & 1 == 1 { b >> 1 ^ self.poly } else { b >> 1 };
            bit >>= 1;
        }
        product
    }
}

fn at(table: &[u64; 256], byte: u8) -> u64 {
    table.get(usize::from(byte)).copied().unwrap_or_default()
}
