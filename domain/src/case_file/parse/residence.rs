//! Reading where somebody lives.

use chrono::NaiveDate;

use super::super::problem::CaseProblemCode as Code;
use super::super::strict_json::Json;
use super::super::{AreaType, Jurisdiction, Place, Residence, Setting};
use super::{Fields, Reader, overlap};
use crate::area::{self, Level};

impl Reader {
    pub(super) fn residence(&mut self, json: &Json<'_>, jurisdiction: Option<Jurisdiction>) -> Option<Residence> {
        let fields = self.fields(json, &["area", "area_type", "from", "to", "setting"])?;
        let span = self.span(&fields);
        let setting = self.required(&fields, "setting", |r, json| {
            r.word(
                json,
                &[("community", Setting::Community), ("facility", Setting::Facility)],
                Code::UnknownSetting,
            )
        });
        let place = self.place(&fields, jurisdiction, span.map(|(from, _)| from));
        let (from, to) = span?;
        Some(Residence {
            place: place?,
            from,
            to,
            setting: setting?,
        })
    }

    fn place(
        &mut self,
        fields: &Fields<'_, '_>,
        jurisdiction: Option<Jurisdiction>,
        from: Option<NaiveDate>,
    ) -> Option<Place> {
        let with_province = jurisdiction != Some(Jurisdiction::Central);
        match (fields.get("area"), fields.get("area_type")) {
            (_, Some(_)) if with_province => self.at("area_type", |r| r.refuse(Code::AreaTypeWithProvince)),
            (Some(_), Some(_)) => self.at("area_type", |r| r.refuse(Code::AreaAndAreaType)),
            (None, Some(json)) => self
                .at("area_type", |r| {
                    let words = [
                        ("urban", AreaType::Urban),
                        ("rural", AreaType::Rural),
                        ("special", AreaType::Special),
                    ];
                    r.word(json, &words, Code::UnknownValue)
                })
                .map(Place::Type),
            (None, None) => self.at("area", |r| r.refuse(Code::MissingField)),
            (Some(json), None) => self.at("area", |r| {
                let code = r.text(json, 20)?;
                let exists = from.is_none_or(|day| {
                    area::table()
                        .on(&code, day)
                        .is_some_and(|area| area.level == Level::Commune)
                });
                if with_province && !exists {
                    return r.refuse(Code::UnknownArea);
                }
                Some(Place::Area(code))
            }),
        }
    }

    pub(super) fn no_overlap(&mut self, residences: &[Residence]) {
        for (index, later) in residences.iter().enumerate() {
            let clash = residences[..index].iter().any(|earlier| {
                overlap((earlier.from, earlier.to), (later.from, later.to))
                    && (&earlier.place, earlier.setting) != (&later.place, later.setting)
            });
            if clash {
                self.at_index(index, |r| r.refuse::<()>(Code::OverlappingResidences));
            }
        }
    }
}
