//! A walk over the elements of an untrusted XML file: no document type, no entities but the five of XML, bounded depth
//! and text.

use quick_xml::errors::{Error, IllFormedError};
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::schema::{Known, Place, Schema, SchemaFault, Simple};
use super::{Options, Refusal, ReportError, Tolerance};

/// Most attributes of one element: messages have one or two, and each is compared with all before it.
const ATTRIBUTES_MAX: usize = 32;

/// Longest name of an element, in bytes: those of the standard have thirty at most, and a name stands in the path of every
/// leaf below it.
const NAME_MAX: usize = 256;

/// Longest path of an element told of, in characters.
const PATH_MAX: usize = 200;

/// The attribute of an amount.
pub(super) const CURRENCY: &str = "Ccy";

/// What the walk has come to; [`Walk::path`] says where.
pub(crate) enum Step {
    /// An element begins.
    Open,
    /// An element without elements inside ends; [`Walk::text`] is its text.
    Leaf,
    /// An element with elements inside ends.
    Close,
    /// The file ends well.
    End,
}

struct Element {
    /// Length of the path without the element.
    outer: usize,
    has_elements: bool,
    /// The part of the schema that it is, where it is looked into.
    place: Option<Place>,
    /// It must have something in it.
    must: bool,
    /// What its text has to be, where that is judged.
    simple: Option<Simple>,
}

pub(crate) struct Walk<'a> {
    source: &'a str,
    reader: Reader<&'a [u8]>,
    options: &'a Options,
    path: String,
    open: Vec<Element>,
    /// The path still holds an element that has ended.
    ended: bool,
    begun: bool,
    text: String,
    overflow: bool,
    currency: Option<String>,
    namespace: Option<String>,
    schema: Option<Schema>,
    faults: Vec<SchemaFault>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(source: &'a str, options: &'a Options) -> Self {
        let mut reader = Reader::from_str(source);
        reader.config_mut().expand_empty_elements = true;
        Self {
            source,
            reader,
            options,
            path: String::new(),
            open: Vec::new(),
            ended: false,
            begun: false,
            text: String::new(),
            overflow: false,
            currency: None,
            namespace: None,
            schema: None,
            faults: Vec::new(),
        }
    }

    /// Holds everything from here on against the schema of the message that has just begun.
    pub(super) fn hold_against(&mut self, schema: Schema) {
        for (element, place) in self.open.iter_mut().zip(Schema::begin()) {
            element.place = Some(place);
        }
        self.schema = Some(schema);
    }

    /// Where the message was not as its schema has it: the first place of each kind.
    pub(super) fn take_faults(&mut self) -> Vec<SchemaFault> {
        std::mem::take(&mut self.faults)
    }

    /// Notes that something is not as the schema has it, at the element where the walk stands or at what is named below
    /// it.
    fn note(&mut self, what: Tolerance, below: &[&str]) {
        if self.faults.iter().any(|fault| fault.what == what) {
            return;
        }
        let path = self.path.split_once('/').map_or(self.path.as_str(), |(_, path)| path);
        let between = if below.is_empty() { "" } else { "/" };
        let path = [path, between, below.concat().as_str()].concat();
        // Databases refuse some control characters, and no name of XML has a comma.
        let printable = |c: char| if c.is_control() || c == ',' { '\u{fffd}' } else { c };
        let at = self.refuse(Refusal::NotStrict);
        self.faults.push(SchemaFault {
            what,
            element: path.chars().take(PATH_MAX).map(printable).collect(),
            offset: at.offset,
            line: at.line,
        });
    }

    /// An element ends: does it lack what must stand in it, and is its text what it has to be?
    fn end(&mut self) -> Step {
        self.ended = true;
        let Some(element) = self.open.last() else {
            return Step::Leaf;
        };
        let (has_elements, place) = (element.has_elements, element.place);
        let text = (!self.overflow).then_some(self.text.as_str());
        let fault = if has_elements {
            None
        } else if element.must && text == Some("") {
            Some(Tolerance::ElementMissing)
        } else {
            let odd = element.simple.is_some_and(|simple| !simple.admits(text));
            odd.then_some(Tolerance::ValueInvalid)
        };
        if let Some(fault) = fault {
            self.note(fault, &[]);
        }
        if let (Some(place), Some(schema)) = (place, &self.schema)
            && let Some(lacking) = schema.lacking(place)
        {
            self.note(Tolerance::ElementMissing, &[lacking]);
        }
        if has_elements { Step::Close } else { Step::Leaf }
    }

    /// The local names from the root down, joined by `/`.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The text of the leaf, trimmed; none if it was longer than allowed.
    pub(crate) fn text(&self) -> Option<&str> {
        (!self.overflow).then(|| self.text.trim())
    }

    /// The currency on the leaf.
    pub(crate) fn currency(&self) -> Option<&str> {
        self.currency.as_deref()
    }

    /// The namespace that the root declares for itself.
    pub(crate) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// A refusal at the present place.
    pub(crate) fn refuse(&self, refusal: Refusal) -> ReportError {
        let offset = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        ReportError::at(refusal, self.source.as_bytes(), offset)
    }

    pub(crate) fn step(&mut self) -> Result<Step, ReportError> {
        if std::mem::take(&mut self.ended) {
            let outer = self.open.pop().map_or(0, |element| element.outer);
            self.path.truncate(outer);
        }
        loop {
            match self.reader.read_event() {
                Ok(Event::Start(start)) => return self.begin(&start),
                Ok(Event::End(_)) => return Ok(self.end()),
                Ok(Event::Text(text)) => self.add(&text.into_inner())?,
                Ok(Event::CData(text)) => self.add(&text.into_inner())?,
                Ok(Event::GeneralRef(entity)) => self.resolve(&entity)?,
                Ok(Event::DocType(_)) => return Err(self.refuse(Refusal::DocumentType)),
                Ok(Event::Decl(declaration)) => self.check_encoding(&declaration)?,
                Ok(Event::Eof) if !self.open.is_empty() => return Err(self.refuse(Refusal::Truncated)),
                Ok(Event::Eof) if !self.begun => return Err(self.refuse(Refusal::Empty)),
                Ok(Event::Eof) => return Ok(Step::End),
                Ok(Event::Empty(_) | Event::Comment(_) | Event::PI(_)) => {}
                Err(error) => return Err(self.failed(&error)),
            }
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<Step, ReportError> {
        if self.open.is_empty() && std::mem::replace(&mut self.begun, true) {
            return Err(self.refuse(Refusal::NotWellFormed));
        }
        if self.open.len() >= self.options.max_depth {
            return Err(self.refuse(Refusal::TooDeep));
        }
        if start.local_name().as_ref().len() > NAME_MAX {
            return Err(self.refuse(Refusal::TooLarge));
        }
        self.text.clear();
        self.overflow = false;
        let name = start.local_name();
        let known = self.known(name.as_ref());
        let unknown = self.take_attributes(start, &known)?;
        self.open.push(Element {
            outer: self.path.len(),
            has_elements: false,
            place: known.place,
            must: known.must,
            simple: known.simple,
        });
        if !self.path.is_empty() {
            self.path.push('/');
        }
        self.path.push_str(name.as_ref());
        if let Some(fault) = known.fault {
            self.note(fault, &[]);
        }
        if let Some(attribute) = unknown {
            self.note(Tolerance::AttributeUnknown, &["@", attribute]);
        }
        if let Some(fault) = known.currency_fault(self.currency.as_deref()) {
            self.note(fault, &["@", CURRENCY]);
        }
        Ok(Step::Open)
    }

    /// What an element that begins is by its schema.
    fn known(&mut self, name: &str) -> Known {
        let Some(parent) = self.open.last_mut() else {
            return Known::default();
        };
        parent.has_elements = true;
        match (&self.schema, &mut parent.place) {
            (Some(schema), Some(place)) => schema.enter(place, name),
            _ if parent.simple.is_some() => Known::inside_a_text(),
            _ => Known::default(),
        }
    }

    /// Takes what is needed of the attributes of an element, and gives the first that its schema does not have.
    fn take_attributes<'s>(
        &mut self,
        start: &'s BytesStart<'_>,
        known: &Known,
    ) -> Result<Option<&'s str>, ReportError> {
        self.currency = None;
        let mut unknown = None;
        for (number, attribute) in start.attributes().enumerate() {
            if number >= ATTRIBUTES_MAX {
                return Err(self.refuse(Refusal::TooManyAttributes));
            }
            let Ok(Attribute { key, value }) = attribute else {
                return Err(self.refuse(Refusal::NotWellFormed));
            };
            let name = key.into_inner();
            if self.open.is_empty() {
                let prefix = start.name().prefix();
                let own = match &prefix {
                    Some(prefix) => name.strip_prefix("xmlns:") == Some(prefix.as_ref()),
                    None => name == "xmlns",
                };
                if own {
                    self.namespace = Some(value.as_ref().to_owned());
                }
            } else if name == CURRENCY {
                self.currency = Some(value.as_ref().to_owned());
            }
            if unknown.is_none() && known.excludes(name) {
                unknown = Some(name);
            }
        }
        Ok(unknown)
    }

    fn add(&mut self, text: &str) -> Result<(), ReportError> {
        if self.open.is_empty() {
            let blank = text.chars().all(char::is_whitespace);
            return if blank {
                Ok(())
            } else {
                Err(self.refuse(Refusal::NotWellFormed))
            };
        }
        if self.text.len().saturating_add(text.len()) > self.options.max_text {
            self.overflow = true;
        } else if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            self.text.push_str(text);
        } else {
            // XML allows no control characters, and databases refuse some.
            let printable = |c: char| {
                if c.is_control() && !c.is_whitespace() {
                    '\u{fffd}'
                } else {
                    c
                }
            };
            self.text.extend(text.chars().map(printable));
        }
        Ok(())
    }

    fn resolve(&mut self, entity: &BytesRef<'_>) -> Result<(), ReportError> {
        let mut buffer = [0; 4];
        let text = match entity.resolve_char_ref() {
            Ok(Some(c)) => Some(&*c.encode_utf8(&mut buffer)),
            Ok(None) => resolve_predefined_entity(entity),
            Err(_) => None,
        };
        match text {
            Some(text) => self.add(text),
            None => Err(self.refuse(Refusal::Entity)),
        }
    }

    fn check_encoding(&self, declaration: &BytesDecl<'_>) -> Result<(), ReportError> {
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(name)) if name.eq_ignore_ascii_case("UTF-8") || self.source.is_ascii() => Ok(()),
            Some(_) => Err(self.refuse(Refusal::NotUtf8)),
        }
    }

    fn failed(&self, error: &Error) -> ReportError {
        let offset = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
        let unfinished = match error {
            Error::Syntax(_) => true,
            Error::IllFormed(IllFormedError::MissingEndTag(_) | IllFormedError::UnclosedReference) => {
                self.source.get(offset..).is_none_or(|rest| !rest.contains(['<', '>']))
            }
            _ => false,
        };
        let refusal = if unfinished {
            Refusal::Truncated
        } else {
            Refusal::NotWellFormed
        };
        ReportError::at(refusal, self.source.as_bytes(), offset)
    }
}
