//! Everything random comes from here. A value depends on the seed and on what it is for (line, purpose, count),
//! never on the order in which lines happen to connect: thousands of lines in any order get the same ids.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rand::{Rng, RngCore, SeedableRng, rngs::StdRng};
use sha2::{Digest, Sha256};
use uuid::Uuid;

#[derive(Clone, Copy)]
pub(crate) struct Seed {
    seed: u64,
    /// How often this state file has been started: ids must not come again after a restart.
    boot: u64,
}

impl Seed {
    pub(crate) fn new(seed: u64, boot: u64) -> Self {
        Self { seed, boot }
    }

    fn rng(&self, boot: u64, purpose: &str, of: &str, count: u64) -> StdRng {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        hash.update(boot.to_be_bytes());
        hash.update(count.to_be_bytes());
        hash.update((purpose.len() as u64).to_be_bytes());
        hash.update(purpose);
        hash.update(of);
        StdRng::from_seed(hash.finalize().into())
    }

    fn hex(&self, purpose: &str, of: &str, count: u64, bytes: usize) -> String {
        let mut raw = vec![0; bytes];
        self.rng(self.boot, purpose, of, count).fill_bytes(&mut raw);
        hex::encode(raw)
    }

    /// What the provider hands out at pairing.
    pub(crate) fn credentials(&self, line: Uuid, count: u64) -> String {
        format!("sim1.{}", self.hex("credentials", &line.to_string(), count, 24))
    }

    /// Shaped like a real one: a reference and three keys.
    pub(crate) fn qr(&self, line: Uuid, count: u64) -> String {
        let mut rng = self.rng(self.boot, "qr", &line.to_string(), count);
        let mut part = |bytes: usize| {
            let mut raw = vec![0; bytes];
            rng.fill_bytes(&mut raw);
            STANDARD.encode(raw)
        };
        format!("2@{},{},{},{}", part(48), part(32), part(32), part(32))
    }

    /// Eight letters that cannot be mistaken for one another, as `ABCD-EFGH`.
    pub(crate) fn pairing_code(&self, line: Uuid, count: u64) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTVWXYZ123456789";
        let mut rng = self.rng(self.boot, "code", &line.to_string(), count);
        let mut code = String::with_capacity(9);
        for at in 0..8 {
            if at == 4 {
                code.push('-');
            }
            let letter = LETTERS.get(rng.random_range(0..LETTERS.len())).copied().unwrap_or(b'A');
            code.push(char::from(letter));
        }
        code
    }

    pub(crate) fn challenge(&self, line: Uuid, count: u64) -> String {
        self.hex("challenge", &line.to_string(), count, 16)
    }

    /// `3A` and 18 hex digits: what a phone mints.
    pub(crate) fn inbound_id(&self, line: Uuid, count: u64) -> String {
        format!("3A{}", self.hex("inbound", &line.to_string(), count, 9).to_uppercase())
    }

    pub(crate) fn media_id(&self, count: u64) -> String {
        format!("m{}", self.hex("media", "", count, 12))
    }

    /// One phone number has one lid, whichever line sees it and however often the simulator restarts.
    pub(crate) fn lid(&self, phone: &str) -> String {
        let mut rng = Self { seed: 0, boot: 0 }.rng(0, "lid", phone, self.seed);
        format!("{}@lid", rng.random_range(100_000_000_000_000_u64..1_000_000_000_000_000))
    }

    /// The number a line gets when nobody names one. It depends on the line alone, so it is the same in every run.
    pub(crate) fn phone_number(line: Uuid, attempt: u64) -> String {
        let mut rng = Self { seed: 0, boot: 0 }.rng(0, "phone", &line.to_string(), attempt);
        format!("+4915{:010}", rng.random_range(0_u64..10_000_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_values_and_another_seed_others() {
        let line = Uuid::from_u128(7);
        assert_eq!(Seed::new(1, 0).qr(line, 1), Seed::new(1, 0).qr(line, 1));
        assert_ne!(Seed::new(1, 0).qr(line, 1), Seed::new(2, 0).qr(line, 1));
        assert_ne!(Seed::new(1, 0).inbound_id(line, 1), Seed::new(1, 1).inbound_id(line, 1));
        assert_eq!(Seed::new(1, 0).lid("+491"), Seed::new(1, 5).lid("+491"));
    }

    #[test]
    fn a_pairing_code_is_four_and_four() {
        let code = Seed::new(1, 0).pairing_code(Uuid::from_u128(7), 1);
        assert_eq!((code.len(), code.find('-')), (9, Some(4)));
    }
}
