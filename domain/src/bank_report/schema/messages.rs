//! Which elements the schemas of ISO 20022 have at the places that are read, in their order. Behind a name, `!` is for
//! what must stand, `*` for what may stand several times, and `+` for both; of a choice nothing must stand.

/// The parts of a message by their path below it, each with its elements.
pub(super) type Table = &'static [(&'static str, &'static str)];

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

const RECALL_MESSAGE: &str = "\
    Assgnmt! RslvdCase Sts! CxlDtls* ModDtls ClmNonRctDtls StmtDtls CrrctnTx RsltnRltdInf SplmtryData*";
const RECALL_BATCH: &str = "\
    OrgnlPmtInfCxlId RslvdCase OrgnlPmtInfId! OrgnlGrpInf OrgnlNbOfTxs OrgnlCtrlSum PmtInfCxlSts CxlStsRsnInf* \
    NbOfTxsPerCxlSts* TxInfAndSts*";
const RECALL_LINE: &str = "\
    CxlStsId RslvdCase OrgnlInstrId OrgnlEndToEndId UETR TxCxlSts CxlStsRsnInf* OrgnlInstdAmt OrgnlReqdExctnDt \
    OrgnlReqdColltnDt OrgnlTxRef";
const RECALL_LINE_OF_FILE: &str = "\
    CxlStsId RslvdCase OrgnlGrpInf OrgnlInstrId OrgnlEndToEndId OrgnlTxId OrgnlClrSysRef OrgnlUETR TxCxlSts \
    CxlStsRsnInf* RsltnRltdInf OrgnlIntrBkSttlmAmt OrgnlIntrBkSttlmDt Assgnr Assgne OrgnlTxRef";
const STATEMENT_02: &str = "\
    Id! ElctrncSeqNb LglSeqNb CreDtTm! FrToDt CpyDplctInd RptgSrc Acct! RltdAcct Intrst* Bal+ TxsSummry Ntry* \
    AddtlStmtInf";
const ENTRY_02: &str = "\
    NtryRef Amt! CdtDbtInd! RvslInd Sts! BookgDt ValDt AcctSvcrRef Avlbty* BkTxCd! ComssnWvrInd AddtlInfInd \
    AmtDtls Chrgs* TechInptChanl Intrst* NtryDtls* AddtlNtryInf";
const TRANSACTION_02: &str = "\
    Refs AmtDtls Avlbty* BkTxCd Chrgs* Intrst* RltdPties RltdAgts Purp RltdRmtInf* RmtInf RltdDts RltdPric \
    RltdQties* FinInstrmId Tax RtrInf CorpActn SfkpgAcct AddtlTxInf";
const STATEMENT_04: &str = "\
    Id! StmtPgntn ElctrncSeqNb LglSeqNb CreDtTm! FrToDt CpyDplctInd RptgSrc Acct! RltdAcct Intrst* Bal+ \
    TxsSummry Ntry* AddtlStmtInf";
const ENTRY_04: &str = "\
    NtryRef Amt! CdtDbtInd! RvslInd Sts! BookgDt ValDt AcctSvcrRef Avlbty* BkTxCd! ComssnWvrInd AddtlInfInd \
    AmtDtls Chrgs TechInptChanl Intrst CardTx NtryDtls* AddtlNtryInf";
const TRANSACTION_04: &str = "\
    Refs Amt! CdtDbtInd! AmtDtls Avlbty* BkTxCd Chrgs Intrst RltdPties RltdAgts Purp RltdRmtInf* RmtInf RltdDts \
    RltdPric RltdQties* FinInstrmId Tax RtrInf CorpActn SfkpgAcct CshDpst* CardTx AddtlTxInf SplmtryData*";
const STATEMENT_08: &str = "\
    Id! StmtPgntn ElctrncSeqNb RptgSeq LglSeqNb CreDtTm FrToDt CpyDplctInd RptgSrc Acct! RltdAcct Intrst* Bal+ \
    TxsSummry Ntry* AddtlStmtInf";
const TRANSACTION_08: &str = "\
    Refs Amt CdtDbtInd AmtDtls Avlbty* BkTxCd Chrgs Intrst RltdPties RltdAgts LclInstrm Purp RltdRmtInf* RmtInf \
    RltdDts RltdPric RltdQties* FinInstrmId Tax RtrInf CorpActn SfkpgAcct CshDpst* CardTx AddtlTxInf \
    SplmtryData*";
const NOTIFICATION_02: &str = "\
    Id! ElctrncSeqNb LglSeqNb CreDtTm! FrToDt CpyDplctInd RptgSrc Acct! RltdAcct Intrst* TxsSummry Ntry* \
    AddtlNtfctnInf";
const NOTIFICATION_04: &str = "\
    Id! NtfctnPgntn ElctrncSeqNb LglSeqNb CreDtTm! FrToDt CpyDplctInd RptgSrc Acct! RltdAcct Intrst* TxsSummry \
    Ntry* AddtlNtfctnInf";
const NOTIFICATION_08: &str = "\
    Id! NtfctnPgntn ElctrncSeqNb RptgSeq LglSeqNb CreDtTm FrToDt CpyDplctInd RptgSrc Acct! RltdAcct Intrst* \
    TxsSummry Ntry* AddtlNtfctnInf";
const ORIGINAL_GROUP: &str = "\
    OrgnlMsgId! OrgnlMsgNmId! OrgnlCreDtTm OrgnlNbOfTxs OrgnlCtrlSum GrpSts StsRsnInf* NbOfTxsPerSts*";
const STATUS_BATCH: &str = "\
    OrgnlPmtInfId! OrgnlNbOfTxs OrgnlCtrlSum PmtInfSts StsRsnInf* NbOfTxsPerSts* TxInfAndSts*";
const STATUS_LINE_03: &str = "\
    StsId OrgnlInstrId OrgnlEndToEndId TxSts StsRsnInf* ChrgsInf* AccptncDtTm AcctSvcrRef ClrSysRef OrgnlTxRef";
const STATUS_LINE_10: &str = "\
    StsId OrgnlInstrId OrgnlEndToEndId OrgnlUETR TxSts StsRsnInf* ChrgsInf* TrckrData AccptncDtTm AcctSvcrRef \
    ClrSysRef OrgnlTxRef SplmtryData*";

const CAMT_029_10: Table = &[
    ("", RECALL_MESSAGE),
    ("Assgnmt", "Id! Assgnr! Assgne! CreDtTm!"),
    ("Sts", "Conf RjctdMod* DplctOf AssgnmtCxlConf"),
    ("CxlDtls", "OrgnlGrpInfAndSts OrgnlPmtInfAndSts* TxInfAndSts*"),
    ("CxlDtls/OrgnlPmtInfAndSts", RECALL_BATCH),
    ("CxlDtls/OrgnlPmtInfAndSts/TxInfAndSts", RECALL_LINE),
    ("CxlDtls/TxInfAndSts", RECALL_LINE_OF_FILE),
];

const CAMT_053_02: Table = &[
    ("", "GrpHdr! Stmt+"),
    ("GrpHdr", "MsgId! CreDtTm! MsgRcpt MsgPgntn AddtlInf"),
    ("Stmt", STATEMENT_02),
    ("Stmt/Bal", "Tp! CdtLine Amt! CdtDbtInd! Dt! Avlbty*"),
    ("Stmt/Ntry", ENTRY_02),
    ("Stmt/Ntry/NtryDtls", "Btch TxDtls*"),
    ("Stmt/Ntry/NtryDtls/TxDtls", TRANSACTION_02),
];

const CAMT_053_04: Table = &[
    ("", "GrpHdr! Stmt+ SplmtryData*"),
    ("GrpHdr", "MsgId! CreDtTm! MsgRcpt MsgPgntn OrgnlBizQry AddtlInf"),
    ("Stmt", STATEMENT_04),
    ("Stmt/Bal", "Tp! CdtLine Amt! CdtDbtInd! Dt! Avlbty*"),
    ("Stmt/Ntry", ENTRY_04),
    ("Stmt/Ntry/NtryDtls", "Btch TxDtls*"),
    ("Stmt/Ntry/NtryDtls/TxDtls", TRANSACTION_04),
];

const CAMT_053_08: Table = &[
    ("", "GrpHdr! Stmt+ SplmtryData*"),
    ("GrpHdr", "MsgId! CreDtTm! MsgRcpt MsgPgntn OrgnlBizQry AddtlInf"),
    ("Stmt", STATEMENT_08),
    ("Stmt/Bal", "Tp! CdtLine* Amt! CdtDbtInd! Dt! Avlbty*"),
    ("Stmt/Ntry", ENTRY_04),
    ("Stmt/Ntry/NtryDtls", "Btch TxDtls*"),
    ("Stmt/Ntry/NtryDtls/TxDtls", TRANSACTION_08),
];

const CAMT_054_02: Table = &[
    ("", "GrpHdr! Ntfctn+"),
    ("GrpHdr", "MsgId! CreDtTm! MsgRcpt MsgPgntn AddtlInf"),
    ("Ntfctn", NOTIFICATION_02),
    ("Ntfctn/Ntry", ENTRY_02),
    ("Ntfctn/Ntry/NtryDtls", "Btch TxDtls*"),
    ("Ntfctn/Ntry/NtryDtls/TxDtls", TRANSACTION_02),
];

const CAMT_054_04: Table = &[
    ("", "GrpHdr! Ntfctn+ SplmtryData*"),
    ("GrpHdr", "MsgId! CreDtTm! MsgRcpt MsgPgntn OrgnlBizQry AddtlInf"),
    ("Ntfctn", NOTIFICATION_04),
    ("Ntfctn/Ntry", ENTRY_04),
    ("Ntfctn/Ntry/NtryDtls", "Btch TxDtls*"),
    ("Ntfctn/Ntry/NtryDtls/TxDtls", TRANSACTION_04),
];

const CAMT_054_08: Table = &[
    ("", "GrpHdr! Ntfctn+ SplmtryData*"),
    ("GrpHdr", "MsgId! CreDtTm! MsgRcpt MsgPgntn OrgnlBizQry AddtlInf"),
    ("Ntfctn", NOTIFICATION_08),
    ("Ntfctn/Ntry", ENTRY_04),
    ("Ntfctn/Ntry/NtryDtls", "Btch TxDtls*"),
    ("Ntfctn/Ntry/NtryDtls/TxDtls", TRANSACTION_08),
];

const PAIN_002_03: Table = &[
    ("", "GrpHdr! OrgnlGrpInfAndSts! OrgnlPmtInfAndSts*"),
    ("GrpHdr", "MsgId! CreDtTm! InitgPty FwdgAgt DbtrAgt CdtrAgt"),
    ("OrgnlGrpInfAndSts", ORIGINAL_GROUP),
    ("OrgnlPmtInfAndSts", STATUS_BATCH),
    ("OrgnlPmtInfAndSts/TxInfAndSts", STATUS_LINE_03),
];

const PAIN_002_10: Table = &[
    ("", "GrpHdr! OrgnlGrpInfAndSts! OrgnlPmtInfAndSts* SplmtryData*"),
    ("GrpHdr", "MsgId! CreDtTm! InitgPty FwdgAgt DbtrAgt CdtrAgt"),
    ("OrgnlGrpInfAndSts", ORIGINAL_GROUP),
    ("OrgnlPmtInfAndSts", STATUS_BATCH),
    ("OrgnlPmtInfAndSts/TxInfAndSts", STATUS_LINE_10),
];
