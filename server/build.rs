//! Lists the web app's built files for the binary to hold; none where the app was not built.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    // The folder is always there (it holds a file that keeps it), so that cargo can watch it.
    let built = root.join("../web/build");
    println!("cargo:rerun-if-changed={}", built.display());
    let app = built.join("app");
    let mut files = Vec::new();
    if app.join("index.html").exists() {
        collect(&app, &mut files)?;
        files.sort();
    }
    let mut text = String::from("&[\n");
    for file in &files {
        let name = file.strip_prefix(&app).unwrap_or(file).to_string_lossy().replace('\\', "/");
        if name.ends_with(".br") || name.ends_with(".gz") {
            continue;
        }
        let compressed = |ending: &str| {
            let path = PathBuf::from(format!("{}.{ending}", file.display()));
            let exists = path.exists();
            if exists { format!("Some(include_bytes!({path:?}))") } else { "None".to_owned() }
        };
        let (brotli, gzip) = (compressed("br"), compressed("gz"));
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "    gateway::File {{ path: {name:?}, plain: include_bytes!({file:?}), \
             brotli: {brotli}, gzip: {gzip} }},"
        );
    }
    text.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("app.rs"), text)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
