//! The bytes of images, to the simulator and from it: by an id over its HTTP, streamed both ways.

use ezw_actors::{
    id::OrganizationId,
    port::{KeptImage, MediaError, MediaStore, SubmitError},
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use reqwest::{Client, StatusCode, header};
use serde::Deserialize;
use std::{io, time::Duration};
use url::Url;

/// For the simulator to take an image: within the time that a send has.
const HAND_OVER: Duration = Duration::from_secs(15);
/// For an image to come in.
const FETCH: Duration = Duration::from_secs(60);
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

    /// Hands the bytes over; the id to send. A failure of any kind is one before the message itself was written.
    pub(super) async fn hand_over(
        &self,
        store: &dyn MediaStore,
        image: &KeptImage,
    ) -> Result<String, SubmitError> {
        let bytes = store.open(&image.storage_key).await.map_err(|error| match error {
            MediaError::Missing | MediaError::Refused(_) => SubmitError::Impossible("media_missing"),
            MediaError::Trouble(why) => {
                tracing::warn!(%why, "an image waits for the media store");
                SubmitError::Refused { code: 503 }
            }
        })?;
        let call = self
            .client
            .put(self.base.as_str().trim_end_matches('/'))
            .timeout(HAND_OVER)
            .header(header::CONTENT_TYPE, &image.content_type)
            .header(header::CONTENT_LENGTH, image.size_bytes)
            .body(reqwest::Body::wrap_stream(bytes));
        match call.send().await {
            Ok(answer) if answer.status().is_success() => match answer.json::<Taken>().await {
                Ok(taken) => Ok(taken.media_id),
                Err(_) => Err(SubmitError::Refused { code: 503 }),
            },
            Ok(answer) => Err(SubmitError::Refused { code: i32::from(answer.status().as_u16()) }),
            Err(_) => Err(SubmitError::Refused { code: 503 }),
        }
    }

    /// Keeps an image that came in. None when its bytes are gone, or none that is kept.
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
        let answer = self.client.get(address).timeout(FETCH).send().await.map_err(trouble)?;
        match answer.status() {
            status if status.is_success() => {
                let bytes = answer.bytes_stream().map_err(io::Error::other).boxed();
                match store.keep(organization, bytes).await {
                    Ok(image) => Ok(Some(image)),
                    Err(MediaError::Refused(why)) => {
                        tracing::info!(why, "an image that came in is not kept");
                        Ok(None)
                    }
                    Err(error @ (MediaError::Missing | MediaError::Trouble(_))) => Err(error),
                }
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            status => Err(MediaError::Trouble(format!("the provider answered {status} for an image"))),
        }
    }
}

fn trouble(error: reqwest::Error) -> MediaError {
    MediaError::Trouble(error.without_url().to_string())
}
