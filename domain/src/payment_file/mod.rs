//! Payment files: what a bank is told to pay. One model, [`Instruction`], and a streaming writer for pain.001.

mod instruction;

pub use instruction::{
    AgentAddress, BankAddress, Channel, ChargeBearer, Debtor, FileHeader, Instruction, Pain001, Purpose, Route,
};
