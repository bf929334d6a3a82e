//! Reading entitlements.
