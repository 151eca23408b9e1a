use super::*;
use bytes::Bytes;
use chrono::TimeDelta;
use ezw_actors::clock::{Clock as _, SystemClock};
use futures_util::{TryStreamExt as _, stream};

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

async fn keep(media: &Media, bytes: ByteStream) -> Result<KeptImage, MediaError> {
    media.keep(media.place().await.unwrap(), WHOSE, bytes).await
}

async fn kept_before(media: &Media, then: ezw_actors::machine::Time) -> Vec<Orphans> {
    let mut portions = media.kept_before(then).unwrap();
    let mut all = Vec::new();
    while let Some(portion) = portions.recv().await {
        all.push(portion);
    }
    all
}

async fn read(media: &Media, key: &str) -> Vec<u8> {
    let parts: Vec<Bytes> = media.open(key).await.unwrap().try_collect().await.unwrap();
    parts.concat()
}

fn files(root: &Path) -> usize {
    let folders = std::fs::read_dir(root).unwrap().map(|folder| folder.unwrap().path());
    folders.filter(|path| path.is_dir()).map(|path| std::fs::read_dir(path).unwrap().count()).sum()
}

const WHOSE: OrganizationId = OrganizationId(Uuid::from_u128(1));

#[tokio::test]
async fn what_is_kept_is_read_again_byte_for_byte() {
    let root = place();
    let media = media(&root);
    for size in [40, 9_999, 300_000, 3_000_000] {
        let image = png(size);
        let kept = keep(&media, chunks(&image)).await.unwrap();
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
    let too_large = keep(&media, chunks(&png(26_214_401))).await;
    assert_eq!(too_large.err(), Some(MediaError::Refused(Refused::TooLarge.text())));
    let mut broken: Vec<io::Result<Bytes>> = vec![Ok(Bytes::from(png(600_000)))];
    broken.push(Err(io::Error::other("the line broke")));
    assert!(matches!(keep(&media, stream::iter(broken).boxed()).await, Err(MediaError::Trouble(_))));
    assert!(matches!(keep(&media, chunks(b"no image at all")).await, Err(MediaError::Refused(_))));
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
    let kept = keep(&media, chunks(&png(40))).await.unwrap();
    let folder = root.join(WHOSE.to_string());
    std::fs::write(folder.join("half#1"), b"x").unwrap();
    std::fs::create_dir(root.join("not-ours")).unwrap();
    std::fs::write(root.join("not-ours").join("file#1"), b"x").unwrap();
    std::fs::create_dir(folder.join("a-folder")).unwrap();
    let nowhere = root.join(OrganizationId(Uuid::from_u128(2)).to_string());
    std::fs::write(nowhere, b"a file where a folder should be").unwrap();
    let now = SystemClock.now();
    let (before, after) = (now - TimeDelta::hours(1), now + TimeDelta::hours(1));
    assert_eq!(kept_before(&media, before).await, []);
    assert!(folder.join("half#1").exists());
    let swept = kept_before(&media, after).await;
    assert_eq!(swept, [Orphans { organization: WHOSE, storage_keys: vec![kept.storage_key] }]);
    assert!(!folder.join("half#1").exists());
    assert!(root.join("not-ours").join("file#1").exists());
    std::fs::remove_dir_all(root).unwrap();
}

#[tokio::test]
async fn the_sweep_is_handed_portions_that_one_statement_can_hold() {
    let root = place();
    let media = media(&root);
    let folder = root.join(WHOSE.to_string());
    std::fs::create_dir(&folder).unwrap();
    let names: Vec<String> = (0..1_201_u128).map(|n| Uuid::from_u128(n).to_string()).collect();
    for name in &names {
        std::fs::write(folder.join(name), b"").unwrap();
    }
    let portions = kept_before(&media, SystemClock.now() + TimeDelta::hours(1)).await;
    let sizes: Vec<usize> = portions.iter().map(|portion| portion.storage_keys.len()).collect();
    assert_eq!(sizes, [500, 500, 201]);
    let mut keys: Vec<String> = portions.into_iter().flat_map(|portion| portion.storage_keys).collect();
    keys.sort();
    assert_eq!(keys, names.iter().map(|name| format!("{WHOSE}/{name}")).collect::<Vec<_>>());
    std::fs::remove_dir_all(root).unwrap();
}

/// A pipe that nobody writes to is opened for ever, as a file on a share that is gone.
#[tokio::test]
async fn a_folder_that_hangs_keeps_so_many_threads_and_everybody_else_is_told_in_time() {
    let root = place();
    let media = Media { calls: Calls::new(Handle::current()).impatient(), ..media(&root) };
    let kept = keep(&media, chunks(&png(40))).await.unwrap();
    let pipe = root.join(WHOSE.to_string()).join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let hangs = format!("{WHOSE}/pipe");
    for _ in 0..100 {
        let part = media.part(&Key::from(hangs.as_str()), 0, 1).await;
        assert!(matches!(part, Err(MediaError::Trouble(_))), "{part:?}");
    }
    assert_eq!(media.calls.free(), 0, "no more than that");
    assert!(matches!(media.open(&kept.storage_key).await.err(), Some(MediaError::Trouble(_))));
    assert!(matches!(keep(&media, chunks(&png(40))).await, Err(MediaError::Trouble(_))));
    // The share is back.
    drop(std::fs::OpenOptions::new().write(true).open(&pipe).unwrap());
    while media.open(&kept.storage_key).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    std::fs::remove_dir_all(root).unwrap();
}

#[tokio::test]
async fn a_folder_that_is_not_mounted_lacks_no_image_and_takes_none() {
    let (root, elsewhere) = (place(), place());
    let media = media(&root);
    let kept = keep(&media, chunks(&png(40))).await.unwrap();
    std::fs::rename(&root, &elsewhere).unwrap();
    for mounted in [false, true] {
        let opened = media.open(&kept.storage_key).await.err();
        assert!(matches!(opened, Some(MediaError::Trouble(_))), "{opened:?}");
        let taken = keep(&media, chunks(&png(40))).await;
        assert!(matches!(taken, Err(MediaError::Trouble(_))), "{taken:?}");
        if !mounted {
            // The place where it was mounted.
            std::fs::create_dir(&root).unwrap();
        }
    }
    // Nor is the empty place marked by a service that starts now.
    let late = self::media(&root);
    assert!(matches!(keep(&late, chunks(&png(40))).await, Err(MediaError::Trouble(_))));
    assert!(Media::is_marked(&root).is_err());
    std::fs::remove_dir_all(&root).unwrap();
    std::fs::rename(&elsewhere, &root).unwrap();
    assert_eq!(Media::is_marked(&root), Ok(()));
    assert!(read(&media, &kept.storage_key).await == png(40));
    std::fs::remove_dir_all(root).unwrap();
}

/// The library opens new files on the thread it is called on.
#[tokio::test]
async fn a_call_that_blocks_its_thread_blocks_nobody_elses() {
    let calls = Calls::new(Handle::current()).impatient();
    let (free, waits) = std::sync::mpsc::channel::<()>();
    let blocked = calls.make("block", async move { Ok::<_, object_store::Error>(waits.recv().is_err()) });
    assert!(matches!(blocked.await, Err(Failed::Trouble(_))), "given up while it still blocks");
    drop(free);
    while calls.free() < 32 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
