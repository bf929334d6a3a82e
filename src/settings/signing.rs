//! What signs the manifests of payment files.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::Args;
use service::payment_file::{CertificateFault, SigningCertificate};
use service::{Error, ProblemCode};

use super::delivery::set;

const CERTIFICATE: &str = "ANSINH_SIGNING_CERTIFICATE";
const KEY: &str = "ANSINH_SIGNING_KEY";
/// How a PEM text begins that stands in the setting itself.
const PEM: &str = "-----BEGIN ";

/// What signs the manifests of payment files.
#[derive(Args, Clone)]
pub(crate) struct Signing {
    /// Certificate (X.509, PEM; those of its issuers after it) by which manifests are signed (CMS): a file, or the PEM
    /// text itself. Without it the installation's own Ed25519 key signs.
    #[arg(
        id = "signing_certificate",
        long = "signing-certificate",
        global = true,
        env = CERTIFICATE,
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub(crate) certificate: Option<String>,
    /// Its private key (PKCS #8, PEM, P-256 or RSA from 2048 bits): a file, or the PEM text itself.
    #[arg(
        id = "signing_key",
        long = "signing-key",
        global = true,
        env = KEY,
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub(crate) key: Option<String>,
}

impl std::fmt::Debug for Signing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signing({})", self.certificate.is_some())
    }
}

impl Signing {
    /// The certificate that is configured, if any; a setting at fault is named. One that is not valid now is only warned
    /// of: it signs nothing, and all else goes on.
    pub(crate) fn certificate(&self, now: DateTime<Utc>) -> Result<Option<Arc<SigningCertificate>>, Error> {
        let (certificate, key) = match (set(&self.certificate), set(&self.key)) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate, key),
            (Some(_), None) => return Err(missing(KEY, CERTIFICATE)),
            (None, Some(_)) => return Err(missing(CERTIFICATE, KEY)),
        };
        let (certificate, key) = (text(CERTIFICATE, certificate)?, text(KEY, key)?);
        let own = SigningCertificate::read(&certificate, &key).map_err(|fault| refused(&fault))?;
        if let Some(warning) = own.warning(now) {
            tracing::warn!("{CERTIFICATE}: {} ({})", warning.vi, warning.en);
        }
        Ok(Some(Arc::new(own)))
    }
}

/// The PEM text of a setting, which it holds or names. What it holds is never told.
fn text(name: &str, value: &str) -> Result<String, Error> {
    if value.trim_start().starts_with(PEM) {
        return Ok(value.to_owned());
    }
    std::fs::read_to_string(value).map_err(|error| {
        Error::because(
            ProblemCode::InvalidRequest,
            format!("Thiết lập {name}: không đọc được tệp: {error}"),
            format!("the setting {name}: the file can't be read: {error}"),
        )
    })
}

fn refused(fault: &CertificateFault) -> Error {
    let name = if fault.is_of_key() { KEY } else { CERTIFICATE };
    let text = fault.text();
    Error::because(
        ProblemCode::InvalidRequest,
        format!("Thiết lập {name}: {}", text.vi),
        format!("the setting {name}: {}", text.en),
    )
}

fn missing(name: &str, beside: &str) -> Error {
    Error::because(
        ProblemCode::InvalidRequest,
        format!("Thiết lập {beside} cần có {name} đi kèm"),
        format!("the setting {beside} needs {name} beside it"),
    )
}
