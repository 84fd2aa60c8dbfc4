//! Stands between a client and a server on loopback, and can be cut and healed, made slow, and led to another server.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often it is looked whether connections are taken again.
const LOOK: Duration = Duration::from_millis(5);

/// Passes bytes on until it is cut; ends with its value.
pub struct Proxy {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// What becomes of those who connect.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// They are led to the server.
    Open,
    /// They are hung up on.
    Cut,
    /// Nobody listens, as on a port without a server.
    #[allow(dead_code, reason = "only the faults break a line in this way")]
    Refused,
    /// Nor ever will.
    Over,
}

struct State {
    server: SocketAddr,
    line: Line,
    /// How long each piece is held back, both ways.
    delay: Duration,
    was_cut: bool,
    /// Bytes that clients may still send before the line is cut.
    budget: Option<usize>,
    /// What the line is cut at, when a client sends it.
    last_word: Option<&'static [u8]>,
    /// Bytes that clients have sent.
    sent: usize,
    open: Vec<TcpStream>,
}

impl Proxy {
    /// Before this server.
    pub fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            server,
            line: Line::Open,
            delay: Duration::ZERO,
            was_cut: false,
            budget: None,
            last_word: None,
            sent: 0,
            open: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || listen(listener, &shared));
        Self { address, state }
    }

    /// Before the database of an address such as `postgres://root@127.0.0.1:5432/name`, with the address to use instead.
    pub fn before_database(url: &str) -> (Self, String) {
        let (scheme, rest) = url.split_once("://").unwrap();
        let (authority, name) = rest.split_once('/').unwrap();
        let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
        let proxy = Self::before(host.replace("localhost", "127.0.0.1").parse().unwrap());
        // In plain words, so that the line can be cut at one of them.
        let url = format!("{scheme}://{user}@{}/{name}?sslmode=disable", proxy.address);
        (proxy, url)
    }

    /// Ends all connections and takes no more.
    pub fn cut(&self) {
        self.end(Line::Cut);
    }

    /// Ends all connections; what becomes of new ones.
    fn end(&self, line: Line) {
        let mut state = self.state.lock().unwrap();
        state.line = line;
        for stream in state.open.drain(..) {
            stream.shutdown(Shutdown::Both).ok();
        }
    }

    /// Cuts the line once clients have sent so many bytes more: these still arrive, and nothing is answered.
    pub fn cut_after(&self, bytes: usize) {
        self.state.lock().unwrap().budget = Some(bytes);
    }

    /// Cuts the line once a client has sent this: it still arrives, and nothing is answered.
    pub fn cut_at(&self, last_word: &'static str) {
        self.state.lock().unwrap().last_word = Some(last_word.as_bytes());
    }

    /// Takes connections again.
    pub fn heal(&self) {
        let mut state = self.state.lock().unwrap();
        (state.line, state.budget, state.last_word) = (Line::Open, None, None);
    }

    /// The listener looks at the state when somebody comes.
    fn wake(&self) {
        TcpStream::connect(self.address).ok();
    }

    /// Bytes that clients have sent so far.
    pub fn sent(&self) -> usize {
        self.state.lock().unwrap().sent
    }

    /// Whether the line was ever cut by what clients sent.
    pub fn was_cut(&self) -> bool {
        self.state.lock().unwrap().was_cut
    }

    /// Whether the line is cut.
    pub fn is_cut(&self) -> bool {
        self.state.lock().unwrap().line != Line::Open
    }
}

#[allow(dead_code, reason = "only the faults break a line in these ways")]
impl Proxy {
    /// Ends all connections and refuses new ones, as a port without a server does.
    pub fn refuse(&self) {
        self.end(Line::Refused);
        self.wake();
    }

    /// Leads new connections to this server; those there are go on.
    pub fn lead_to(&self, server: SocketAddr) {
        self.state.lock().unwrap().server = server;
    }

    /// Holds each piece back for so long, both ways.
    pub fn slow(&self, delay: Duration) {
        self.state.lock().unwrap().delay = delay;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end(Line::Over);
        self.wake();
    }
}

/// Takes connections until it is over, on the same port again after a time of refusing.
fn listen(listener: TcpListener, shared: &Arc<Mutex<State>>) {
    let address = listener.local_addr().unwrap();
    let mut listener = Some(listener);
    loop {
        // Not within the condition: the lock would be held as long as its arms.
        let line = shared.lock().unwrap().line;
        match line {
            Line::Over => return,
            Line::Refused => listener = None,
            Line::Open | Line::Cut => listener = listener.or_else(|| TcpListener::bind(address).ok()),
        }
        match &listener {
            Some(listener) => listener.accept().into_iter().for_each(|(client, _)| connect(client, shared)),
            None => std::thread::sleep(LOOK),
        }
    }
}

/// Connects a client with the server. One that comes while the line is cut or the server is away is hung up on.
fn connect(client: TcpStream, shared: &Arc<Mutex<State>>) {
    let mut state = shared.lock().unwrap();
    if state.line != Line::Open {
        return;
    }
    let Ok(server) = TcpStream::connect(state.server) else { return };
    state.open.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
    pass_on(client.try_clone().unwrap(), server.try_clone().unwrap(), shared, true);
    pass_on(server, client, shared, false);
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, shared: &Arc<Mutex<State>>, is_counted: bool) {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        let mut buffer = [0; 8_192];
        while let Ok(count) = from.read(&mut buffer) {
            let delay = shared.lock().unwrap().delay;
            if !delay.is_zero() {
                std::thread::sleep(delay);
            }
            let allowed = if is_counted { spend(&shared, &buffer[..count]) } else { count };
            if count == 0 || to.write_all(&buffer[..allowed]).is_err() || allowed < count {
                break;
            }
        }
        to.shutdown(Shutdown::Both).ok();
        from.shutdown(Shutdown::Both).ok();
    });
}

/// How many of these bytes may pass; cuts the line when it is not all of them.
fn spend(state: &Mutex<State>, bytes: &[u8]) -> usize {
    let mut state = state.lock().unwrap();
    state.sent += bytes.len();
    let allowed = state.budget.unwrap_or(usize::MAX).min(bytes.len());
    state.budget = state.budget.map(|budget| budget - allowed);
    let is_last_word = state.last_word.is_some_and(|word| bytes.windows(word.len()).any(|window| window == word));
    if state.budget == Some(0) || is_last_word {
        state.was_cut = true;
        state.line = if state.line == Line::Open { Line::Cut } else { state.line };
        // Client and server stand side by side. What was let through still arrives; nothing comes back to a client.
        for client in state.open.drain(..).step_by(2) {
            client.shutdown(Shutdown::Write).ok();
        }
    }
    allowed
}
