// Frames from the server: one is asked for, drawn, and then the next is asked for. So a slow
// browser sees fewer frames, never older ones. A lost connection is made again by itself.

const SUBPROTOCOL = "edge-landmarks";
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5000;

// The token comes in the address after "#", which is sent to nobody; here it leaves the address
// bar too, and stays in this tab.
function tokenOfTab() {
  const given = /^#token=([\w-]+)$/.exec(location.hash);
  if (given) {
    sessionStorage.setItem("token", given[1]);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem("token");
}

export function keepToken(token) {
  sessionStorage.setItem("token", token);
}

// A message is the length of its JSON (4 bytes, big-endian), the JSON, and a JPEG or nothing.
function parse(buffer) {
  const length = new DataView(buffer).getUint32(0);
  const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const jpeg = new Uint8Array(buffer, 4 + length);
  return [facts, jpeg.length ? new Blob([jpeg], { type: "image/jpeg" }) : null];
}

// show(facts, jpeg) is awaited before the next frame is asked for; tell(event) gets events;
// state(name) gets "waiting" or "offline"; needToken() is called where the token is wrong or missing,
// and connects again once its promise is kept.
export async function connect({ show, tell, state, needToken }) {
  let retryMs = FIRST_RETRY_MS;
  for (;;) {
    const answer = await mayEnter(tokenOfTab());
    if (answer === 401) {
      await needToken();
      continue;
    }
    if (answer === 200) {
      const opened = await watch({ show, tell, state });
      retryMs = opened ? FIRST_RETRY_MS : retryMs;
    }
    state("offline");
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
  }
}

// A WebSocket does not say why it was refused; this request does. 0: no server there.
async function mayEnter(token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  try {
    return (await fetch("access", { headers, cache: "no-store" })).status;
  } catch {
    return 0;
  }
}

function watch({ show, tell, state }) {
  const token = tokenOfTab();
  const socket = new WebSocket(
    `ws://${location.host}/frames`,
    token ? [SUBPROTOCOL, `token.${token}`] : [SUBPROTOCOL],
  );
  socket.binaryType = "arraybuffer";
  let opened = false;
  return new Promise((resolve) => {
    socket.onopen = () => {
      opened = true;
      state("waiting");
      socket.send("next");
    };
    socket.onmessage = async ({ data }) => {
      if (typeof data === "string") {
        tell(JSON.parse(data));
        return;
      }
      try {
        await show(...parse(data));
      } finally {
        if (socket.readyState === WebSocket.OPEN) socket.send("next");
      }
    };
    socket.onclose = () => resolve(opened);
  });
}
