//! The one place that syncs: so that a test can leave out one kind and prove that it was needed.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::options::SyncKind;

/// Makes files durable, except the kind that a test leaves out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Syncer {
    skip: Option<SyncKind>,
}

impl Syncer {
    pub(crate) fn new(skip: Option<SyncKind>) -> Self {
        Self { skip }
    }

    pub(crate) fn skips(self, kind: SyncKind) -> bool {
        self.skip == Some(kind)
    }

    /// Makes a file's content durable, and its size.
    pub(crate) fn sync_file(self, kind: SyncKind, file: &File) -> io::Result<()> {
        if self.skips(kind) { Ok(()) } else { file.sync_data() }
    }

    /// Makes the names in a folder durable.
    pub(crate) fn sync_folder(self, folder: &Path) -> io::Result<()> {
        if self.skips(SyncKind::Folder) { Ok(()) } else { File::open(folder)?.sync_all() }
    }
}
