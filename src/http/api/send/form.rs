//! A reply as a form: fields of text, and at most one image, streamed to the media store as it comes.

use super::ask::SendReply;
use crate::{
    auth::Principal,
    http::{
        AppState, Problem,
        extract::{Deadline, refuse_encoded},
        images::Images,
    },
    media::{Upload, UploadError},
};
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{FromRequest as _, HttpRequest};
use ezw_actors::{port::KeptImage, task};
use futures_util::{Stream, StreamExt as _};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// An image comes in at 32 KiB a second or more, over any such time.
const PACE: Duration = Duration::from_secs(10);
const PACE_BYTES: u64 = 32 * 1024 * 10;
/// Our own work of so long is not the caller's: a new stretch begins behind it.
const OWN_WORK: Duration = Duration::from_secs(1);
/// And in so long at most.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// An image that came with a reply. Dropped, it is forgotten again.
#[derive(Debug)]
pub(super) struct Received {
    images: Images,
    kept: Option<KeptImage>,
}

impl Received {
    /// SHA-256 of it.
    pub(super) fn sha256(&self) -> Option<[u8; 32]> {
        self.kept.as_ref().map(|kept| kept.sha256)
    }

    /// From here on it may belong to a reply: nobody forgets it without knowing better.
    pub(super) fn into_kept(mut self) -> Option<KeptImage> {
        self.kept.take()
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if let Some(kept) = self.kept.take() {
            forget(&self.images, kept);
        }
    }
}

/// Nobody has this image: its reply was refused, or accepted before with another copy of it.
pub(super) fn forget(images: &Images, kept: KeptImage) {
    let store = images.store.clone();
    task::spawn("forget an image", async move {
        if let Err(error) = store.forget(&kept.storage_key).await {
            tracing::debug!(%error, "an image that nobody has is left to the sweep");
        }
    });
}

/// Reads the form. JSON's limits are those of its text.
pub(super) async fn read(
    request: &HttpRequest,
    form: Result<Multipart, actix_web::Error>,
) -> Result<(SendReply, Option<Received>), Problem> {
    refuse_encoded(request)?;
    let mut form = form.map_err(|_| broken())?;
    let state = AppState::of(request)?;
    let deadline = Deadline::of(request);
    if let Some(deadline) = &deadline {
        deadline.reading(LONGEST + state.limits.body_deadline * 2);
    }
    let mut reader = Reader {
        request,
        state,
        body: SendReply::default(),
        image: None,
        left: state.limits.json_limit_bytes,
        pace: Pace::text(state.limits.body_deadline),
    };
    reader.fields(&mut form).await?;
    let (body, image) = (reader.body, reader.image);
    if let Some(deadline) = &deadline {
        deadline.handling();
    }
    Ok((body, image))
}

struct Reader<'a> {
    request: &'a HttpRequest,
    state: &'a AppState,
    body: SendReply,
    image: Option<Received>,
    /// Bytes of text that may still come.
    left: usize,
    pace: Pace,
}

impl Reader<'_> {
    async fn fields(&mut self, form: &mut Multipart) -> Result<(), Problem> {
        while let Some(field) = self.next(form).await? {
            let field = field.map_err(|error| broke(&error))?;
            let name = field.name().unwrap_or_default().to_owned();
            if name == "media" {
                self.read_image(field).await?;
            } else {
                let text = self.read_text(field, &name).await?;
                self.body.set(&name, text)?;
            }
        }
        Ok(())
    }

    async fn read_image(&mut self, mut field: Field) -> Result<(), Problem> {
        let images = self.state.images()?;
        if self.image.is_some() {
            return Err(Problem::InvalidMedia("give one image, not two"));
        }
        let principal = Principal::extract(self.request).await?;
        let mut upload = images.store.begin(principal.organization).ok_or(Problem::Overloaded)?;
        self.pace = Pace::image();
        while let Some(chunk) = self.next(&mut field).await? {
            let chunk = chunk.map_err(|error| broke(&error))?;
            self.pace.count(chunk.len());
            let began = Instant::now();
            upload.write(chunk).await.map_err(not_kept)?;
            self.pace.own_work(began);
        }
        let said = field.content_type().map(|kind| kind.essence_str().to_owned());
        let kept = finish(upload, said.as_deref()).await?;
        self.image = Some(Received { images: images.clone(), kept: Some(kept) });
        // What follows is text, and has what text has.
        self.pace = Pace::text(self.state.limits.body_deadline);
        Ok(())
    }

    /// What comes next, in time.
    async fn next<S: Stream + Unpin>(&mut self, stream: &mut S) -> Result<Option<S::Item>, Problem> {
        self.pace.next(stream).await
    }

    async fn read_text(&mut self, mut field: Field, name: &str) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.next(&mut field).await? {
            let chunk = chunk.map_err(|error| broke(&error))?;
            self.pace.count(chunk.len());
            self.left = self.left.checked_sub(chunk.len()).ok_or(Problem::PayloadTooLarge)?;
            bytes.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(bytes).map_err(|_| Problem::field(name, "give UTF-8 text"))?;
        if text.contains('\0') {
            return Err(Problem::field(name, "must not contain a NUL character"));
        }
        Ok(text)
    }
}

/// What the caller says it is must be what it is; saying nothing, or that it is some bytes, says nothing wrong.
async fn finish(upload: Upload, said: Option<&str>) -> Result<KeptImage, Problem> {
    let found = upload.content_type();
    let right = match (said, found) {
        (None | Some("application/octet-stream" | "text/plain"), _) | (_, None) => true,
        (Some("image/jpg"), Some(found)) => found == "image/jpeg",
        (Some(said), Some(found)) => said == found,
    };
    if !right {
        return Err(Problem::InvalidMedia("the bytes are another type than the part says"));
    }
    upload.finish().await.map_err(not_kept)
}

fn not_kept(error: UploadError) -> Problem {
    match error {
        UploadError::Refused(why) => Problem::InvalidMedia(why.text()),
        UploadError::Store(why) => {
            tracing::warn!(why, "an image could not be kept");
            Problem::MediaUnavailable
        }
    }
}

/// How fast a form must come.
struct Pace {
    /// For all of it.
    end: Instant,
    /// With an image: the end of the present stretch, and the bytes in it.
    stretch: Option<(Instant, u64)>,
}

impl Pace {
    fn text(limit: Duration) -> Self {
        Self { end: Instant::now() + limit, stretch: None }
    }

    fn image() -> Self {
        let now = Instant::now();
        Self { end: now + LONGEST, stretch: Some((now + PACE, 0)) }
    }

    fn count(&mut self, bytes: usize) {
        if let Some((_, counted)) = &mut self.stretch {
            *counted += bytes as u64;
        }
    }

    /// Since `began` nobody waited for the caller.
    fn own_work(&mut self, began: Instant) {
        let now = Instant::now();
        if let Some(stretch) = &mut self.stretch
            && now.saturating_duration_since(began) > OWN_WORK
        {
            *stretch = (now + PACE, 0);
        }
    }

    /// What comes next; too slow is a refusal.
    async fn next<S: Stream + Unpin>(&mut self, stream: &mut S) -> Result<Option<S::Item>, Problem> {
        loop {
            let until = self.stretch.map_or(self.end, |(until, _)| until.min(self.end));
            match timeout_at(until, stream.next()).await {
                Ok(next) => return Ok(next),
                Err(_elapsed) => match self.stretch {
                    Some((_, counted)) if counted >= PACE_BYTES && Instant::now() < self.end => {
                        self.stretch = Some((until + PACE, 0));
                    }
                    Some(_) | None => return Err(Problem::RequestTimeout),
                },
            }
        }
    }
}

/// It is no form, or not any more.
fn broke(error: &MultipartError) -> Problem {
    tracing::debug!(%error, "a form broke");
    broken()
}

fn broken() -> Problem {
    Problem::field(
        "",
        "not a form, or it broke off: Content-Type names a boundary, each part its field, and the boundary closes it",
    )
}
