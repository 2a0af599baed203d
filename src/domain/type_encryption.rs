//! How the volumes of a type are to be encrypted. Cinder keeps it with the type and hands it to whoever
//! attaches a volume; it encrypts nothing by itself.

use chrono::{DateTime, Utc};

use super::{TypeEncryptionId, status_enum};

status_enum! {
    /// Who encrypts: the host that has the volume attached, or the storage
    /// (`api/schemas/volume_type_encryption.py`).
    ControlLocation {
        FrontEnd = "front-end",
        BackEnd = "back-end",
    }
}

/// What a type says about encryption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeEncryption {
    /// Its own id, by which Cinder's paths name it.
    pub id: TypeEncryptionId,
    /// What encrypts, such as `luks`.
    pub provider: String,
    /// Where.
    pub control_location: ControlLocation,
    /// Algorithm and mode, such as `aes-xts-plain64`.
    pub cipher: Option<String>,
    /// Length of the key in bits; never negative.
    pub key_size: Option<i32>,
    /// When the type began to say it.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: Option<DateTime<Utc>>,
}

/// What `PUT /types/{id}/encryption/{encryption_id}` changes; outer `None` leaves the field alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeEncryptionPatch {
    /// New provider.
    pub provider: Option<String>,
    /// New place.
    pub control_location: Option<ControlLocation>,
    /// New cipher, or none any more.
    pub cipher: Option<Option<String>>,
    /// New length of the key, or none any more.
    pub key_size: Option<Option<i32>>,
}

impl TypeEncryption {
    /// Whether a key could be asked for: the cipher names the algorithm of the key
    /// (`volume/volume_utils.py::create_encryption_key`).
    pub fn names_an_algorithm(&self) -> bool {
        self.cipher.as_ref().is_some_and(|cipher| !cipher.is_empty())
    }

    /// Changes what the patch names.
    pub fn patch(&mut self, patch: TypeEncryptionPatch, now: DateTime<Utc>) {
        if let Some(provider) = patch.provider {
            self.provider = provider;
        }
        self.control_location = patch.control_location.unwrap_or(self.control_location);
        if let Some(cipher) = patch.cipher {
            self.cipher = cipher;
        }
        self.key_size = patch.key_size.unwrap_or(self.key_size);
        self.updated_at = Some(now);
    }
}
