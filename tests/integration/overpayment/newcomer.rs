//! A person whom a predecessor paid, in cash at the post office.

use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody severely disabled since 2022, with a decision and a payee.
pub(super) fn newcomer(id: Uuid, number: &str, area: &str) -> Value {
    json!({
        "id": id,
        "person": {
            "full_name": "Phạm Thị Lan", "birth_date": "1990-05-01", "sex": "female",
            "residences": [{"area": area, "from": "2018-01-01", "setting": "community"}],
            "evidence": [{"kind": "disability", "value": "severe", "from": "2022-03-20"}],
        },
        "decisions": [{"benefit": "monthly_allowance", "number": "12/QĐ", "signed_on": "2022-06-05"}],
        "payees": [{"relation": "oneself", "from": "2022-06-05", "account": {
            "channel": "post_cash", "account_number": number, "holder_name": "Phạm Thị Lan",
            "post_office": "Bưu cục Hà Phong"}}],
    })
}
