//! Elements and leaves over the writer of quick-xml, into memory that is handed on in pieces.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// A document being written, without line breaks between elements.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    /// An empty document.
    pub(crate) fn new() -> Self {
        Self(Writer::new(Vec::with_capacity(80 * 1024)))
    }

    /// The declaration and the root element of an ISO 20022 message.
    pub(crate) fn document(&mut self, message: &str) -> io::Result<()> {
        self.document_in(Some(&format!("urn:iso:std:iso:20022:tech:xsd:{message}")))
    }

    /// The declaration and the root element in a namespace, or in none.
    pub(crate) fn document_in(&mut self, namespace: Option<&str>) -> io::Result<()> {
        self.0
            .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        self.0.get_mut().push(b'\n');
        let mut root = BytesStart::new("Document");
        if let Some(namespace) = namespace {
            root.push_attribute(("xmlns", namespace));
        }
        self.0.write_event(Event::Start(root))
    }

    /// Opens elements, the outermost first.
    pub(crate) fn open(&mut self, names: &[&'static str]) -> io::Result<()> {
        names
            .iter()
            .try_for_each(|name| self.0.write_event(Event::Start(BytesStart::new(*name))))
    }

    /// Closes elements, given as they were opened.
    pub(crate) fn close(&mut self, names: &[&'static str]) -> io::Result<()> {
        names
            .iter()
            .rev()
            .try_for_each(|name| self.0.write_event(Event::End(BytesEnd::new(*name))))
    }

    /// An element that holds a text.
    pub(crate) fn leaf(&mut self, name: &'static str, text: &str) -> io::Result<()> {
        self.0.write_event(Event::Start(BytesStart::new(name)))?;
        self.0.write_event(Event::Text(BytesText::new(text)))?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// A text inside nested elements, the outermost first.
    pub(crate) fn nested(&mut self, names: &[&'static str], text: &str) -> io::Result<()> {
        let Some((last, outer)) = names.split_last() else {
            return Ok(());
        };
        self.open(outer)?;
        self.leaf(last, text)?;
        self.close(outer)
    }

    /// An amount in đồng.
    pub(crate) fn amount(&mut self, name: &'static str, dong: &str) -> io::Result<()> {
        let mut start = BytesStart::new(name);
        start.push_attribute(("Ccy", "VND"));
        self.0.write_event(Event::Start(start))?;
        self.0.write_event(Event::Text(BytesText::new(dong)))?;
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// What was written since [`Xml::clear`].
    pub(crate) fn pending(&self) -> &[u8] {
        self.0.get_ref()
    }

    /// Forgets what was written.
    pub(crate) fn clear(&mut self) {
        self.0.get_mut().clear();
    }
}
