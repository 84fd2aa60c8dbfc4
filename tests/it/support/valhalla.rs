//! A real Valhalla over a map, from its wheel.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use roteiro::domain::geo::Position;

/// Turns OSM XML into the form Valhalla reads.
const CONVERT: &str = "import sys
sys.path.insert(0, sys.argv[1])
import osmium
writer = osmium.SimpleWriter(sys.argv[3])
for item in osmium.FileProcessor(sys.argv[2]):
    writer.add(item)
writer.close()";

/// A Valhalla that ends with its value.
pub struct Service {
    process: Child,
    pub address: String,
}

impl Service {
    /// Over the streets of a map (`.osm` or `.osm.pbf`). Programs and tiles are made once for a name.
    pub fn over(name: &str, map: &Path) -> Self {
        let programs = programs();
        let folder = once(&format!("valhalla-{name}"), |folder| {
            let extract = if map.extension().is_some_and(|extension| extension == "osm") { converted(map, folder) } else { map.to_owned() };
            let configuration = configure(&programs, folder, 8002);
            run(Command::new(programs.join("valhalla/bin/valhalla_build_tiles")).arg("-c").arg(configuration).arg(extract));
        });
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(programs.join("valhalla/bin/valhalla_service"))
            .arg(configure(&programs, &folder, port))
            .arg("1")
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let service = Self { process, address: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "Valhalla does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
        service
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

pub fn at(latitude: f64, longitude: f64) -> Position {
    Position::new(latitude, longitude).unwrap()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    assert!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
}

/// A folder that is filled once; the tests are processes that begin together.
fn once(name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let lock = std::fs::File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    if !folder.join("ready").exists() {
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        fill(&folder);
        std::fs::write(folder.join("ready"), "").unwrap();
    }
    folder
}

fn programs() -> PathBuf {
    once("valhalla-3_9_1", |folder| {
        let download = ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--python-version", "3.12", "pyvalhalla==3.9.1"];
        run(Command::new("python3").args(["-m", "pip"]).args(download).current_dir(folder));
        let mut files = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
        let wheel = files.find(|path| path.extension().is_some_and(|extension| extension == "whl"));
        run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(wheel.unwrap()).arg(folder));
        for program in std::fs::read_dir(folder.join("valhalla/bin")).unwrap().flatten() {
            run(Command::new("chmod").arg("+x").arg(program.path()));
        }
    })
}

fn converted(map: &Path, folder: &Path) -> PathBuf {
    let osmium = once("osmium-4_0_2", |folder| {
        let install = ["-m", "pip", "install", "--quiet", "--no-deps", "osmium==4.0.2", "--target"];
        run(Command::new("python3").args(install).arg(folder));
    });
    let extract = folder.join("map.osm.pbf");
    run(Command::new("python3").args(["-c", CONVERT]).arg(osmium).arg(map).arg(&extract));
    extract
}

fn configure(programs: &Path, folder: &Path, port: u16) -> PathBuf {
    let output = Command::new("python3")
        .arg(programs.join("valhalla/valhalla_build_config.py"))
        .arg("--mjolnir-tile-dir")
        .arg(folder.join("tiles"))
        .args(["--httpd-service-listen", &format!("tcp://127.0.0.1:{port}")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = folder.join(format!("valhalla-{port}.json"));
    std::fs::write(&path, output.stdout).unwrap();
    path
}
