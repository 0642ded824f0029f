//! The Rust form of a model's enums.

/// Declares the Rust enum of a model's enum: a variant per value, and `Unknown` for any other text, so that
/// validation, not reading, is what refuses it.
///
/// Made are: `ALL` in the model's order, `as_str`, `From<&str>`, `From<String>`, `Display`, and a `Default`
/// that is the unknown empty text (a required member that the caller left out).
#[macro_export]
macro_rules! string_enum {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $value:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(
                #[doc = concat!("`", $value, "`.")]
                $variant,
            )+
            /// Text that is none of the model's values.
            Unknown(String),
        }

        impl $name {
            /// The model's values in its order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        impl ::core::default::Default for $name {
            fn default() -> Self {
                Self::Unknown(String::new())
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($value => Self::$variant,)+
                    _ => Self::Unknown(text.to_owned()),
                }
            }
        }

        impl ::core::convert::From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($value => Self::$variant,)+
                    _ => Self::Unknown(text),
                }
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
