//! One JSON object on each line.

use super::columns::Columns;
use super::{ExportError, Pages, Sink};
use kernel::View;
use kernel::json::write_view;
use kernel::service::Registry;
use std::sync::Arc;

pub(super) async fn write(
    columns: &Columns,
    registry: &Registry,
    pages: &mut dyn Pages,
    sink: &mut dyn Sink,
) -> Result<u64, ExportError> {
    let mut wanted = vec![false; columns.entity.fields.len()];
    columns.slots.iter().for_each(|slot| wanted[*slot] = true);
    let mut count = 0;
    while let Some(page) = pages.next().await? {
        let mut out = String::new();
        for view in page.items {
            let readable: Arc<[bool]> =
                view.readable.iter().zip(&wanted).map(|(may, want)| *may && *want).collect();
            write_view(&View { readable, ..view }, registry, &mut out);
            out.push('\n');
            count += 1;
        }
        if !out.is_empty() {
            sink.take(out.into_bytes()).await?;
        }
    }
    Ok(count)
}
