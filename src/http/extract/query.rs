//! Query parameters: an unknown one is ignored, a known one given twice or malformed is refused. (actix-web's own
//! extractor takes the last of two values in silence when the target is a map.)

use crate::http::error::Problem;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::{
    Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error as _, IntoDeserializer as _, MapAccess, Visitor,
        value::{Error as ValueError, StrDeserializer},
    },
    forward_to_deserialize_any,
};
use std::future::{Ready, ready};

/// The parameters, as a struct.
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

/// Reads `query` as `T`, which must be a struct: its fields are the known parameters.
///
/// # Errors
/// `invalid_request`, naming the parameter.
pub(crate) fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut parameters = Parameters { pairs, at: String::new() };
    T::deserialize(&mut parameters).map_err(|error| {
        let said = error.to_string();
        // The library's own words are for whoever writes UUIDs.
        let said = if said.starts_with("UUID parsing failed") { "give an id".to_owned() } else { said };
        Problem::field(parameters.at, said)
    })
}

struct Parameters {
    pairs: Vec<(String, String)>,
    /// The parameter being read, for the refusal.
    at: String,
}

impl<'de> Deserializer<'de> for &mut Parameters {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, ValueError> {
        Err(ValueError::custom("parameters are read as a struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        for name in known {
            let mut values = self.pairs.iter().filter(|(given, _)| given == name);
            let first = values.next();
            if values.next().is_some() || first.is_some_and(|(_, value)| value.contains('\0')) {
                self.at = (*name).to_owned();
                return Err(ValueError::custom("give it once, without NUL"));
            }
        }
        let pairs =
            self.pairs.iter().filter(|(name, _)| known.contains(&name.as_str())).cloned().collect::<Vec<_>>();
        visitor.visit_map(Known { pairs: pairs.into_iter(), value: None, at: &mut self.at })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Known<'a> {
    pairs: std::vec::IntoIter<(String, String)>,
    value: Option<String>,
    at: &'a mut String,
}

impl<'de> MapAccess<'de> for Known<'_> {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ValueError> {
        let Some((name, value)) = self.pairs.next() else {
            self.at.clear();
            return Ok(None);
        };
        self.value = Some(value);
        self.at.clone_from(&name);
        seed.deserialize(name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, ValueError> {
        seed.deserialize(Text(&self.value.take().unwrap_or_default()))
    }
}

/// One value: a text that the target's type reads.
struct Text<'a>(&'a str);

macro_rules! parsed {
    ($($read:ident $visit:ident $wanted:literal),+ $(,)?) => {
        $(fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(ValueError::custom(concat!("give ", $wanted))),
            }
        })+
    };
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_str(self.0)
    }

    parsed! {
        deserialize_bool visit_bool "true or false",
        deserialize_u8 visit_u8 "an integer",
        deserialize_u16 visit_u16 "an integer within the limits",
        deserialize_u32 visit_u32 "an integer within the limits",
        deserialize_u64 visit_u64 "an integer of at least 0",
        deserialize_i32 visit_i32 "an integer",
        deserialize_i64 visit_i64 "an integer",
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ValueError> {
        let known = StrDeserializer::<ValueError>::new(self.0).deserialize_enum(name, variants, visitor);
        known.map_err(|_| ValueError::custom(format!("give one of: {}", variants.join(", "))))
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use uuid::Uuid;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Channel {
        Web,
        Mobile,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Health {
        wakeup: Option<bool>,
        channel_type: Option<Channel>,
        platform: Option<String>,
        #[serde(rename = "lineId")]
        line_id: Option<Uuid>,
        count: Option<u32>,
    }

    fn refused_field(query: &str) -> String {
        match parse::<Health>(query) {
            Err(Problem::InvalidRequest(errors)) => errors[0].field.clone(),
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn known_parameters_are_read_and_unknown_ones_ignored() {
        let id = "01938a2e-7c1b-7000-8000-000000000001";
        let query =
            format!("a=1&wakeup=false&channel_type=mobile&a=2&platform=Mac%20OS%2C+15&lineId={id}&count=3");
        let expected = Health {
            wakeup: Some(false),
            channel_type: Some(Channel::Mobile),
            platform: Some("Mac OS, 15".into()),
            line_id: Some(id.parse().unwrap()),
            count: Some(3),
        };
        assert_eq!(parse::<Health>(&query).unwrap(), expected);
        assert_eq!(parse::<Health>("").unwrap().wakeup, None);
    }

    #[test]
    fn a_known_parameter_doubled_or_malformed_is_refused_by_name() {
        assert_eq!(refused_field("wakeup=true&wakeup=true"), "wakeup");
        for bad in ["wakeup=1", "wakeup=TRUE", "wakeup=", "wakeup"] {
            assert_eq!(refused_field(bad), "wakeup");
        }
        assert_eq!(refused_field("channel_type=tv"), "channel_type");
        assert_eq!(refused_field("channel_type=Web"), "channel_type");
        assert_eq!(refused_field("lineId=7"), "lineId");
        assert_eq!(refused_field("platform=a%00b"), "platform");
        assert_eq!(refused_field("count=-1"), "count");
    }
}
