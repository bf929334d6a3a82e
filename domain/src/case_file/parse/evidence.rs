//! Reading facts and their values.

use super::super::problem::CaseProblemCode as Code;
use super::super::strict_json::Json;
use super::{Reader, overlap};
use crate::Vnd;
use crate::evidence::{
    CareCondition, CareRelation, CaredPerson, Evidence, EvidenceKind, EvidenceValue, RaisedChild, Shape,
};

const LONGEST_SUB_CASE: usize = 100;

impl Reader {
    pub(super) fn evidence(&mut self, json: &Json<'_>) -> Option<Evidence> {
        let fields = self.fields(json, &["kind", "value", "from", "to"])?;
        let kind = self.required(&fields, "kind", |r, json| match json.as_text() {
            None => r.refuse(Code::WrongType),
            Some(text) => match EvidenceKind::ALL.iter().find(|kind| kind.code() == text) {
                Some(kind) => Some(*kind),
                None => r.refuse(Code::UnknownEvidenceKind),
            },
        });
        let value = match kind {
            Some(kind) => self.required(&fields, "value", |r, json| r.value(json, kind.shape())),
            None => None,
        };
        let (from, to) = self.span(&fields)?;
        Some(Evidence {
            kind: kind?,
            value: value?,
            from,
            to,
        })
    }

    fn value(&mut self, json: &Json<'_>, shape: Shape) -> Option<EvidenceValue> {
        match shape {
            Shape::Flag => match json {
                Json::Bool(true) => Some(EvidenceValue::True),
                Json::Bool(false) => self.refuse(Code::UnknownValue),
                _ => self.refuse(Code::WrongType),
            },
            Shape::FlagOrText => match json {
                Json::Bool(true) => Some(EvidenceValue::True),
                Json::Bool(false) => self.refuse(Code::UnknownValue),
                _ => self.text(json, LONGEST_SUB_CASE).map(EvidenceValue::Word),
            },
            Shape::Word(words) => match json.as_text() {
                None => self.refuse(Code::WrongType),
                Some(text) if words.contains(&text) => Some(EvidenceValue::Word(text.to_owned())),
                Some(_) => self.refuse(Code::UnknownValue),
            },
            Shape::Amount => self.amount(json),
            Shape::Child => self.child(json),
            Shape::Cared => self.cared(json),
        }
    }

    fn amount(&mut self, json: &Json<'_>) -> Option<EvidenceValue> {
        let Json::Integer(number) = json else {
            return self.refuse(Code::WrongType);
        };
        if *number < 0 {
            return self.refuse(Code::AmountNegative);
        }
        match i64::try_from(*number).ok().and_then(|dong| Vnd::new(dong).ok()) {
            Some(amount) => Some(EvidenceValue::Amount(amount)),
            None => self.refuse(Code::AmountTooLarge),
        }
    }

    fn child(&mut self, json: &Json<'_>) -> Option<EvidenceValue> {
        let fields = self.fields(json, &["birth_date", "studying_until"])?;
        let birth_date = self.required(&fields, "birth_date", Self::date);
        let studying_until = self.optional(&fields, "studying_until", Self::date);
        Some(EvidenceValue::Child(RaisedChild {
            birth_date: birth_date?,
            studying_until: studying_until?,
        }))
    }

    fn cared(&mut self, json: &Json<'_>) -> Option<EvidenceValue> {
        let fields = self.fields(json, &["birth_date", "condition", "relation"])?;
        let birth_date = self.required(&fields, "birth_date", Self::date);
        let condition = self.required(&fields, "condition", |r, json| {
            let words = [
                ("no_caregiver", CareCondition::NoCaregiver),
                ("particularly_severe", CareCondition::ParticularlySevere),
                ("elderly_5_5d", CareCondition::Elderly55d),
            ];
            r.word(json, &words, Code::UnknownValue)
        });
        let relation = self.required(&fields, "relation", |r, json| {
            let words = [
                ("own_family", CareRelation::OwnFamily),
                ("taken_in", CareRelation::TakenIn),
            ];
            r.word(json, &words, Code::UnknownValue)
        });
        Some(EvidenceValue::Cared(CaredPerson {
            birth_date: birth_date?,
            condition: condition?,
            relation: relation?,
        }))
    }

    pub(super) fn no_contradiction(&mut self, evidence: &[Evidence]) {
        for (index, later) in evidence.iter().enumerate() {
            let clash = evidence[..index].iter().any(|earlier| {
                earlier.kind == later.kind
                    && !later.kind.overlaps()
                    && earlier.value != later.value
                    && overlap((earlier.from, earlier.to), (later.from, later.to))
            });
            if clash {
                self.at_index(index, |r| r.refuse::<()>(Code::ContradictingEvidence));
            }
        }
    }
}
