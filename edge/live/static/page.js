// Brings the parts of the page together: connection, drawing, numbers, switches.

import { connect, keepToken } from "./connection.js";
import { draw } from "./drawing.js";
import { read, readAge } from "./readings.js";

const element = (id) => document.getElementById(id);
const WORDS = { connecting: "connecting", waiting: "waiting for a frame", live: "live", lost: "camera lost", offline: "no connection" };

let last = null; // the frame on the screen: its facts, bitmap and when it came

function redraw() {
  if (last === null) return;
  draw(element("screen"), {
    facts: last.facts,
    bitmap: last.bitmap,
    mirrored: element("mirror").ariaPressed === "true",
    withPicture: element("picture").ariaPressed === "true",
  });
}

function setState(name) {
  element("state").dataset.state = name;
  element("state").textContent = WORDS[name];
}

function setNotice(text) {
  element("notice").textContent = text;
  element("notice").hidden = text === "";
}

// A hidden tab gets no animation frames, so it asks for none.
const animationFrame = () => new Promise(requestAnimationFrame);

async function show(facts, jpeg) {
  const cameAt = performance.now();
  const bitmap = jpeg && (await createImageBitmap(jpeg));
  await animationFrame();
  last?.bitmap?.close();
  last = { facts, bitmap, cameAt };
  setState("live");
  setNotice("");
  redraw();
  read(facts);
  tick();
}

function tick() {
  if (last !== null) readAge(last.facts.age_ms + performance.now() - last.cameAt);
}

function tell({ event, detail, ago_ms: agoMs }) {
  if (event !== "camera_lost") return;
  const at = new Date(Date.now() - agoMs).toLocaleTimeString();
  setState("lost");
  setNotice(`Camera lost at ${at}: ${detail}. Trying again.`);
}

function needToken() {
  const entrance = element("entrance");
  element("refused").hidden = element("token").value === "";
  entrance.showModal();
  return new Promise((resolve) => {
    element("entrance-form").onsubmit = (event) => {
      event.preventDefault();
      keepToken(element("token").value.trim());
      entrance.close();
    };
    entrance.onclose = resolve; // the Escape key too: it is asked again
  });
}

for (const id of ["mirror", "picture"]) {
  element(id).addEventListener("click", () => {
    element(id).ariaPressed = String(element(id).ariaPressed !== "true");
    redraw();
  });
}
new ResizeObserver(redraw).observe(document.querySelector(".screen"));
addEventListener("hashchange", () => location.reload()); // another token in the same tab
setInterval(tick, 200);

connect({ show, tell, state: setState, needToken });
