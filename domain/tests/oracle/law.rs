//! The law as plain tables: what the articles say, number by number.

use chrono::NaiveDate;
use domain::Month;
use domain::case_file::{AreaType, Jurisdiction};

/// The instruments in order of publication: the n-th makes release n.
pub(crate) const INSTRUMENTS: [&str; 18] = [
    "NĐ 28/2012/NĐ-CP",
    "NĐ 136/2013/NĐ-CP",
    "Quảng Ninh, trước 2017",
    "NQ 47/2016/NQ-HĐND",
    "NQ 309/2020/NQ-HĐND",
    "NĐ 20/2021/NĐ-CP",
    "TT 02/2021/TT-BLĐTBXH",
    "NQ 21/2021/NQ-HĐND",
    "NQ 08/2022/NQ-HĐND",
    "NQ 13/2023/NQ-HĐND",
    "Luật 41/2024/QH15",
    "NĐ 76/2024/NĐ-CP",
    "NQ ngày 23/9/2024 của HĐND tỉnh Quảng Ninh",
    "NĐ 147/2025/NĐ-CP",
    "NĐ 176/2025/NĐ-CP",
    "Quảng Ninh, trợ cấp hưu trí xã hội 2025",
    "NQ 83/2025/NQ-HĐND",
    "NĐ 335/2026/NĐ-CP",
];
/// The release with all of them.
pub(crate) const NEWEST: u32 = 18;

const ND_28: u32 = 1;
const ND_136: u32 = 2;
const QN_BEFORE_2017: u32 = 3;
const NQ_47: u32 = 4;
const ND_20: u32 = 6;
const NQ_21: u32 = 8;
pub(crate) const NQ_08: u32 = 9;
const ND_76: u32 = 12;
pub(crate) const NQ_OF_2024: u32 = 13;
const ND_147: u32 = 14;
const ND_176: u32 = 15;
pub(crate) const QN_PENSION: u32 = 16;
const ND_335: u32 = 18;

/// What a step of the law is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Đồng: NĐ 136/2013 Art 4(1), NĐ 20/2021 Art 4(2), NĐ 76/2024 Art 1, NĐ 335/2026 Art 4.
    CentralStandard,
    /// Đồng, of the province.
    CommunityStandard,
    /// Đồng, of the province.
    FacilityStandard,
    /// Đồng, of the Government: NĐ 176/2025 Art 3, NĐ 335/2026.
    CentralPension,
    /// Đồng, of the province.
    ProvincialPension,
    /// Đồng: NQ 08/2022.
    FixedRural,
    /// Đồng: NQ 08/2022.
    FixedUrban,
    /// The disabled and those who care for them: NĐ 28/2012 Art 16 and 17.
    Disabled,
    /// The other groups and care in a facility: NĐ 136/2013 Art 6 and 26.
    OldGroups,
    /// All groups, care support, facility and funeral, in place of both: NĐ 20/2021 Art 5 to 25 and 37.
    NewGroups,
    /// First month, change and loss: NĐ 147/2025 Art 5.
    MonthOfDecision,
    /// Who has the social pension: NĐ 176/2025 Art 2.
    SocialPension,
    /// 5.5b and 5.5c are no more: NĐ 176/2025, final articles.
    ElderlyEnd,
}

/// A step of the law: what an instrument brings from a month on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) subject: Subject,
    /// The release that its instrument makes.
    pub(crate) by: u32,
    /// `yyyymm` of the first month; 0 is open to the past.
    pub(crate) from: i32,
    /// Đồng; 0 for a rule.
    pub(crate) amount: i64,
}

const fn step(subject: Subject, by: u32, from: i32, amount: i64) -> Step {
    Step {
        subject,
        by,
        from,
        amount,
    }
}

/// Every step, in order of publication.
pub(crate) const STEPS: [Step; 25] = [
    step(Subject::Disabled, ND_28, 0, 0),
    step(Subject::CentralStandard, ND_136, 201_501, 270_000),
    step(Subject::OldGroups, ND_136, 0, 0),
    step(Subject::CommunityStandard, QN_BEFORE_2017, 0, 300_000),
    step(Subject::FacilityStandard, QN_BEFORE_2017, 0, 400_000),
    step(Subject::CommunityStandard, NQ_47, 201_701, 350_000),
    step(Subject::FacilityStandard, NQ_47, 201_701, 500_000),
    step(Subject::CentralStandard, ND_20, 202_107, 360_000),
    step(Subject::NewGroups, ND_20, 202_107, 0),
    step(Subject::CommunityStandard, NQ_21, 202_108, 450_000),
    step(Subject::FacilityStandard, NQ_21, 202_108, 500_000),
    step(Subject::CommunityStandard, NQ_08, 202_301, 500_000),
    step(Subject::FacilityStandard, NQ_08, 202_301, 650_000),
    step(Subject::FixedRural, NQ_08, 202_301, 1_500_000),
    step(Subject::FixedUrban, NQ_08, 202_301, 2_000_000),
    step(Subject::CentralStandard, ND_76, 202_407, 500_000),
    step(Subject::CommunityStandard, NQ_OF_2024, 202_410, 700_000),
    step(Subject::FacilityStandard, NQ_OF_2024, 202_410, 700_000),
    step(Subject::MonthOfDecision, ND_147, 202_507, 0),
    step(Subject::CentralPension, ND_176, 202_507, 500_000),
    step(Subject::SocialPension, ND_176, 202_507, 0),
    step(Subject::ElderlyEnd, ND_176, 202_507, 0),
    step(Subject::ProvincialPension, QN_PENSION, 202_507, 700_000),
    step(Subject::CentralStandard, ND_335, 202_607, 540_000),
    step(Subject::CentralPension, ND_335, 202_607, 540_000),
];
/// The months on whose first day some condition of eligibility changes, whoever knows of it.
pub(crate) const CONDITIONS_CHANGE: [(i32, u32); 3] = [(2021, 7), (2025, 7), (2026, 7)];

/// The law as it was known: what the first so many instruments brought, and of what later ones replace that it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) release: u32,
    /// The place of a step left out, to see whether anybody notices.
    pub(crate) forgotten: Option<usize>,
    /// What one more instrument changes.
    pub(crate) drawn: Option<Drawn>,
}

/// The number and citation of an instrument that is drawn.
pub(crate) const DRAWN: &str = "NQ thử";

/// What an instrument changes that is published after all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drawn {
    /// Another amount from a month on, or in some months only: what was said before stands in the others.
    Amount {
        subject: Subject,
        from: Month,
        to: Option<Month>,
        amount: i64,
    },
    /// A group of NĐ 20/2021 goes on by another coefficient, in tenths.
    Coefficient {
        group: &'static str,
        from: Month,
        tenths: i64,
    },
    /// Nothing of NQ 08/2022 holds from the month on, and what it had replaced does not come back.
    Repeal { from: Month },
}

impl Drawn {
    /// The first days of the months on which it changes something.
    pub(crate) fn days(self) -> Vec<NaiveDate> {
        let (from, to) = match self {
            Self::Amount { from, to, .. } => (from, to),
            Self::Coefficient { from, .. } | Self::Repeal { from } => (from, None),
        };
        let after = to.map(|to| to.next().first_day());
        after.into_iter().chain([from.first_day()]).collect()
    }
}

impl Known {
    pub(crate) const NEWEST: Self = Self::at(NEWEST);

    pub(crate) const fn at(release: u32) -> Self {
        Self {
            release,
            forgotten: None,
            drawn: None,
        }
    }

    /// The last of the known steps about the subject that has begun by the month.
    fn last(self, subject: Subject, month: Month) -> Option<Step> {
        let mut last = None;
        for (place, step) in STEPS.iter().enumerate() {
            let known = step.by <= self.release && self.forgotten != Some(place);
            if known && step.subject == subject && step.from <= month.yyyymm() {
                last = Some(*step);
            }
        }
        match self.drawn {
            Some(Drawn::Amount {
                subject: own,
                from,
                to,
                amount,
            }) if own == subject && from <= month && to.is_none_or(|to| month <= to) => {
                Some(step(subject, self.release + 1, from.yyyymm(), amount))
            }
            Some(Drawn::Repeal { from }) => last.filter(|step: &Step| step.by != NQ_08 || month < from),
            _ => last,
        }
    }

    /// Ten times the coefficient of a group in the month, where NĐ 20/2021 says so much.
    pub(crate) fn tenths(self, group: &str, month: Month, decree: i64) -> i64 {
        match self.drawn {
            Some(Drawn::Coefficient {
                group: own,
                from,
                tenths,
            }) if own == group && from <= month => tenths,
            _ => decree,
        }
    }

    /// Is the rule in force in the month?
    pub(crate) fn holds(self, subject: Subject, month: Month) -> bool {
        self.last(subject, month).is_some()
    }

    /// The amount in the month; none if no instrument sets one.
    pub(crate) fn amount(self, subject: Subject, month: Month) -> Option<i64> {
        self.last(subject, month).map(|step| step.amount)
    }

    /// The higher of the amount of the Government and that of the province, which counts in the province alone.
    fn higher(self, law: Jurisdiction, central: Subject, provincial: Subject, month: Month) -> i64 {
        let central = self.amount(central, month).unwrap_or(0);
        match law {
            Jurisdiction::Central => central,
            Jurisdiction::QuangNinh => central.max(self.amount(provincial, month).unwrap_or(0)),
        }
    }

    /// Community standard, never below the central one (NĐ 20/2021 Art 4(3)(a)).
    pub(crate) fn community_standard(self, law: Jurisdiction, month: Month) -> i64 {
        self.higher(law, Subject::CentralStandard, Subject::CommunityStandard, month)
    }

    /// Facility standard.
    pub(crate) fn facility_standard(self, law: Jurisdiction, month: Month) -> i64 {
        self.higher(law, Subject::CentralStandard, Subject::FacilityStandard, month)
    }

    /// Social pension.
    pub(crate) fn social_pension(self, law: Jurisdiction, month: Month) -> i64 {
        self.higher(law, Subject::CentralPension, Subject::ProvincialPension, month)
    }

    /// NQ 08/2022: rural and urban; in a special area the rule is not known, and the urban amount stands for it.
    pub(crate) fn fixed_amount(self, law: Jurisdiction, area: AreaType, month: Month) -> Option<i64> {
        let subject = match area {
            AreaType::Rural => Subject::FixedRural,
            AreaType::Urban | AreaType::Special => Subject::FixedUrban,
        };
        self.amount(subject, month).filter(|_| law == Jurisdiction::QuangNinh)
    }
}

/// Where the provision of a group stands.
pub(crate) fn provision(known: Known, group: &str, month: Month) -> &'static str {
    if let Some(Drawn::Coefficient { group: own, from, .. }) = known.drawn
        && own == group
        && from <= month
    {
        return DRAWN;
    }
    let old = !known.holds(Subject::NewGroups, month);
    match group {
        "5.6" if old => "NĐ 28/2012 Art 16",
        "28/17" => "NĐ 28/2012 Art 17",
        "136/26" => "NĐ 136/2013 Art 26",
        _ if old => "NĐ 136/2013 Art 6",
        "5.1" => "NĐ 20/2021 Art 6(1)(a)",
        "5.2" => "NĐ 20/2021 Art 6(1)(b)",
        "5.3" => "NĐ 20/2021 Art 6(1)(c)",
        "5.4" => "NĐ 20/2021 Art 6(1)(d)",
        "5.5a" | "5.5b" | "5.5c" | "5.5d" => "NĐ 20/2021 Art 6(1)(đ)",
        "5.6" => "NĐ 20/2021 Art 6(1)(e)",
        "5.7" | "5.8" => "NĐ 20/2021 Art 6(1)(g)",
        "20(1)(a)" => "NĐ 20/2021 Art 20(1)(a)",
        "20(1)(b)" => "NĐ 20/2021 Art 20(1)(b)",
        "20(2)(a)" => "NĐ 20/2021 Art 20(2)(a)",
        "20(2)(c)" => "NĐ 20/2021 Art 20(2)(c)",
        "20(2)(d)" => "NĐ 20/2021 Art 20(2)(d)",
        "25(1)(a)" => "NĐ 20/2021 Art 25(1)(a)",
        "25(1)(b)" => "NĐ 20/2021 Art 25(1)(b)",
        "25(3)" => "NĐ 20/2021 Art 25(3)",
        "11" => "NĐ 20/2021 Art 11",
        "sp" => "NĐ 176/2025",
        "qn_poor_unable_to_work" => "NQ 08/2022",
        _ => "?",
    }
}

/// Some areas of the province: the code, then the types a stay passes through that begins under the table of 2023,
/// under that of 1/11/2024 and under that of 1/7/2025 (`U` urban, `R` rural, `S` special, `-` no such code then),
/// through the default successors.
pub(crate) const AREAS: [(&str, [&str; 3]); 22] = [
    ("06652", ["UUU", "UU", "U"]), // Phường Hà Phong; from 7/2025 the code of Phường Hà Tu
    ("07093", ["UUU", "UU", "U"]), // Phường Đức Chính; from 7/2025 Phường Đông Triều
    ("06838", ["UUR", "UR", "R"]), // Thị trấn Bình Liêu; from 7/2025 Xã Bình Liêu
    ("06862", ["UUR", "UR", "R"]), // Thị trấn Tiên Yên; from 7/2025 Xã Tiên Yên
    ("06730", ["RRU", "RU", "-"]), // Xã Hải Đông, into Phường Móng Cái 3
    ("07147", ["RRU", "RU", "U"]), // Xã Hiệp Hòa; from 7/2025 a phường
    ("07180", ["RRU", "RU", "U"]), // Xã Liên Hòa; from 7/2025 a phường
    ("06994", ["UUS", "US", "S"]), // Thị trấn Cái Rồng; from 7/2025 Đặc khu Vân Đồn
    ("07192", ["UUS", "US", "S"]), // Thị trấn Cô Tô; from 7/2025 Đặc khu Cô Tô
    ("06997", ["RRS", "RS", "-"]), // Xã Đài Xuyên, into Đặc khu Vân Đồn
    ("07006", ["RRS", "RS", "-"]), // Xã Minh Châu, into Đặc khu Vân Đồn
    ("07081", ["RUU", "UU", "U"]), // Xã Bình Khê; from 11/2024 a phường
    ("07129", ["RUU", "UU", "-"]), // Xã Yên Đức; from 11/2024 a phường
    ("06799", ["RRR", "RR", "R"]), // Xã Cộng Hòa, Xã Hải Hòa
    ("06802", ["RRR", "--", "-"]), // Xã Cẩm Hải, from 11/2024 in Xã Hải Hòa
    ("06991", ["RRR", "--", "-"]), // Xã Minh Cầm, from 11/2024 in Xã Lương Minh
    ("06985", ["RRR", "RR", "R"]), // Xã Lương Mông
    ("07072", ["UUU", "--", "-"]), // Phường Đông Triều, from 11/2024 in Phường Đức Chính
    ("07033", ["RRR", "RR", "-"]), // Xã Kỳ Thượng
    ("06979", ["RRR", "RR", "R"]), // Xã Đạp Thanh
    ("07042", ["RRU", "RU", "-"]), // Xã Đồng Lâm, into Phường Hoành Bồ
    ("06655", ["UUU", "UU", "-"]), // Phường Hà Khẩu, split
];

/// Which table of areas a month reads: 0 until 10/2024, 1 from 11/2024, 2 from 7/2025.
pub(crate) fn epoch(month: Month) -> usize {
    match month.yyyymm() {
        ..202_411 => 0,
        202_411..202_507 => 1,
        _ => 2,
    }
}

/// The type in `month` of a stay that began in `began` under the code; none if no such code existed then.
pub(crate) fn area_type(code: &str, began: Month, month: Month) -> Option<AreaType> {
    let (_, chains) = AREAS.iter().find(|(known, _)| *known == code)?;
    let start = epoch(began);
    let letter = chains[start].chars().nth(epoch(month).saturating_sub(start))?;
    match letter {
        'U' => Some(AreaType::Urban),
        'R' => Some(AreaType::Rural),
        'S' => Some(AreaType::Special),
        _ => None,
    }
}
