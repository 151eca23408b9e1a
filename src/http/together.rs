//! Callers who ask the same at once are answered together: a thousand programs that poll one line cost a few looks at
//! its rows, not a thousand that wait for each other.

use dashmap::{DashMap, mapref::entry::Entry};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use std::{fmt, hash::Hash, sync::Arc};

type Asks<K, T> = Arc<DashMap<K, Shared<BoxFuture<'static, T>>>>;

/// What is being asked for, by key.
pub struct Together<K, T>(Asks<K, T>);

/// As long as this lives, whoever asks for the same key joins. Drop it where an answer begins to age: before a look at
/// rows, or after a change of them. It must move into work that goes on by itself, because every caller may leave.
#[derive(Debug)]
pub struct Door<K: Copy + Eq + Hash, T>(K, Asks<K, T>);

impl<K: Copy + Eq + Hash, T> Drop for Door<K, T> {
    fn drop(&mut self) {
        self.1.remove(&self.0);
    }
}

impl<K: Copy + Eq + Hash + Send + Sync + 'static, T: Clone + Send + Sync + 'static> Together<K, T> {
    /// Joins whoever waits for `key` already, or begins. The answer, and whether it was begun here.
    pub async fn ask<B, F>(&self, key: K, begin: B) -> (T, bool)
    where
        B: FnOnce(Door<K, T>) -> F + Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (answer, first) = match self.0.entry(key) {
            Entry::Occupied(place) => (place.get().clone(), false),
            Entry::Vacant(place) => {
                let door = Door(key, Arc::clone(&self.0));
                // Begun when first looked at: the place is let go by then, and the door may close.
                let answer = async move { begin(door).await }.boxed().shared();
                (place.insert(answer).clone(), true)
            }
        };
        (answer.await, first)
    }
}

impl<K: Eq + Hash, T> Default for Together<K, T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash, T> fmt::Debug for Together<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Together").field(&self.0.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::sync::Semaphore;

    #[actix_web::test]
    async fn who_comes_before_the_door_closes_shares_the_answer_and_who_comes_later_does_not() {
        let (together, begun, go) =
            (Together::<u8, u32>::default(), Arc::new(AtomicU32::new(0)), Arc::new(Semaphore::new(0)));
        let ask = |key| {
            let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
            together.ask(key, move |door| async move {
                go.acquire().await.unwrap().forget();
                drop(door);
                begun.fetch_add(1, Ordering::SeqCst)
            })
        };
        let open = async {
            tokio::task::yield_now().await;
            go.add_permits(2);
        };
        let (answers, ()) = tokio::join!(join_all([ask(1), ask(1), ask(1), ask(2)]), open);
        assert_eq!(answers.iter().filter(|(_, first)| *first).count(), 2, "one for each key");
        assert_eq!(answers[0].0, answers[2].0);
        assert_ne!(answers[0].0, answers[3].0);
        go.add_permits(1);
        assert_eq!(ask(1).await, (2, true), "the door was closed: this one began anew");
        assert!(together.0.is_empty());
    }
}
