//! Trouble of some lines is no trouble of the others. How fast replies are meanwhile, `make bench-blast` measures.

use super::{alone, support::blast::Blast};

#[tokio::test]
async fn panics_in_fifty_of_five_hundred_lines_touch_no_other() {
    let _alone = alone().await;
    let outcome = Blast::start(true).await.run().await;
    println!(
        "{} deaths beside {} replies, which took {} ms (p50) and {} ms (p99)",
        outcome.deaths,
        outcome.milliseconds.len(),
        outcome.percentile(50),
        outcome.percentile(99)
    );
    assert!(outcome.complaints.is_empty(), "{}", outcome.complaints.join("\n"));
}
