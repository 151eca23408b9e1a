//! Images and other bytes, in memory. A total is kept: the oldest go when it would be passed.

use std::collections::{HashMap, VecDeque};

use actix_web::web::Bytes;

/// All media together.
const MAX_TOTAL_BYTES: usize = 512 * 1024 * 1024;

#[derive(Clone)]
pub(crate) struct Media {
    pub(crate) bytes: Bytes,
    pub(crate) content_type: String,
    pub(crate) sha256: String,
}

#[derive(Default)]
pub(crate) struct MediaStore {
    held: HashMap<String, Media>,
    order: VecDeque<String>,
    total: usize,
}

impl MediaStore {
    pub(crate) fn put(&mut self, id: String, media: Media) {
        self.total += media.bytes.len();
        self.order.push_back(id.clone());
        self.held.insert(id, media);
        while self.total > MAX_TOTAL_BYTES
            && let Some(oldest) = self.order.pop_front()
        {
            self.total -= self.held.remove(&oldest).map_or(0, |media| media.bytes.len());
        }
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Media> {
        self.held.get(id)
    }
}

/// By the first bytes, as phones do; the name given counts only where they say nothing.
pub(crate) fn content_type(bytes: &[u8], named: Option<&str>) -> String {
    let known = match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    };
    known.or(named).unwrap_or("application/octet-stream").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_when_the_total_is_passed() {
        let mut store = MediaStore::default();
        let large = Media {
            bytes: Bytes::from(vec![0; 200 * 1024 * 1024]),
            content_type: String::new(),
            sha256: String::new(),
        };
        for id in ["a", "b", "c"] {
            store.put(id.to_owned(), large.clone());
        }
        assert!(store.get("a").is_none());
        assert!(store.get("b").is_some() && store.get("c").is_some());
    }
}
