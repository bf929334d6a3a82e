//! What can be wrong with a certificate that should sign.

use chrono::{DateTime, Utc};

use crate::clock::in_vietnam;
use crate::error::{Error, ProblemCode, Text};

/// Why a certificate does not sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateFault {
    /// No certificate stands in the text.
    NoCertificate,
    /// A certificate is not readable.
    CertificateUnreadable(String),
    /// Its key usage allows no signatures.
    NotForSigning,
    /// It is valid from a later instant.
    NotYetValid(DateTime<Utc>),
    /// It was valid up to an earlier instant.
    Expired(DateTime<Utc>),
    /// No private key stands in the text.
    NoKey,
    /// The private key is not readable.
    KeyUnreadable(String),
    /// The private key is encrypted.
    KeyEncrypted,
    /// The private key is not of the form PKCS #8.
    KeyNotPkcs8,
    /// It is neither a key on P-256 nor an RSA key from 2,048 bits.
    KeyUnsupported(String),
    /// The private key is not that of the certificate.
    OtherKey,
}

impl CertificateFault {
    /// Is it the key that is at fault, and not the certificate?
    pub const fn is_of_key(&self) -> bool {
        matches!(
            self,
            Self::NoKey
                | Self::KeyUnreadable(_)
                | Self::KeyEncrypted
                | Self::KeyNotPkcs8
                | Self::KeyUnsupported(_)
                | Self::OtherKey
        )
    }

    /// In words; never a part of the key.
    pub fn text(&self) -> Text {
        let (vi, en) = match self {
            Self::NoCertificate => (
                "không có chứng thư số (X.509, PEM)".to_owned(),
                "there is no certificate (X.509, PEM)".to_owned(),
            ),
            Self::CertificateUnreadable(why) => (
                format!("không đọc được chứng thư số: {why}"),
                format!("the certificate can't be read: {why}"),
            ),
            Self::NotForSigning => (
                "chứng thư số không dùng để ký".to_owned(),
                "the certificate is not for signing".to_owned(),
            ),
            Self::NotYetValid(from) => (
                format!("chứng thư số chỉ có hiệu lực từ {}", shown(*from)),
                format!("the certificate is valid only from {}", shown(*from)),
            ),
            Self::Expired(to) => (
                format!("chứng thư số đã hết hạn lúc {}", shown(*to)),
                format!("the certificate expired at {}", shown(*to)),
            ),
            Self::NoKey => (
                "không có khóa bí mật (PKCS #8, PEM)".to_owned(),
                "there is no private key (PKCS #8, PEM)".to_owned(),
            ),
            Self::KeyUnreadable(why) => (
                format!("không đọc được khóa bí mật: {why}"),
                format!("the private key can't be read: {why}"),
            ),
            Self::KeyEncrypted => (
                "khóa bí mật đang được mã hóa; hãy giải mã bằng openssl pkcs8".to_owned(),
                "the private key is encrypted: decrypt it by openssl pkcs8".to_owned(),
            ),
            Self::KeyNotPkcs8 => (
                "khóa bí mật không ở dạng PKCS #8; hãy đổi bằng openssl pkcs8 -topk8 -nocrypt".to_owned(),
                "the private key is not PKCS #8: change it by openssl pkcs8 -topk8 -nocrypt".to_owned(),
            ),
            Self::KeyUnsupported(why) => (
                format!("chỉ nhận khóa P-256 hoặc RSA từ 2048 bit: {why}"),
                format!("only a P-256 key or an RSA key from 2,048 bits is taken: {why}"),
            ),
            Self::OtherKey => (
                "khóa bí mật không phải của chứng thư số này".to_owned(),
                "the private key is not that of the certificate".to_owned(),
            ),
        };
        Text::new(vi, en)
    }

    /// That a certificate will expire.
    pub(super) fn expires_soon(to: DateTime<Utc>) -> Text {
        Text::new(
            format!("chứng thư số sắp hết hạn, lúc {}", shown(to)),
            format!("the certificate will expire soon, at {}", shown(to)),
        )
    }
}

impl From<CertificateFault> for Error {
    fn from(fault: CertificateFault) -> Self {
        let text = fault.text();
        Self::because(ProblemCode::CertificateNotValid, text.vi, text.en)
    }
}

/// An instant in Vietnam's time, to the second.
fn shown(instant: DateTime<Utc>) -> String {
    in_vietnam(instant).format("%d/%m/%Y %H:%M:%S").to_string()
}
