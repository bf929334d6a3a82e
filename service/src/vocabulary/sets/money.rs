//! Pay runs, files, banks, funds and what is owed back.

use std::collections::BTreeMap;

use entity::{
    approval_tier, bank_report, bank_report_line, calendar_day, delivery, enums, fund, fund_transfer, overpayment,
    overpayment_appeal, overpayment_case, overpayment_deduction, overpayment_recovery, pay_run, payee, payment_file,
    payment_line, payment_order, treasury_proposal,
};
use sea_orm::Iterable;

use crate::code::Code;
use crate::vocabulary::Term;

super::sets! {
    "bank_report_format" = bank_report::ReportFormat {
        Pain002: "Trạng thái lệnh chi (pain.002)", "Payment status (pain.002)";
        Camt053: "Sao kê tài khoản (camt.053)", "Account statement (camt.053)";
        Camt054: "Báo có, báo nợ (camt.054)", "Debit and credit notification (camt.054)";
        PostResult: "Kết quả chi trả của bưu điện", "Post office results";
        Camt029: "Trả lời đề nghị thu hồi (camt.029)", "Answer to a recall (camt.029)";
        ResultTable: "Bảng kết quả của ngân hàng (CSV, XLSX)", "Bank result table (CSV, XLSX)";
    }
    "bank_report_status" = bank_report::ReportStatus {
        Received: "Đã nhận", "Received";
        Reconciled: "Đã đối soát", "Reconciled";
        Failed: "Lỗi", "Failed";
        SetAside: "Đã loại bỏ", "Set aside";
    }
    "bank_report_outcome" = bank_report_line::LineOutcome {
        Pending: "Chờ đối soát", "Pending";
        Matched: "Khớp", "Matched";
        Partial: "Khớp một phần", "Partial";
        AmountDiffers: "Lệch số tiền", "Amount differs";
        UnknownReference: "Không rõ tham chiếu", "Unknown reference";
        Duplicate: "Trùng", "Duplicate";
        Late: "Đến muộn", "Late";
        Returned: "Hoàn trả", "Returned";
        SetAside: "Loại bỏ cùng báo cáo", "Set aside with its report";
    }
    "delivery_channel" = delivery::DeliveryChannel {
        Download: "Kho bạc tải về", "Fetched by the treasury";
        DropFolder: "Thư mục giao tệp", "Drop folder";
        Sftp: "Máy chủ SFTP", "SFTP server";
    }
    "delivery_status" = delivery::DeliveryStatus {
        Queued: "Chờ gửi", "Waits to be sent";
        Sent: "Đã tới nơi nhận", "At the target";
        Acknowledged: "Bên nhận đã xác nhận", "Acknowledged by the receiver";
        Unknown: "Chưa rõ đã tới hay chưa", "Nobody knows whether it arrived";
        Failed: "Không giao được", "Not delivered";
    }
    "channel" = enums::Channel {
        BankTransfer: "Chuyển khoản ngân hàng", "Bank transfer";
        PostCash: "Tiền mặt qua bưu điện", "Cash at the post office";
    }
    "fund_account" = enums::FundAccount {
        Source: "Nguồn", "Source";
        Available: "Khả dụng", "Available";
        Reserved: "Đã giữ chỗ", "Reserved";
        Committed: "Đã cam kết", "Committed";
        InTransit: "Đang chuyển", "In transit";
        Paid: "Đã chi", "Paid";
        ToReissue: "Chờ chi lại", "To reissue";
        ShortMoved: "Chuyển hoặc chi thiếu", "Moved too little";
        OverMoved: "Chuyển hoặc chi thừa", "Moved too much";
        WrittenOff: "Đã xóa chênh lệch", "Written off";
    }
    "fund_source" = fund::FundSource {
        Central: "Ngân sách trung ương", "Central budget";
        Provincial: "Ngân sách tỉnh", "Provincial budget";
        Commune: "Ngân sách xã", "Commune budget";
        Donation: "Đóng góp, tài trợ", "Donations";
    }
    "approval_tier_subject" = approval_tier::TierSubject {
        PayRun: "Đợt chi trả", "Pay run";
        ReliefRequest: "Đề nghị cứu trợ", "Relief request";
    }
    "calendar_day_kind" = calendar_day::CalendarDayKind {
        Holiday: "Ngân hàng nghỉ", "Banks are closed";
        Working: "Ngân hàng làm việc", "Banks work";
        PayEarly: "Chi trả sớm", "Early payment";
        YearClosed: "Khóa sổ ngân sách năm trước", "Earlier fiscal years are closed";
    }
    "treasury_proposal_kind" = treasury_proposal::TreasuryKind {
        Fund: "Mở nguồn kinh phí", "Opening of a fund";
        ApprovalTiers: "Mức duyệt", "Approval tiers";
        CalendarDay: "Ngày trong lịch chi trả", "Day of the calendar of payments";
        FundLines: "Các dòng dự toán của nguồn", "Lines of a fund's estimate";
        ProgramFund: "Nguồn chi của chương trình", "Fund of a program";
        FundReduction: "Giảm kinh phí của nguồn", "Less money for a fund";
    }
    "fund_reduction_kind" = treasury_proposal::ReductionKind {
        Cut: "Điều chỉnh giảm dự toán", "Cut of the estimate";
        GivenBack: "Hủy dự toán, nộp trả phần không dùng hết", "Unspent money cancelled or given back";
    }
    "fund_transfer_kind" = fund_transfer::TransferKind {
        Supplement: "Bổ sung dự toán", "Supplementary allotment";
        Transfer: "Điều chuyển giữa các nguồn", "Transfer between funds";
    }
    "fund_transfer_status" = fund_transfer::TransferStatus {
        Proposed: "Chờ duyệt", "Proposed";
        Approved: "Đã duyệt", "Approved";
        Rejected: "Từ chối", "Rejected";
    }
    "overpayment_appeal_outcome" = overpayment_appeal::AppealOutcome {
        Upheld: "Chấp nhận khiếu nại", "Upheld";
        Dismissed: "Bác khiếu nại", "Dismissed";
        Varied: "Sửa một phần", "Varied";
    }
    "overpayment_case_status" = overpayment_case::CaseStatus {
        Detected: "Phát hiện", "Detected";
        Classified: "Đã xác định nguyên nhân", "Cause classified";
        NotRecoverable: "Không thu hồi", "Not recoverable";
        BelowMinimum: "Dưới mức tối thiểu", "Below the minimum";
        TimeBarred: "Hết thời hiệu", "Time-barred";
        NoticeServed: "Đã thông báo", "Notice served";
        Heard: "Đã giải trình", "Heard";
        Proposed: "Đã đề xuất", "Proposed";
        Decided: "Đã quyết định", "Decided";
        Appealed: "Đang khiếu nại", "Under appeal";
        Enforceable: "Có hiệu lực thi hành", "Enforceable";
        Recovering: "Đang thu hồi", "Recovering";
        Settled: "Đã thu đủ", "Settled";
        Waived: "Đã miễn", "Waived";
        WrittenOff: "Đã xóa nợ", "Written off";
        Superseded: "Không còn chi thừa", "Superseded";
    }
    "overpayment_cause" = overpayment_case::OverpaymentCause {
        Law: "Văn bản có hiệu lực trở về trước", "Law with a past date";
        OfficialError: "Cơ quan nhầm", "Official error";
        LateAction: "Cơ quan xử lý chậm", "Late action of an office";
        CitizenOmission: "Người hưởng không khai báo", "Omission of the recipient";
        Misrepresentation: "Khai không đúng", "Misrepresentation";
        ThirdParty: "Do người khác", "Third party";
        DeathAfterPayment: "Đã chết khi chi trả", "Paid after death";
        Technical: "Lỗi kỹ thuật", "Technical fault";
    }
    "overpayment_deduction_status" = overpayment_deduction::DeductionStatus {
        Draft: "Dự kiến", "Draft";
        Taken: "Đã khấu trừ", "Taken";
        Settled: "Đã quyết toán", "Settled";
        GivenBack: "Đã trả lại", "Given back";
    }
    "overpayment_recovery_kind" = overpayment_recovery::RecoveryKind {
        Repayment: "Nộp lại", "Repayment";
        Refund: "Hoàn trả người hưởng", "Refund";
        Deduction: "Khấu trừ khi chi trả", "Deduction";
    }
    "overpayment_status" = overpayment::OverpaymentStatus {
        Detected: "Phát hiện", "Detected";
        Superseded: "Đã thay thế", "Superseded";
    }
    "pay_run_kind" = pay_run::PayRunKind {
        Regular: "Hằng tháng", "Regular";
        ArrearsOnly: "Chỉ truy lĩnh", "Arrears only";
        Relief: "Cứu trợ", "Relief";
        Reissue: "Chi lại", "Reissue";
    }
    "pay_run_status" = pay_run::PayRunStatus {
        Draft: "Dự thảo", "Draft";
        Submitted: "Đã trình", "Submitted";
        Approved: "Đã duyệt", "Approved";
        Released: "Đã chuyển chi", "Released";
        Settling: "Đang quyết toán", "Settling";
        Closed: "Đã đóng", "Closed";
        Cancelled: "Đã hủy", "Cancelled";
    }
    "pay_run_build" = pay_run::Build {
        Pending: "Chưa lập", "Pending";
        Running: "Đang lập", "Running";
        Done: "Lập xong", "Done";
        Failed: "Lỗi", "Failed";
    }
    "payee_relation" = payee::PayeeRelation {
        Oneself: "Chính người hưởng", "Oneself";
        Guardian: "Người giám hộ", "Guardian";
        Authorised: "Người được ủy quyền", "Authorised person";
        Carer: "Người chăm sóc", "Carer";
        Facility: "Cơ sở trợ giúp xã hội", "Facility";
        Heir: "Người thừa kế, lo mai táng", "Heir or funeral organiser";
    }
    "payee_status" = payee::PayeeStatus {
        Proposed: "Chờ xác nhận", "Proposed";
        Active: "Đang dùng", "Active";
        Ended: "Thôi dùng", "Ended";
    }
    "payment_file_kind" = payment_file::FileKind {
        Pain001: "Lệnh chi ngân hàng (pain.001)", "Bank payment order (pain.001)";
        TreasuryList: "Danh sách gửi kho bạc", "Treasury's list";
        PostList: "Danh sách chi tiền mặt qua bưu điện", "Post office cash list";
        ChangeList: "Danh sách thay đổi của xã", "Commune's list of changes";
        PostPaper: "Danh sách chi tiền mặt để in, có cột ký nhận", "Post office cash list to be printed and signed";
        PaymentTable: "Bảng lệnh chi ngân hàng (CSV, XLSX)", "Bank payment table (CSV, XLSX)";
        TreasuryFigures: "Số liệu cho giấy rút dự toán", "Figures for the treasury's withdrawal form";
    }
    "payment_file_status" = payment_file::FileStatus {
        Pending: "Chưa lập", "Pending";
        Built: "Đã lập", "Built";
        Delivered: "Đã giao", "Delivered";
        Acknowledged: "Kho bạc đã nhận", "Acknowledged";
        Unknown: "Chưa rõ kết quả giao", "Delivery unknown";
    }
    "payment_line_kind" = payment_line::LineKind {
        Regular: "Hằng tháng", "Regular";
        Arrears: "Truy lĩnh", "Arrears";
        OneOff: "Một lần", "One-off";
        Relief: "Cứu trợ", "Relief";
        Reissue: "Chi lại", "Reissue";
    }
    "payment_line_status" = payment_line::LineStatus {
        Draft: "Dự thảo", "Draft";
        Live: "Hiệu lực", "Live";
        Cancelled: "Đã hủy", "Cancelled";
        Returned: "Hoàn trả", "Returned";
        Reissued: "Đã chi lại", "Reissued";
    }
    "payment_order_status" = payment_order::OrderStatus {
        Approved: "Đã duyệt", "Approved";
        Extracted: "Đã lập tệp", "Extracted";
        Accepted: "Ngân hàng chấp nhận", "Accepted";
        Settled: "Đã quyết toán", "Settled";
        Credited: "Đã ghi có", "Credited";
        Rejected: "Bị từ chối", "Rejected";
        Returned: "Bị hoàn trả", "Returned";
        Unknown: "Chưa rõ", "Unknown";
    }
    "close_status" = enums::CloseStatus {
        Prepared: "Đã lập, chờ xác nhận", "Prepared";
        Closed: "Đã khóa sổ", "Closed";
    }
    "open_kind" = enums::OpenKind {
        Unreleased: "Đợt chi trả chưa chuyển", "Run not released";
        InFlight: "Đang ở ngân hàng, bưu điện", "With the bank or post office";
        Unknown: "Chưa rõ đã gửi tới ngân hàng", "Delivery unknown";
        ToReissue: "Chờ chi lại", "Waits for a reissue";
        Suspense: "Dòng kết quả chờ xử lý", "Line of a report in suspense";
        Difference: "Chênh lệch đối chiếu", "Difference of the tie";
        MonthNotCompleted: "Tháng chưa có đợt chi chung", "Month without a run for everybody";
        AmountDifference: "Số tiền ngân hàng, bưu điện đã chi khác lệnh chi", "Amount moved by the bank or post office differs";
        BankSilent: "Ngân hàng, bưu điện không trả lời đã lâu", "Without word of the bank or post office for long";
        FileUnacknowledged: "Tệp đã gửi, bên nhận chưa xác nhận", "File sent, not acknowledged";
        FileUnknown: "Tệp chưa rõ đã tới nơi nhận hay chưa", "File that may not have arrived";
        RecallUnanswered: "Đề nghị thu hồi chưa có trả lời", "Recall without an answer";
        DeathReported: "Báo tử, chờ xác minh", "Death told with a payment, to be looked into";
    }
    "difference_status" = enums::DifferenceStatus {
        Open: "Chờ xử lý", "Open";
        MadeGood: "Đã được bù", "Made good";
        WrittenOff: "Đã xóa chênh lệch", "Written off";
        Replaced: "Đã thay bằng chênh lệch mới", "Replaced";
        Noted: "Chỉ ghi nhận", "Noted";
        Unbooked: "Chưa từng hạch toán", "Never booked";
    }
    "difference_settlement" = enums::SettlementKind {
        MadeGood: "Đã được bù", "Made good";
        WrittenOff: "Xóa chênh lệch", "Written off";
    }
    "silence_outcome" = enums::SilenceOutcome {
        NotExecuted: "Không thực hiện", "Not executed";
        Paid: "Đã chi", "Paid";
    }
    "reminder_kind" = enums::ReminderKind {
        ListCloses: "Danh sách sắp chốt", "List to be closed";
        SettlementDue: "Đến hạn quyết toán", "Settlement due";
        OrdersUnanswered: "Lệnh chi chưa có kết quả", "Orders without an answer";
        OrdersNotPosted: "Ngân hàng đã nhận, chưa ghi có", "Accepted, not posted";
        OrdersSilent: "Ngân hàng, bưu điện không trả lời đã lâu", "Orders without word for long";
        FilesNotFetched: "Tệp chi đến ngày chưa ai tải", "Files not fetched on their day";
        InvariantBroken: "Bất biến không còn đúng", "Invariant broken";
    }
    "standing" = enums::Standing {
        InFlight: "Đang ở ngân hàng, bưu điện", "With the bank or post office";
        Unknown: "Chưa rõ đã gửi tới ngân hàng", "Delivery unknown";
        Settled: "Đã ghi nợ", "Debited";
        Credited: "Người hưởng đã nhận", "Credited to the payee";
        ToReissue: "Chờ chi lại", "Waits for a reissue";
        Reissued: "Đã chi lại ở đợt sau", "Paid again by a later run";
        Cancelled: "Đã hủy khoản trả về", "Return cancelled";
    }
    "proposal_status" = enums::ProposalStatus {
        Proposed: "Đã đề nghị", "Proposed";
        Accepted: "Đã chấp thuận", "Accepted";
        Refused: "Không chấp thuận", "Refused";
        Withdrawn: "Đã rút", "Withdrawn";
    }
    "suspense_resolution" = enums::ResolutionKind {
        MatchedToOrder: "Gắn với một lệnh chi", "Matched to an order";
        AcceptedAsPaid: "Công nhận là đã chi", "Accepted as paid";
        AcceptedAsReturned: "Công nhận là tiền đã về", "Accepted as returned";
        AmountExplained: "Đã giải trình chênh lệch số tiền", "The amount is explained";
        NotOurs: "Không thuộc đơn vị", "Not ours";
        BankResends: "Ngân hàng sẽ gửi lại", "The bank sends it anew";
        LookedInto: "Đã xem xét, không phải làm gì thêm", "Looked into, nothing follows";
    }
    "recall_reason" = enums::RecallReason {
        Dupl: "Chi trùng", "Sent twice";
        Cust: "Theo yêu cầu của đơn vị", "At our request";
        Am09: "Sai số tiền", "Wrong amount";
        Ac03: "Sai tài khoản", "Wrong account";
        Tech: "Lỗi kỹ thuật", "Technical fault";
        Frad: "Nghi gian lận", "Fraud";
    }
    "recall_answer" = enums::RecallAnswer {
        Pending: "Ngân hàng đang xem xét", "The bank looks into it";
        Accepted: "Ngân hàng đồng ý, chờ bút toán tiền về", "Accepted; the entry is waited for";
        Refused: "Ngân hàng từ chối", "Refused by the bank";
    }
    "finding_kind" = enums::FindingKind {
        ReportedDeceased: "Ngân hàng báo người hưởng đã mất", "The person is reported deceased";
        PayeeReportedDeceased: "Ngân hàng báo người nhận thay đã mất", "The payee is reported deceased";
    }
    "finding_status" = enums::FindingStatus {
        Open: "Chờ xác minh", "Open";
        Confirmed: "Đã xác nhận", "Confirmed";
        Dismissed: "Đã bác", "Dismissed";
    }
}
