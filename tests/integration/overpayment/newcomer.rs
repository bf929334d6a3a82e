//! A person whom a predecessor paid, in cash at the post office.

use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody severely disabled since 2022, with a decision and a payee.
pub(crate) fn newcomer(id: Uuid, number: &str, area: &str) -> Value {
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

/// The two whom the carer cares for, by day of birth.
pub(super) const CARED: [&str; 2] = ["1955-02-10", "2001-07-20"];

/// A fact of the carer: somebody of the family, particularly severely disabled.
pub(super) fn caring_for(birth_date: &str) -> Value {
    json!({"birth_date": birth_date, "condition": "particularly_severe", "relation": "own_family"})
}

/// Somebody with an allowance as [`newcomer`] who also cares for two of the family since 2022.
pub(crate) fn carer(id: Uuid, number: &str, area: &str) -> Value {
    let mut carer = newcomer(id, number, area);
    carer["person"]["full_name"] = json!("Vũ Thị Hoa");
    carer["payees"][0]["account"]["holder_name"] = json!("Vũ Thị Hoa");
    for birth_date in CARED {
        let fact = json!({"kind": "caring_for", "value": caring_for(birth_date), "from": "2022-03-20"});
        carer["person"]["evidence"].as_array_mut().unwrap().push(fact);
    }
    let granted = json!({"benefit": "care_support", "number": "13/QĐ", "signed_on": "2022-06-05"});
    carer["decisions"].as_array_mut().unwrap().push(granted);
    carer
}
