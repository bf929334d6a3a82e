//! Lists, read page by page.

use service::Error;
use service::page::Page;

/// Every row of a list, whose page after a cursor `read` gives.
pub(crate) async fn all<T>(read: impl AsyncFn(Option<String>) -> Result<Page<T>, Error>) -> Result<Vec<T>, Error> {
    let (mut rows, mut cursor) = (Vec::new(), None);
    loop {
        let page = read(cursor).await?;
        rows.extend(page.items);
        if page.next.is_none() {
            return Ok(rows);
        }
        cursor = page.next;
    }
}
