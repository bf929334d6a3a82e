//! People, law, programs, relief and jobs.

use std::collections::BTreeMap;

use entity::{
    application, approval_act, area, client, decision, determination_period, enrollment, evidence, instrument, job,
    job_run, person, program, reassessment_outcome, relief_claim, relief_event, relief_request, residence, simulation,
};
use sea_orm::Iterable;

use crate::code::Code;
use crate::vocabulary::Term;

super::sets! {
    "application_status" = application::ApplicationStatus {
        Pending: "Chờ quyết định", "Pending";
        Granted: "Đã chấp thuận", "Granted";
        Refused: "Từ chối", "Refused";
        Withdrawn: "Đã rút", "Withdrawn";
    }
    "approval_act" = approval_act::Act {
        Make: "Lập", "Make";
        Check: "Kiểm tra", "Check";
        Approve: "Duyệt", "Approve";
        Release: "Chuyển chi", "Release";
    }
    "area_level" = area::AreaLevel {
        Province: "Cấp tỉnh", "Province";
        District: "Cấp huyện", "District";
        Commune: "Cấp xã", "Commune";
    }
    "area_type" = area::AreaType {
        Urban: "Thành thị", "Urban";
        Rural: "Nông thôn", "Rural";
        Special: "Đặc khu", "Special zone";
    }
    "client_kind" = client::ClientKind {
        Person: "Của một người", "A person's";
        Service: "Của một hệ thống", "A service's";
    }
    "decision_outcome" = decision::DecisionOutcome {
        Granted: "Chấp thuận", "Granted";
        Refused: "Từ chối", "Refused";
    }
    "period_kind" = determination_period::PeriodKind {
        Regular: "Hằng tháng", "Regular";
        Arrears: "Truy lĩnh", "Arrears";
        OneOff: "Một lần", "One-off";
        Undetermined: "Chưa xác định được", "Undetermined";
    }
    "enrollment_status" = enrollment::EnrollmentStatus {
        Active: "Đang hưởng", "Active";
        Suspended: "Tạm dừng", "Suspended";
        Ended: "Thôi hưởng", "Ended";
    }
    "evidence_change" = evidence::EvidenceChange {
        Correction: "Đính chính", "Correction";
        Circumstances: "Thay đổi hoàn cảnh", "Change of circumstances";
    }
    "issuer" = instrument::Issuer {
        Central: "Trung ương", "Central";
        Provincial: "Tỉnh", "Provincial";
    }
    "instrument_status" = instrument::InstrumentStatus {
        Draft: "Dự thảo", "Draft";
        Checked: "Đã kiểm tra", "Checked";
        Simulated: "Đã mô phỏng", "Simulated";
        Submitted: "Đã trình", "Submitted";
        Published: "Đã ban hành", "Published";
        Withdrawn: "Đã rút", "Withdrawn";
    }
    "queue" = job::Queue {
        Relief: "Cứu trợ khẩn cấp", "Emergency relief";
        Files: "Tệp chi trả và kết quả", "Files";
        Reassessment: "Tính lại", "Reassessment";
        Default: "Việc khác", "Everything else";
    }
    "job_status" = job::JobStatus {
        Queued: "Đang chờ", "Queued";
        Running: "Đang chạy", "Running";
        Done: "Xong", "Done";
        Dead: "Hỏng, chờ người xử lý", "Dead, waits for a person";
        Cancelled: "Đã hủy", "Cancelled";
    }
    "job_run_status" = job_run::JobRunStatus {
        Running: "Đang chạy", "Running";
        Paused: "Tạm dừng", "Paused";
        Done: "Xong", "Done";
        Failed: "Thất bại", "Failed";
        Cancelled: "Đã hủy", "Cancelled";
    }
    "sex" = person::Sex {
        Female: "Nữ", "Female";
        Male: "Nam", "Male";
    }
    "program_kind" = program::ProgramKind {
        MonthlyCash: "Trợ cấp hằng tháng", "Monthly cash";
        OneOffCash: "Trợ cấp một lần", "One-off cash";
        Relief: "Cứu trợ khẩn cấp", "Emergency relief";
        FacilityCare: "Nuôi dưỡng trong cơ sở", "Facility care";
        Service: "Dịch vụ", "Service";
    }
    "program_status" = program::ProgramStatus {
        Draft: "Dự thảo", "Draft";
        Active: "Đang thực hiện", "Active";
        Closed: "Đã đóng", "Closed";
    }
    "reassessment_outcome" = reassessment_outcome::ReassessmentResult {
        Changed: "Có thay đổi", "Changed";
        Unchanged: "Không đổi", "Unchanged";
        Held: "Tạm giữ", "Held";
        Failed: "Lỗi kỹ thuật", "Failed";
    }
    "relief_claim_kind" = relief_claim::ReliefClaimKind {
        Death: "Có người chết", "Death";
        Missing: "Có người mất tích", "Missing";
        SevereInjury: "Bị thương nặng", "Severe injury";
        HouseLost: "Mất nhà ở", "House lost";
        Relocation: "Phải di dời khẩn cấp", "Urgent relocation";
        HouseDamaged: "Nhà hư hỏng nặng", "House badly damaged";
        Hunger: "Thiếu đói", "Hunger";
    }
    "relief_claim_status" = relief_claim::ReliefClaimStatus {
        Proposed: "Đề nghị", "Proposed";
        Verified: "Đã thẩm tra", "Verified";
        Approved: "Đã duyệt", "Approved";
        Rejected: "Bị từ chối", "Rejected";
        Paid: "Đã chi", "Paid";
        Held: "Tạm giữ, xác minh xong đề nghị lại", "Held; to be filed again";
    }
    "relief_event_kind" = relief_event::ReliefEventKind {
        Storm: "Bão", "Storm";
        Flood: "Lũ lụt", "Flood";
        Landslide: "Sạt lở đất", "Landslide";
        Fire: "Hỏa hoạn", "Fire";
        BoatAccident: "Tai nạn tàu thuyền", "Boat accident";
        TrafficAccident: "Tai nạn giao thông", "Traffic accident";
        Other: "Khác", "Other";
    }
    "relief_event_status" = relief_event::ReliefEventStatus {
        Alert: "Cảnh báo", "Alert";
        Active: "Đang xảy ra", "Active";
        Recovery: "Khắc phục", "Recovery";
        Closed: "Đã kết thúc", "Closed";
    }
    "relief_request_status" = relief_request::ReliefRequestStatus {
        Draft: "Dự thảo", "Draft";
        Submitted: "Đã gửi", "Submitted";
        Verified: "Đã thẩm tra", "Verified";
        Approved: "Đã duyệt", "Approved";
        Rejected: "Bị từ chối", "Rejected";
        Paid: "Đã chi", "Paid";
    }
    "setting" = residence::Setting {
        Community: "Tại cộng đồng", "In the community";
        Facility: "Trong cơ sở trợ giúp xã hội", "In a facility";
    }
    "simulation_status" = simulation::SimulationStatus {
        Running: "Đang chạy", "Running";
        Done: "Xong", "Done";
        Failed: "Thất bại", "Failed";
    }
}
