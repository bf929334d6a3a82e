//! What a check of law finds, with a pointer to the clause.

use serde::Serialize;

use crate::case_file::Language;

/// Whether a finding forbids publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Publication is refused.
    Error,
    /// To be read by the approver.
    Warning,
}

macro_rules! finding_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $vi:literal, $en:literal;)+) => {
        /// What is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum FindingCode { $($(#[doc = $doc])+ #[serde(rename = $code)] $name,)+ }

        impl FindingCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str { match self { $(Self::$name => $code,)+ } }

            /// The message, Vietnamese and English.
            pub const fn message(self) -> (&'static str, &'static str) { match self { $(Self::$name => ($vi, $en),)+ } }
        }
    };
}

finding_codes! {
    /// The JSON has not the shape of an instrument.
    Malformed = "malformed", "Nội dung không đúng cấu trúc văn bản.", "Not in the shape of an instrument.";
    /// A required text is empty.
    Empty = "empty", "Không được để trống.", "Must not be empty.";
    /// The last day lies before the first.
    ToBeforeFrom = "to_before_from", "Ngày cuối trước ngày đầu.", "The last day lies before the first.";
    /// The instrument was listed before.
    DuplicateInstrument = "duplicate_instrument", "Văn bản đã có trong hệ thống pháp luật.", "The instrument is there already.";
    /// A parameter nobody sets.
    UnknownParameter = "unknown_parameter", "Không có tham số này.", "Nobody sets this parameter.";
    /// A parameter without a value in some months, not declared unknown.
    ParameterHole = "parameter_hole", "Tham số thiếu giá trị trong một số tháng mà không được khai báo là chưa biết.", "The parameter has no value in some months and they are not declared unknown.";
    /// Months between two rules of one group in which neither holds, not declared unknown.
    RuleHole = "rule_hole", "Nhóm này không có quy định trong một số tháng giữa hai quy định mà không được khai báo là chưa biết.", "No rule holds for the group in some months between two rules and they are not declared unknown.";
    /// One instrument gives two values for one month.
    ParameterTwice = "parameter_twice", "Một tham số có hai giá trị trong cùng một tháng.", "One instrument gives two values for one month.";
    /// Money that is not whole đồng within the bound, or a negative number.
    InvalidNumber = "invalid_number", "Giá trị phải là số đồng nguyên, không âm, không vượt 9.007.199.254.740.991; hệ số phải dương.", "Money is whole đồng, not negative, at most 9,007,199,254,740,991; a coefficient is positive.";
    /// A product with a fraction of a đồng.
    NotWhole = "not_whole", "Hệ số nhân mức chuẩn không ra số đồng nguyên.", "The coefficient times the standard is not whole đồng.";
    /// A provincial standard below the central one.
    BelowFloor = "below_floor", "Mức chuẩn của tỉnh thấp hơn mức chuẩn trung ương; mức trung ương được áp dụng.", "The provincial standard lies below the central one, which applies instead.";
    /// A word that the kind of evidence does not have.
    UnknownValue = "unknown_value", "Loại căn cứ này không có giá trị đó.", "The kind of evidence has no such value.";
    /// A group no rule makes.
    UnknownGroup = "unknown_group", "Không có nhóm đối tượng này.", "No rule makes this group.";
    /// Groups that refer to each other in a circle.
    CircularGroups = "circular_groups", "Các nhóm dẫn chiếu vòng tròn.", "Groups refer to each other in a circle.";
    /// A condition nobody can meet.
    Contradiction = "contradiction", "Điều kiện không ai đáp ứng được.", "Nobody can meet this condition.";
    /// Nothing inside `all` or `any`.
    EmptyCondition = "empty_condition", "Điều kiện trống.", "The condition is empty.";
    /// A bracket that holds no age or number.
    EmptyBracket = "empty_bracket", "Khoảng không chứa giá trị nào.", "The bracket holds nothing.";
    /// Ages without a line in the table.
    AgeGap = "age_gap", "Bảng theo tuổi bỏ trống một số tuổi.", "The table by age leaves out some ages.";
    /// Ages with two lines in the table.
    AgeOverlap = "age_overlap", "Bảng theo tuổi có tuổi nằm ở hai dòng.", "The table by age has two lines for some ages.";
    /// A special area without an amount and not declared undetermined.
    SpecialAreaUndeclared = "special_area_undeclared", "Chưa khai báo trường hợp đặc khu.", "The special area is not declared undetermined.";
    /// A unit that does not fit the use.
    WrongUnit = "wrong_unit", "Đơn vị tính không phù hợp.", "The unit does not fit.";
    /// An end that hits nothing.
    NothingToEnd = "nothing_to_end", "Không có quy định nào trước đó để chấm dứt.", "Nothing earlier is ended by this.";
    /// A span that holds the first day of no month, so that it governs none.
    NoMonth = "no_month", "Khoảng thời gian không chứa ngày đầu của tháng nào nên không có hiệu lực với tháng nào.", "The span holds the first day of no month, so it governs none.";
    /// Two rules of one issuer give one group something in the same months.
    RuleOverlap = "rule_overlap", "Hai quy định cùng áp dụng cho một nhóm trong cùng tháng; hãy chấm dứt quy định trước.", "Two rules hold for the same people of one group in the same months; end the earlier one.";
    /// Two rules of effect in one instrument for the same months.
    EffectTwice = "effect_twice", "Hai quy định về thời điểm hưởng cho cùng một tháng.", "Two rules of effect for one month.";
    /// A rule that refers to groups nobody can be in while it is in force.
    Unreachable = "unreachable", "Không ai có thể hưởng theo quy định này: nhóm được dẫn chiếu không còn hoặc chưa có trong các tháng đó.", "Nobody can receive this: the groups it refers to do not exist in its months.";
    /// An instrument that is not among those published before.
    UnknownInstrument = "unknown_instrument", "Không có văn bản này trong hệ thống pháp luật.", "There is no such instrument.";
    /// In force before the instrument it amends or repeals.
    InForceBeforeAmended = "in_force_before_amended", "Có hiệu lực trước văn bản mà nó sửa đổi hoặc bãi bỏ.", "In force before the instrument it amends or repeals.";
    /// Another open draft changes the same clause.
    AnotherDraft = "another_draft", "Một dự thảo khác đang mở cũng sửa nội dung này.", "Another open draft changes the same.";
    /// An instrument published since the draft was written changed the same clause, and the draft does not amend it.
    ChangedSince = "changed_since", "Nội dung này đã được một văn bản ban hành sau khi lập dự thảo thay đổi; hãy nêu văn bản đó trong phần sửa đổi.", "An instrument published since the draft was written changed the same; name it among those amended.";
    /// A case of the instrument that comes out otherwise.
    CaseFails = "case_fails", "Trường hợp kiểm tra không ra kết quả như ghi.", "The case comes out otherwise than it says.";
    /// A rule without a case.
    RuleWithoutCase = "rule_without_case", "Quy định chưa có trường hợp kiểm tra.", "No case tries this rule.";
    /// A case of another instrument that comes out otherwise from now on.
    EarlierCaseChanges = "earlier_case_changes", "Một trường hợp kiểm tra của văn bản khác sẽ ra kết quả khác.", "A case of another instrument comes out otherwise.";
    /// Months without a rule that says which facts count.
    EffectHole = "effect_hole", "Có tháng không có quy định về thời điểm hưởng.", "Some months have no rule of effect.";
    /// More distinct conditions than one release can hold.
    TooComplex = "too_complex", "Hệ thống quy định quá phức tạp.", "The rules are too complex.";
}

/// One thing found in an instrument.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The number of the instrument; empty where it could not be read.
    pub instrument: String,
    /// The clause, as a JSON Pointer (RFC 6901) into the instrument.
    pub pointer: String,
    /// Whether it forbids publication.
    pub severity: Severity,
    /// What.
    pub code: FindingCode,
    /// The name, month or number it is about.
    pub detail: String,
}

impl Finding {
    pub(crate) fn error(pointer: String, code: FindingCode, detail: String) -> Self {
        Self {
            instrument: String::new(),
            pointer,
            severity: Severity::Error,
            code,
            detail,
        }
    }

    /// The message in a language, with what it is about.
    pub fn message(&self, language: Language) -> String {
        let text = language.of(self.code.message());
        if self.detail.is_empty() {
            text.to_owned()
        } else {
            format!("{text} ({})", self.detail)
        }
    }
}
