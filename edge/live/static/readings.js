// Numbers beside the picture.

import { colourOf } from "./drawing.js";
import { addRate } from "./graph.js";

const element = (id) => document.getElementById(id);
const STAGES = ["find", "crop", "infer", "decode"];
const OLD_MS = 1000;

const shown = (value, digits) => (value === null ? "–" : value.toFixed(digits));

export function read(facts) {
  element("fps").textContent = shown(facts.fps, 1);
  addRate(facts.fps);
  readOrHide("latency", facts.latency_ms);
  readOrHide("temperature", facts.temperature_c);
  const made = [facts.model, facts.finder && `finder ${facts.finder}`].filter(Boolean);
  element("made").textContent = made.join(" · ");
  const total = STAGES.reduce((sum, stage) => sum + facts.stages_ms[stage], 0);
  element("total").textContent = `${total.toFixed(1)} ms`;
  STAGES.forEach((stage, i) => {
    element(stage).textContent = facts.stages_ms[stage].toFixed(2);
    element("bar").children[i].style.width = `${(100 * facts.stages_ms[stage]) / (total || 1)}%`;
  });
  element("count").textContent = facts.faces.length || "";
  element("faces").replaceChildren(...facts.faces.flatMap(rows));
  const [width, height] = facts.size;
  const dropped = facts.dropped ? ` · ${facts.dropped} dropped` : "";
  element("caption").textContent = `${width} × ${height} · frame ${facts.frame}${dropped}`;
}

// A file has no sensor and some boards no thermometer: a figure that never comes is not shown.
function readOrHide(id, value) {
  element(id).closest("div").hidden = value === null;
  element(id).textContent = shown(value, 1);
}

export function readAge(ageMs) {
  const old = ageMs >= OLD_MS;
  element("age").textContent = old ? (ageMs / 1000).toFixed(1) : ageMs.toFixed(0);
  element("age-unit").textContent = old ? "s" : "ms";
  element("age").closest("div").classList.toggle("old", old);
}

function rows(face) {
  return face.measures ? [row(face), measuresRow(face)] : [row(face)];
}

function measuresRow({ measures }) {
  const line = document.createElement("tr");
  const cell = line.insertCell();
  cell.colSpan = 5;
  cell.className = "measures";
  const eyes = `eyes ${measures.left_eye_open.toFixed(2)} ${measures.right_eye_open.toFixed(2)}`;
  const mouth = `mouth ${measures.mouth_open.toFixed(2)}`;
  const brows = `brows ${measures.brow_raise.toFixed(2)}`;
  const turned = `turned ${Math.round(measures.turned_deg)}°`;
  cell.textContent = [eyes, mouth, brows, turned].join(" · ");
  return line;
}

function row(face) {
  const cells = document.createElement("tr");
  const angles = face.pose_deg ?? [null, null, null];
  const degrees = angles.map((angle) => (angle === null ? "–" : `${Math.round(angle)}°`));
  for (const text of [face.id, `${Math.round(100 * face.presence)} %`, ...degrees]) {
    cells.insertCell().textContent = text;
  }
  cells.cells[0].style.setProperty("--face", colourOf(face));
  return cells;
}
