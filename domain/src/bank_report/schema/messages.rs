//! Which elements the schemas of ISO 20022 have at the places that are read, in their order. Behind a name, `!` is for
//! what must stand, `*` for what may stand several times, and `+` for both. Behind `=` stands what its text has to be
//! ([`super::Simple`]), except inside of lines, whose values are their own matter: there amounts alone are marked, for
//! their currency. `|` in front is for a choice, of which one element stands and none must.

/// Parts by their path below the place where they stand, each with its elements.
type Parts = &'static [(&'static str, &'static str)];

/// The parts of a message, each by the path below it where they stand. The message itself is first.
pub(super) type Table = &'static [(&'static str, Parts)];

/// Each part of a message by its path below it, with its elements.
pub(super) fn parts(table: Table) -> impl Iterator<Item = (String, &'static str)> {
    table.iter().flat_map(|&(place, parts)| {
        parts.iter().map(move |&(path, elements)| {
            let between = if place.is_empty() || path.is_empty() { "" } else { "/" };
            ([place, between, path].concat(), elements)
        })
    })
}

/// The messages that are read, each with the element that it is and its parts.
pub(super) const MESSAGES: &[(&str, &str, Table)] = &[
    ("camt.029.001.10", "RsltnOfInvstgtn", CAMT_029_10),
    ("camt.053.001.02", "BkToCstmrStmt", CAMT_053_02),
    ("camt.053.001.04", "BkToCstmrStmt", CAMT_053_04),
    ("camt.053.001.08", "BkToCstmrStmt", CAMT_053_08),
    ("camt.054.001.02", "BkToCstmrDbtCdtNtfctn", CAMT_054_02),
    ("camt.054.001.04", "BkToCstmrDbtCdtNtfctn", CAMT_054_04),
    ("camt.054.001.08", "BkToCstmrDbtCdtNtfctn", CAMT_054_08),
    ("pain.002.001.03", "CstmrPmtStsRpt", PAIN_002_03),
    ("pain.002.001.10", "CstmrPmtStsRpt", PAIN_002_10),
];

const HEADER_02: &str = "MsgId!=35 CreDtTm!=time MsgRcpt MsgPgntn AddtlInf=500";
const HEADER_04: &str = "MsgId!=35 CreDtTm!=time MsgRcpt MsgPgntn OrgnlBizQry AddtlInf=500";
const STATEMENT_02: &str = "\
    Id!=35 ElctrncSeqNb=d18.0 LglSeqNb=d18.0 CreDtTm!=time FrToDt CpyDplctInd=CODU|COPY|DUPL RptgSrc Acct! RltdAcct \
    Intrst* Bal+ TxsSummry Ntry* AddtlStmtInf=500";
const NOTIFICATION_02: &str = "\
    Id!=35 ElctrncSeqNb=d18.0 LglSeqNb=d18.0 CreDtTm!=time FrToDt CpyDplctInd=CODU|COPY|DUPL RptgSrc Acct! RltdAcct \
    Intrst* TxsSummry Ntry* AddtlNtfctnInf=500";
const ENTRY_02: &str = "\
    NtryRef Amt!=amount CdtDbtInd! RvslInd Sts! BookgDt ValDt AcctSvcrRef Avlbty* BkTxCd! ComssnWvrInd AddtlInfInd \
    AmtDtls Chrgs* TechInptChanl Intrst* NtryDtls* AddtlNtryInf";
const TRANSACTION_02: &str = "\
    Refs AmtDtls Avlbty* BkTxCd Chrgs* Intrst* RltdPties RltdAgts Purp RltdRmtInf* RmtInf RltdDts RltdPric \
    RltdQties* FinInstrmId Tax RtrInf CorpActn SfkpgAcct AddtlTxInf";
const STATEMENT_04: &str = "\
    Id!=35 StmtPgntn ElctrncSeqNb=d18.0 LglSeqNb=d18.0 CreDtTm!=time FrToDt CpyDplctInd=CODU|COPY|DUPL RptgSrc Acct! \
    RltdAcct Intrst* Bal+ TxsSummry Ntry* AddtlStmtInf=500";
const NOTIFICATION_04: &str = "\
    Id!=35 NtfctnPgntn ElctrncSeqNb=d18.0 LglSeqNb=d18.0 CreDtTm!=time FrToDt CpyDplctInd=CODU|COPY|DUPL RptgSrc \
    Acct! RltdAcct Intrst* TxsSummry Ntry* AddtlNtfctnInf=500";
const ENTRY_04: &str = "\
    NtryRef Amt!=amount CdtDbtInd! RvslInd Sts! BookgDt ValDt AcctSvcrRef Avlbty* BkTxCd! ComssnWvrInd AddtlInfInd \
    AmtDtls Chrgs TechInptChanl Intrst CardTx NtryDtls* AddtlNtryInf";
const TRANSACTION_04: &str = "\
    Refs Amt!=amount CdtDbtInd! AmtDtls Avlbty* BkTxCd Chrgs Intrst RltdPties RltdAgts Purp RltdRmtInf* RmtInf \
    RltdDts RltdPric RltdQties* FinInstrmId Tax RtrInf CorpActn SfkpgAcct CshDpst* CardTx AddtlTxInf SplmtryData*";
const REFERENCES_04: &str = "\
    MsgId AcctSvcrRef PmtInfId InstrId EndToEndId TxId MndtId ChqNb ClrSysRef AcctOwnrTxId AcctSvcrTxId \
    MktInfrstrctrTxId PrcgId Prtry*";
const STATEMENT_08: &str = "\
    Id!=35 StmtPgntn ElctrncSeqNb=d18.0 RptgSeq LglSeqNb=d18.0 CreDtTm=time FrToDt CpyDplctInd=CODU|COPY|DUPL \
    RptgSrc Acct! RltdAcct Intrst* Bal+ TxsSummry Ntry* AddtlStmtInf=500";
const NOTIFICATION_08: &str = "\
    Id!=35 NtfctnPgntn ElctrncSeqNb=d18.0 RptgSeq LglSeqNb=d18.0 CreDtTm=time FrToDt CpyDplctInd=CODU|COPY|DUPL \
    RptgSrc Acct! RltdAcct Intrst* TxsSummry Ntry* AddtlNtfctnInf=500";
const TRANSACTION_08: &str = "\
    Refs Amt=amount CdtDbtInd AmtDtls Avlbty* BkTxCd Chrgs Intrst RltdPties RltdAgts LclInstrm Purp RltdRmtInf* \
    RmtInf RltdDts RltdPric RltdQties* FinInstrmId Tax RtrInf CorpActn SfkpgAcct CshDpst* CardTx AddtlTxInf \
    SplmtryData*";
const REFERENCES_08: &str = "\
    MsgId AcctSvcrRef PmtInfId InstrId EndToEndId UETR TxId MndtId ChqNb ClrSysRef AcctOwnrTxId AcctSvcrTxId \
    MktInfrstrctrTxId PrcgId Prtry*";
const ORIGINAL_GROUP_03: &str = "\
    OrgnlMsgId!=35 OrgnlMsgNmId!=35 OrgnlCreDtTm=time OrgnlNbOfTxs=n15 OrgnlCtrlSum=d18.17 \
    GrpSts=ACTC|RCVD|PART|RJCT|PDNG|ACCP|ACSP|ACSC|ACWC StsRsnInf* NbOfTxsPerSts*";
const STATUS_BATCH_03: &str = "\
    OrgnlPmtInfId!=35 OrgnlNbOfTxs=n15 OrgnlCtrlSum=d18.17 PmtInfSts=ACTC|RCVD|PART|RJCT|PDNG|ACCP|ACSP|ACSC|ACWC \
    StsRsnInf* NbOfTxsPerSts* TxInfAndSts*";
const STATUS_LINE_03: &str = "\
    StsId OrgnlInstrId OrgnlEndToEndId TxSts StsRsnInf* ChrgsInf* AccptncDtTm AcctSvcrRef ClrSysRef OrgnlTxRef";
const ORIGINAL_03: &str = "\
    IntrBkSttlmAmt=amount Amt IntrBkSttlmDt ReqdColltnDt ReqdExctnDt CdtrSchmeId SttlmInf PmtTpInf PmtMtd \
    MndtRltdInf RmtInf UltmtDbtr Dbtr DbtrAcct DbtrAgt DbtrAgtAcct CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr";
const ORIGINAL_GROUP_10: &str = "\
    OrgnlMsgId!=35 OrgnlMsgNmId!=35 OrgnlCreDtTm=time OrgnlNbOfTxs=n15 OrgnlCtrlSum=d18.17 GrpSts=4 StsRsnInf* \
    NbOfTxsPerSts*";
const STATUS_BATCH_10: &str = "\
    OrgnlPmtInfId!=35 OrgnlNbOfTxs=n15 OrgnlCtrlSum=d18.17 PmtInfSts=4 StsRsnInf* NbOfTxsPerSts* TxInfAndSts*";
const STATUS_LINE_10: &str = "\
    StsId OrgnlInstrId OrgnlEndToEndId OrgnlUETR TxSts StsRsnInf* ChrgsInf* TrckrData AccptncDtTm AcctSvcrRef \
    ClrSysRef OrgnlTxRef SplmtryData*";
const ORIGINAL_10: &str = "\
    IntrBkSttlmAmt=amount Amt IntrBkSttlmDt ReqdColltnDt ReqdExctnDt CdtrSchmeId SttlmInf PmtTpInf PmtMtd \
    MndtRltdInf RmtInf UltmtDbtr Dbtr DbtrAcct DbtrAgt DbtrAgtAcct CdtrAgt CdtrAgtAcct Cdtr CdtrAcct UltmtCdtr Purp";
const RECALL_BATCH: &str = "\
    OrgnlPmtInfCxlId=35 RslvdCase OrgnlPmtInfId!=35 OrgnlGrpInf OrgnlNbOfTxs=n15 OrgnlCtrlSum=d18.17 \
    PmtInfCxlSts=PACR|RJCR|ACCR|PDCR CxlStsRsnInf* NbOfTxsPerCxlSts* TxInfAndSts*";
const RECALL_LINE: &str = "\
    CxlStsId RslvdCase OrgnlInstrId OrgnlEndToEndId UETR TxCxlSts CxlStsRsnInf* OrgnlInstdAmt=amount \
    OrgnlReqdExctnDt OrgnlReqdColltnDt OrgnlTxRef";
const RECALL_LINE_OF_FILE: &str = "\
    CxlStsId RslvdCase OrgnlGrpInf OrgnlInstrId OrgnlEndToEndId OrgnlTxId OrgnlClrSysRef OrgnlUETR TxCxlSts \
    CxlStsRsnInf* RsltnRltdInf OrgnlIntrBkSttlmAmt=amount OrgnlIntrBkSttlmDt Assgnr Assgne OrgnlTxRef";

const BALANCE_02: Parts = &[
    ("Bal", "Tp! CdtLine Amt!=amount CdtDbtInd!=CRDT|DBIT Dt! Avlbty*"),
    ("Bal/Tp", "CdOrPrtry! SubTp"),
    (
        "Bal/Tp/CdOrPrtry",
        "| Cd=XPCD|OPAV|ITAV|CLAV|FWAV|CLBD|ITBD|OPBD|PRCD|INFO Prtry=35",
    ),
    ("Bal/Dt", "| Dt=date DtTm=time"),
];

const BALANCE_08: Parts = &[
    ("Bal", "Tp! CdtLine* Amt!=amount CdtDbtInd!=CRDT|DBIT Dt! Avlbty*"),
    ("Bal/Tp", "CdOrPrtry! SubTp"),
    ("Bal/Tp/CdOrPrtry", "| Cd=4 Prtry=35"),
    ("Bal/Dt", "| Dt=date DtTm=time"),
];

const ACCOUNT_02: Parts = &[
    ("Acct", "Id! Tp Ccy=currency Nm=70 Ownr Svcr"),
    ("Acct/Id", "| IBAN=iban Othr"),
];

const ACCOUNT_08: Parts = &[
    ("Acct", "Id! Tp Ccy=currency Nm=70 Prxy Ownr Svcr"),
    ("Acct/Id", "| IBAN=iban Othr"),
];

const SUMMARY: Parts = &[
    ("TxsSummry", "TtlNtries TtlCdtNtries TtlDbtNtries TtlNtriesPerBkTxCd*"),
    ("TxsSummry/TtlCdtNtries", "NbOfNtries=n15 Sum=d18.17"),
    ("TxsSummry/TtlDbtNtries", "NbOfNtries=n15 Sum=d18.17"),
];

const OF_ENTRIES: Parts = &[
    ("BookgDt", "| Dt DtTm"),
    ("ValDt", "| Dt DtTm"),
    ("NtryDtls", "Btch TxDtls*"),
    ("NtryDtls/Btch", "MsgId PmtInfId NbOfTxs TtlAmt=amount CdtDbtInd"),
];

const TRANSACTIONS_02: Parts = &[
    ("", TRANSACTION_02),
    (
        "Refs",
        "MsgId AcctSvcrRef PmtInfId InstrId EndToEndId TxId MndtId ChqNb ClrSysRef Prtry",
    ),
];

const TRANSACTIONS_04: Parts = &[("", TRANSACTION_04), ("Refs", REFERENCES_04)];

const TRANSACTIONS_08: Parts = &[("", TRANSACTION_08), ("Refs", REFERENCES_08)];

const OF_TRANSACTIONS: Parts = &[
    ("AmtDtls", "InstdAmt TxAmt CntrValAmt AnncdPstngAmt PrtryAmt*"),
    ("AmtDtls/InstdAmt", "Amt!=amount CcyXchg"),
    ("AmtDtls/TxAmt", "Amt!=amount CcyXchg"),
    ("RtrInf", "OrgnlBkTxCd Orgtr Rsn AddtlInf*"),
    ("RtrInf/Rsn", "| Cd Prtry"),
];

const REASON: Parts = &[("", "Orgtr Rsn AddtlInf*=105"), ("Rsn", "| Cd=4 Prtry=35")];

const REASON_OF_LINE: Parts = &[("", "Orgtr Rsn AddtlInf*"), ("Rsn", "| Cd Prtry")];

const STATUS_03: Parts = &[
    ("", "GrpHdr! OrgnlGrpInfAndSts! OrgnlPmtInfAndSts*"),
    ("GrpHdr", "MsgId!=35 CreDtTm!=time InitgPty FwdgAgt DbtrAgt CdtrAgt"),
    ("OrgnlGrpInfAndSts", ORIGINAL_GROUP_03),
    ("OrgnlPmtInfAndSts", STATUS_BATCH_03),
];

const STATUS_LINES_03: Parts = &[
    ("", STATUS_LINE_03),
    ("OrgnlTxRef", ORIGINAL_03),
    ("OrgnlTxRef/Amt", "| InstdAmt=amount EqvtAmt"),
];

const STATUS_10: Parts = &[
    ("", "GrpHdr! OrgnlGrpInfAndSts! OrgnlPmtInfAndSts* SplmtryData*"),
    ("GrpHdr", "MsgId!=35 CreDtTm!=time InitgPty FwdgAgt DbtrAgt CdtrAgt"),
    ("OrgnlGrpInfAndSts", ORIGINAL_GROUP_10),
    ("OrgnlPmtInfAndSts", STATUS_BATCH_10),
];

const STATUS_LINES_10: Parts = &[
    ("", STATUS_LINE_10),
    ("OrgnlTxRef", ORIGINAL_10),
    ("OrgnlTxRef/Amt", "| InstdAmt=amount EqvtAmt"),
];

const RECALLS: Parts = &[
    (
        "",
        "Assgnmt! RslvdCase Sts! CxlDtls* ModDtls ClmNonRctDtls StmtDtls CrrctnTx RsltnRltdInf SplmtryData*",
    ),
    ("Assgnmt", "Id!=35 Assgnr! Assgne! CreDtTm!=time"),
    ("Sts", "| Conf=4 RjctdMod* DplctOf AssgnmtCxlConf=bool"),
    ("CxlDtls", "OrgnlGrpInfAndSts OrgnlPmtInfAndSts* TxInfAndSts*"),
    ("CxlDtls/OrgnlPmtInfAndSts", RECALL_BATCH),
    ("CxlDtls/OrgnlPmtInfAndSts/TxInfAndSts", RECALL_LINE),
    ("CxlDtls/TxInfAndSts", RECALL_LINE_OF_FILE),
];

const CAMT_029_10: Table = &[
    ("", RECALLS),
    ("CxlDtls/OrgnlPmtInfAndSts/TxInfAndSts/CxlStsRsnInf", REASON_OF_LINE),
    ("CxlDtls/TxInfAndSts/CxlStsRsnInf", REASON_OF_LINE),
];

const CAMT_053_02: Table = &[
    ("", &[("", "GrpHdr! Stmt+"), ("GrpHdr", HEADER_02)]),
    ("Stmt", &[("", STATEMENT_02)]),
    ("Stmt", BALANCE_02),
    ("Stmt", ACCOUNT_02),
    ("Stmt", SUMMARY),
    ("Stmt/Ntry", &[("", ENTRY_02)]),
    ("Stmt/Ntry", OF_ENTRIES),
    ("Stmt/Ntry/NtryDtls/TxDtls", TRANSACTIONS_02),
    ("Stmt/Ntry/NtryDtls/TxDtls", OF_TRANSACTIONS),
];

const CAMT_053_04: Table = &[
    ("", &[("", "GrpHdr! Stmt+ SplmtryData*"), ("GrpHdr", HEADER_04)]),
    ("Stmt", &[("", STATEMENT_04)]),
    ("Stmt", BALANCE_02),
    ("Stmt", ACCOUNT_02),
    ("Stmt", SUMMARY),
    ("Stmt/Ntry", &[("", ENTRY_04)]),
    ("Stmt/Ntry", OF_ENTRIES),
    ("Stmt/Ntry/NtryDtls/TxDtls", TRANSACTIONS_04),
    ("Stmt/Ntry/NtryDtls/TxDtls", OF_TRANSACTIONS),
];

const CAMT_053_08: Table = &[
    ("", &[("", "GrpHdr! Stmt+ SplmtryData*"), ("GrpHdr", HEADER_04)]),
    ("Stmt", &[("", STATEMENT_08)]),
    ("Stmt", BALANCE_08),
    ("Stmt", ACCOUNT_08),
    ("Stmt", SUMMARY),
    ("Stmt/Ntry", &[("", ENTRY_04), ("Sts", "| Cd Prtry")]),
    ("Stmt/Ntry", OF_ENTRIES),
    ("Stmt/Ntry/NtryDtls/TxDtls", TRANSACTIONS_08),
    ("Stmt/Ntry/NtryDtls/TxDtls", OF_TRANSACTIONS),
];

const CAMT_054_02: Table = &[
    ("", &[("", "GrpHdr! Ntfctn+"), ("GrpHdr", HEADER_02)]),
    ("Ntfctn", &[("", NOTIFICATION_02)]),
    ("Ntfctn", ACCOUNT_02),
    ("Ntfctn", SUMMARY),
    ("Ntfctn/Ntry", &[("", ENTRY_02)]),
    ("Ntfctn/Ntry", OF_ENTRIES),
    ("Ntfctn/Ntry/NtryDtls/TxDtls", TRANSACTIONS_02),
    ("Ntfctn/Ntry/NtryDtls/TxDtls", OF_TRANSACTIONS),
];

const CAMT_054_04: Table = &[
    ("", &[("", "GrpHdr! Ntfctn+ SplmtryData*"), ("GrpHdr", HEADER_04)]),
    ("Ntfctn", &[("", NOTIFICATION_04)]),
    ("Ntfctn", ACCOUNT_02),
    ("Ntfctn", SUMMARY),
    ("Ntfctn/Ntry", &[("", ENTRY_04)]),
    ("Ntfctn/Ntry", OF_ENTRIES),
    ("Ntfctn/Ntry/NtryDtls/TxDtls", TRANSACTIONS_04),
    ("Ntfctn/Ntry/NtryDtls/TxDtls", OF_TRANSACTIONS),
];

const CAMT_054_08: Table = &[
    ("", &[("", "GrpHdr! Ntfctn+ SplmtryData*"), ("GrpHdr", HEADER_04)]),
    ("Ntfctn", &[("", NOTIFICATION_08)]),
    ("Ntfctn", ACCOUNT_08),
    ("Ntfctn", SUMMARY),
    ("Ntfctn/Ntry", &[("", ENTRY_04), ("Sts", "| Cd Prtry")]),
    ("Ntfctn/Ntry", OF_ENTRIES),
    ("Ntfctn/Ntry/NtryDtls/TxDtls", TRANSACTIONS_08),
    ("Ntfctn/Ntry/NtryDtls/TxDtls", OF_TRANSACTIONS),
];

const PAIN_002_03: Table = &[
    ("", STATUS_03),
    ("OrgnlGrpInfAndSts/StsRsnInf", REASON),
    ("OrgnlPmtInfAndSts/StsRsnInf", REASON),
    ("OrgnlPmtInfAndSts/TxInfAndSts", STATUS_LINES_03),
    ("OrgnlPmtInfAndSts/TxInfAndSts/StsRsnInf", REASON_OF_LINE),
];

const PAIN_002_10: Table = &[
    ("", STATUS_10),
    ("OrgnlGrpInfAndSts/StsRsnInf", REASON),
    ("OrgnlPmtInfAndSts/StsRsnInf", REASON),
    ("OrgnlPmtInfAndSts/TxInfAndSts", STATUS_LINES_10),
    ("OrgnlPmtInfAndSts/TxInfAndSts/StsRsnInf", REASON_OF_LINE),
];
