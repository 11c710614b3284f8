//! The web app that is served: the one that this binary was built with, or another build of it from
//! a folder, for those who work on it.

use crate::outcome::Failure;
use std::path::Path;
use std::{fs, io};

/// Its files; none where it was built without them.
const FILES: &[gateway::File] = include!(concat!(env!("OUT_DIR"), "/app.rs"));

/// The web app: that of a folder, else the one that this binary holds, if any.
///
/// # Errors
/// Wrong usage where the folder cannot be read or holds no built app.
pub fn app(folder: Option<&Path>) -> Result<Option<gateway::App>, Failure> {
    let Some(folder) = folder else { return Ok(gateway::App::new(FILES)) };
    let told = |why: String| Failure::Usage(format!("app: {}: {why}", folder.display()));
    let mut files = Vec::new();
    read(folder, "", &mut files).map_err(|why| told(why.to_string()))?;
    let app = gateway::App::new(&files);
    app.map(Some).ok_or_else(|| told("there is no index.html; `npm run build` makes one".into()))
}

/// Reads the files of a folder and of those in it; they stay in memory until the process ends.
fn read(folder: &Path, under: &str, files: &mut Vec<gateway::File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{under}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read(&entry.path(), &format!("{name}/"), files)?;
        } else if !name.ends_with(".br") && !name.ends_with(".gz") {
            let plain = fs::read(entry.path())?.leak();
            let path = name.leak();
            files.push(gateway::File { path, plain, brotli: None, gzip: None });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_in_a_folder_stands_for_the_one_inside() {
        let folder = std::env::temp_dir().join(format!("megalith-app-{}", std::process::id()));
        fs::create_dir_all(folder.join("assets")).unwrap();
        let refused = app(Some(&folder)).err().map(|why| why.to_string()).unwrap_or_default();
        assert!(refused.contains("no index.html"), "{refused}");
        fs::write(folder.join("index.html"), "<script nonce=\"{{nonce}}\"></script>").unwrap();
        fs::write(folder.join("assets/main.js"), "1").unwrap();
        assert!(app(Some(&folder)).is_ok_and(|app| app.is_some()));
        fs::remove_dir_all(&folder).unwrap();
        assert!(app(Some(&folder)).is_err());
    }
}
