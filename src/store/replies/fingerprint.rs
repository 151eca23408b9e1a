//! What an idempotency key stands for: the target as given, the text, the media. A retry must match in all three.

use super::Target;
use sha2::{Digest as _, Sha256};

/// SHA-256 over a reply's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

/// SHA-256 of an attached file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaDigest(pub [u8; 32]);

/// The fingerprint of a reply. Every part goes in with its length, so that no two contents run into each other.
#[must_use]
pub fn fingerprint(target: &Target, text: Option<&str>, media: Option<MediaDigest>) -> Fingerprint {
    let (kind, given) = match target {
        Target::Conversation(id) => ("conversation", id.to_string()),
        Target::Phone(phone) => ("phone", phone.clone()),
    };
    let mut hash = Sha256::new();
    part(&mut hash, Some(kind.as_bytes()));
    part(&mut hash, Some(given.as_bytes()));
    part(&mut hash, text.map(str::as_bytes));
    part(&mut hash, media.as_ref().map(|digest| digest.0.as_slice()));
    Fingerprint(hash.finalize().into())
}

fn part(hash: &mut Sha256, bytes: Option<&[u8]>) {
    match bytes {
        None => hash.update([0]),
        Some(bytes) => {
            hash.update([1]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ezw_actors::id::ConversationId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn target() -> impl Strategy<Value = Target> {
        prop_oneof![
            any::<u128>().prop_map(|id| Target::Conversation(ConversationId(Uuid::from_u128(id)))),
            "\\+[0-9]{8,15}".prop_map(Target::Phone),
        ]
    }

    fn content() -> impl Strategy<Value = (Target, Option<String>, Option<[u8; 32]>)> {
        (target(), proptest::option::of(".{0,20}"), proptest::option::of(any::<[u8; 32]>()))
    }

    proptest! {
        #[test]
        fn only_the_same_content_has_the_same_fingerprint(a in content(), b in content()) {
            let of = |(target, text, media): &(Target, Option<String>, Option<[u8; 32]>)| {
                fingerprint(target, text.as_deref(), media.map(MediaDigest))
            };
            prop_assert_eq!(of(&a) == of(&b), a == b);
            prop_assert_eq!(of(&a), of(&a.clone()));
        }
    }
}
