//! The bytes of images, to the simulator and from it: by an id over its HTTP, streamed both ways.

use ezw_actors::{
    id::OrganizationId,
    port::{KeptImage, MediaError, MediaStore, SubmitError},
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use reqwest::{Client, Response, StatusCode, header};
use serde::Deserialize;
use std::{io, time::Duration};
use tokio::time::timeout;
use url::Url;

/// For an image to be opened: a folder of another machine may hang.
const OPENING: Duration = Duration::from_secs(5);
/// For the simulator to take an image: with that and a frame to write within the 20 s that a send has.
const HAND_OVER: Duration = Duration::from_secs(12);
/// For an image to come in, with the wait for its place: messages behind it wait as long, and a line that comes up with
/// them.
const FETCH: Duration = Duration::from_secs(20);
/// Nobody there, or nothing more.
const SILENCE: Duration = Duration::from_secs(10);

/// The simulator's store of bytes.
#[derive(Clone, Debug)]
pub(super) struct MediaHost {
    client: Client,
    base: Url,
}

/// What the simulator calls bytes it took.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    media_id: String,
}

impl MediaHost {
    pub(super) fn new(base: &Url) -> anyhow::Result<Self> {
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            .build()?;
        Ok(Self { client, base: base.join("/v1/media/")? })
    }

    /// Hands the bytes over; the id to send. Whatever fails here, the message itself was not written: only what would
    /// fail again is held against the reply.
    pub(super) async fn hand_over(
        &self,
        store: &dyn MediaStore,
        image: &KeptImage,
    ) -> Result<String, SubmitError> {
        let opened = timeout(OPENING, store.open(&image.storage_key)).await;
        let opened = opened.unwrap_or_else(|_elapsed| Err(MediaError::Trouble("no answer".to_owned())));
        let bytes = opened.map_err(|error| match error {
            MediaError::Missing | MediaError::Refused(_) => SubmitError::Impossible("media_missing"),
            MediaError::Trouble(why) => {
                tracing::warn!(why, "an image waits: it cannot be opened");
                SubmitError::NotWritten
            }
        })?;
        let call = self
            .client
            .put(self.base.as_str().trim_end_matches('/'))
            .timeout(HAND_OVER)
            .header(header::CONTENT_TYPE, &image.content_type)
            .header(header::CONTENT_LENGTH, image.size_bytes)
            .body(reqwest::Body::wrap_stream(bytes));
        let answer = call.send().await.map_err(|error| waits(&error.without_url()))?;
        match answer.status() {
            status if status.is_success() => {
                let taken = answer.json::<Taken>().await;
                taken.map(|taken| taken.media_id).map_err(|error| waits(&error.without_url()))
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(waits(&answer.status())),
            status if status.is_client_error() => {
                Err(SubmitError::Refused { code: i32::from(status.as_u16()) })
            }
            status => Err(waits(&status)),
        }
    }

    /// Keeps an image that came in, within [`FETCH`]. None when its bytes are gone, or none that is kept.
    pub(super) async fn fetch(
        &self,
        store: &dyn MediaStore,
        organization: OrganizationId,
        media_id: &str,
    ) -> Result<Option<KeptImage>, MediaError> {
        // An id that is no path segment names nothing here.
        let Ok(address) = self.base.join(media_id) else { return Ok(None) };
        if !address.as_str().starts_with(self.base.as_str()) {
            return Ok(None);
        }
        let keep = async {
            let place = store.place().await?;
            let answer = self.client.get(address).send().await.map_err(trouble)?;
            let Some(answer) = there(answer)? else { return Ok(None) };
            let bytes = answer.bytes_stream().map_err(io::Error::other).boxed();
            store.keep(place, organization, bytes).await.map(Some)
        };
        let kept = timeout(FETCH, keep).await;
        match kept.unwrap_or_else(|_elapsed| Err(MediaError::Trouble("not within 20 s".to_owned()))) {
            Err(MediaError::Refused(why)) => {
                tracing::info!(why, "an image that came in is not kept");
                Ok(None)
            }
            Ok(image) => Ok(image),
            Err(error @ (MediaError::Missing | MediaError::Trouble(_))) => Err(error),
        }
    }
}

/// The answer that holds bytes; none when they are gone.
fn there(answer: Response) -> Result<Option<Response>, MediaError> {
    match answer.status() {
        status if status.is_success() => Ok(Some(answer)),
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
        status => Err(MediaError::Trouble(format!("the provider answered {status} for an image"))),
    }
}

fn waits(why: &dyn std::fmt::Display) -> SubmitError {
    tracing::warn!(%why, "an image waits to be handed over");
    SubmitError::ImageWaits
}

fn trouble(error: reqwest::Error) -> MediaError {
    MediaError::Trouble(error.without_url().to_string())
}
