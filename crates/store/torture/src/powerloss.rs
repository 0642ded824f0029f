//! Loss of power for one process: `powerloss.c` keeps what was synced, and this puts it in the folder's place.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const SOURCE: &str = include_str!("../powerloss.c");

/// The preloaded library and the shadow of one data folder.
#[derive(Debug)]
pub struct PowerLoss {
    work: TempDir,
    folder: PathBuf,
}

impl PowerLoss {
    /// Builds the library with the machine's C compiler, for a data folder that exists.
    pub fn of(folder: &Path) -> Self {
        let work = tempfile::tempdir().unwrap();
        let source = work.path().join("powerloss.c");
        fs::write(&source, SOURCE).unwrap();
        let mut compiler = Command::new("cc");
        compiler.args(["-O1", "-shared", "-fPIC", "-o"]).arg(work.path().join("libpowerloss.so"));
        let output = compiler.arg(&source).args(["-ldl", "-lpthread"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let power = Self { work, folder: folder.to_owned() };
        power.clear();
        power
    }

    fn shadow(&self) -> PathBuf {
        self.work.path().join("shadow")
    }

    fn clear(&self) {
        let _ = fs::remove_dir_all(self.shadow());
        fs::create_dir(self.shadow()).unwrap();
    }

    /// Makes a process that is started with this command subject to loss of power.
    pub fn attach(&self, command: &mut Command) {
        self.clear();
        command.env("LD_PRELOAD", self.work.path().join("libpowerloss.so"));
        command.env("GARRISON_POWERLOSS_DIR", &self.folder);
        command.env("GARRISON_POWERLOSS_SHADOW", self.shadow());
    }

    /// The power is back: the folder holds what the dead process had synced, and nothing else.
    pub fn restore(&self) {
        let Ok(names) = fs::read_to_string(self.shadow().join("names")) else {
            // It was killed before it had begun: nothing was written.
            return;
        };
        fs::remove_dir_all(&self.folder).unwrap();
        fs::create_dir(&self.folder).unwrap();
        let mut folders: Vec<&str> = names.lines().filter_map(|line| line.strip_prefix("D ")).collect();
        // A folder comes after the one that it is in; one whose parent's name was not durable is not reachable.
        folders.sort_unstable();
        for path in folders {
            let _ = fs::create_dir(self.folder.join(path));
        }
        for (id, path) in names.lines().filter_map(|line| line.strip_prefix("F ")?.split_once(' ')) {
            let target = self.folder.join(path);
            if target.parent().is_some_and(Path::is_dir) {
                let content = fs::read(self.shadow().join("files").join(id)).unwrap_or_default();
                fs::write(target, content).unwrap();
            }
        }
    }
}
