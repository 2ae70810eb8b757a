//! Packs the price table, which is kept in the tree as text that people can review.

use std::io::{self, Write};
use std::path::Path;
use std::{env, fs};

use flate2::Compression;
use flate2::write::ZlibEncoder;

const TABLE: &str = "src/pricing.json";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={TABLE}");
    let folder = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&fs::read(TABLE)?)?;
    fs::write(Path::new(&folder).join("pricing.json.zz"), packed.finish()?)
}
