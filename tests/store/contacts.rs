//! Numbers and aliases of one person.

use super::bed::Bed;
use ezw::store::contacts::{self, Address, ContactId};
use futures_util::future::join_all;
use std::collections::HashSet;

async fn resolve(bed: &Bed, phone: Option<&str>, lid: Option<&str>) -> ContactId {
    let address =
        Address { phone: phone.map(Into::into), lid: lid.map(Into::into), push_name: Some("Ann".into()) };
    let scope = bed.scope;
    bed.db
        .unit(move |conn| Box::pin(async move { contacts::resolve(conn, scope, &address).await }))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_number_takes_a_free_alias_and_an_alias_a_free_number() {
    let bed = Bed::new().await;
    let ann = resolve(&bed, Some("+4915100000001"), None).await;
    assert_eq!(resolve(&bed, Some("+4915100000001"), Some("1@lid")).await, ann);
    assert_eq!(resolve(&bed, None, Some("1@lid")).await, ann);
    let bob = resolve(&bed, None, Some("2@lid")).await;
    assert_eq!(resolve(&bed, Some("+4915100000002"), Some("2@lid")).await, bob);
    assert_eq!(resolve(&bed, Some("+4915100000002"), None).await, bob);
    assert_eq!(bed.count("contacts").await, 2);
}

#[tokio::test]
async fn two_rows_of_one_person_stay_two_and_the_number_is_preferred() {
    let bed = Bed::new().await;
    let by_phone = resolve(&bed, Some("+4915100000001"), None).await;
    let by_lid = resolve(&bed, None, Some("1@lid")).await;
    assert_eq!(resolve(&bed, Some("+4915100000001"), Some("1@lid")).await, by_phone);
    assert_eq!(resolve(&bed, None, Some("1@lid")).await, by_lid);
    assert_eq!(bed.count("contacts").await, 2);
}

#[tokio::test]
async fn many_at_once_make_one_contact() {
    let bed = Bed::new().await;
    let all = join_all((0..20).map(|_| resolve(&bed, Some("+4915100000001"), Some("1@lid")))).await;
    assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 1);
}
