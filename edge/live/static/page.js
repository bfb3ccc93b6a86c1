// Brings the parts of the page together: connection, drawing, numbers, switches.

import { connect, keepToken } from "./connection.js";
import { draw } from "./drawing.js";
import { read, readAge } from "./readings.js";

const element = (id) => document.getElementById(id);
const WORDS = { connecting: "connecting", waiting: "waiting for a frame", live: "live", lost: "camera lost", offline: "no connection", paused: "paused", ended: "the run has ended" };

let last = null; // the frame on the screen: its facts, bitmap and when it came
let told = 0; // events so far: a frame that was on its way before one does not take it back
let resume = null; // ends the pause; null where there is none

function redraw() {
  if (last === null) return;
  draw(element("screen"), {
    facts: last.facts,
    bitmap: last.bitmap,
    mirrored: element("mirror").ariaPressed === "true",
    withPicture: element("picture").ariaPressed === "true",
  });
}

// After the end of a run the page looks for the next one, and goes on saying that this one is over.
function setState(name) {
  if (document.body.dataset.over === "true" && !["live", "lost"].includes(name)) return;
  document.body.dataset.over = String(name === "ended");
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
  const [cameAt, toldBefore] = [performance.now(), told];
  const bitmap = jpeg && (await createImageBitmap(jpeg));
  await animationFrame();
  last?.bitmap?.close();
  last = { facts, bitmap, cameAt };
  if (told === toldBefore) {
    setState("live");
    setNotice("");
  }
  redraw();
  read(facts);
  tick();
  if (element("pause").ariaPressed === "true") {
    setState("paused");
    await new Promise((resolve) => (resume = resolve));
    resume = null;
  }
}

function tick() {
  const stands = resume !== null || document.body.dataset.over === "true";
  if (last !== null && !stands) readAge(last.facts.age_ms + performance.now() - last.cameAt);
}

function tell({ event, detail, ago_ms: agoMs }) {
  told += 1;
  if (event === "end") {
    setState("ended");
    setNotice("The run has ended. What you see is its last frame.");
  }
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

// What the screen shows, with the landmarks, as a file.
function saveSnapshot() {
  if (last === null) return;
  element("screen").toBlob((png) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(png);
    link.download = `frame-${last.facts.frame}.png`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

function toggleFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.querySelector(".screen").requestFullscreen();
}

for (const id of ["pause", "mirror", "picture"]) {
  element(id).addEventListener("click", () => {
    element(id).ariaPressed = String(element(id).ariaPressed !== "true");
    redraw();
  });
}
element("pause").addEventListener("click", () => resume?.());
element("snapshot").addEventListener("click", saveSnapshot);
element("full").addEventListener("click", toggleFullScreen);
element("full").hidden = !document.fullscreenEnabled; // phones of one maker have none
new ResizeObserver(redraw).observe(document.querySelector(".screen"));
addEventListener("hashchange", () => location.reload()); // another token in the same tab
setInterval(tick, 200);

connect({ show, tell, state: setState, needToken });
