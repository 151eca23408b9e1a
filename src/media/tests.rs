use super::*;
use bytes::Bytes;
use chrono::TimeDelta;
use ezw_actors::clock::{Clock as _, SystemClock};
use futures_util::stream;

fn place() -> PathBuf {
    std::env::temp_dir().join(format!("ezw-media-{}", Uuid::now_v7().simple()))
}

fn media(root: &Path) -> Media {
    Media::in_folder(root, Handle::current()).unwrap()
}

fn png(bytes: usize) -> Vec<u8> {
    let mut image =
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x02\x80\x00\x00\x01\xe0\x08\x06\x00\x00\x00".to_vec();
    image.resize(bytes, 7);
    image
}

fn chunks(bytes: &[u8]) -> ByteStream {
    let chunks: Vec<io::Result<Bytes>> =
        bytes.chunks(10_000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    stream::iter(chunks).boxed()
}

async fn read(media: &Media, key: &str) -> Vec<u8> {
    let parts: Vec<Bytes> = media.open(key).await.unwrap().try_collect().await.unwrap();
    parts.concat()
}

fn files(root: &Path) -> usize {
    let folders = std::fs::read_dir(root).unwrap();
    folders.map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap().count()).sum()
}

const WHOSE: OrganizationId = OrganizationId(Uuid::from_u128(1));

#[tokio::test]
async fn what_is_kept_is_read_again_byte_for_byte() {
    let root = place();
    let media = media(&root);
    for size in [40, 9_999, 300_000, 3_000_000] {
        let image = png(size);
        let kept = media.keep(WHOSE, chunks(&image)).await.unwrap();
        assert_eq!((kept.size_bytes, kept.content_type.as_str()), (size as u64, "image/png"));
        assert!(read(&media, &kept.storage_key).await == image, "{size}");
        media.forget(&kept.storage_key).await.unwrap();
        assert_eq!(media.open(&kept.storage_key).await.err(), Some(MediaError::Missing));
        media.forget(&kept.storage_key).await.unwrap();
    }
    std::fs::remove_dir_all(root).unwrap();
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let root = place();
    let media = media(&root);
    let too_large = media.keep(WHOSE, chunks(&png(26_214_401))).await;
    assert_eq!(too_large.err(), Some(MediaError::Refused(Refused::TooLarge.text())));
    let mut broken: Vec<io::Result<Bytes>> = vec![Ok(Bytes::from(png(600_000)))];
    broken.push(Err(io::Error::other("the line broke")));
    assert!(matches!(media.keep(WHOSE, stream::iter(broken).boxed()).await, Err(MediaError::Trouble(_))));
    assert!(matches!(media.keep(WHOSE, chunks(b"no image at all")).await, Err(MediaError::Refused(_))));
    let patience = std::time::Duration::from_millis(20);
    while files(&root) > 0 {
        tokio::time::sleep(patience).await;
    }
    std::fs::remove_dir_all(root).unwrap();
}

#[tokio::test]
async fn the_sweep_sees_what_is_old_and_halves_that_a_crash_left() {
    let root = place();
    let media = media(&root);
    let kept = media.keep(WHOSE, chunks(&png(40))).await.unwrap();
    let folder = root.join(WHOSE.to_string());
    std::fs::write(folder.join("half#1"), b"x").unwrap();
    std::fs::create_dir(root.join("not-ours")).unwrap();
    std::fs::write(root.join("not-ours").join("file"), b"x").unwrap();
    let now = SystemClock.now();
    let (before, after) = (now - TimeDelta::hours(1), now + TimeDelta::hours(1));
    assert_eq!(media.kept_before(before).await.unwrap(), []);
    let swept = media.kept_before(after).await.unwrap();
    assert_eq!(swept, [Orphans { organization: WHOSE, storage_keys: vec![kept.storage_key] }]);
    assert_eq!(media.forget_halves(before).await.unwrap(), 0);
    assert_eq!(media.forget_halves(after).await.unwrap(), 1);
    std::fs::remove_dir_all(root).unwrap();
}
