// How the rate went during the last minute: a point a second, the newest at the right.

const SECONDS = 60;
const HEIGHT = 16; // of the drawing, in its own units; a second is one unit wide
const rates = []; // [second of the page's clock, frames a second]

export function addRate(fps) {
  const second = Math.floor(performance.now() / 1000);
  if (rates.at(-1)?.[0] === second) rates.pop();
  rates.push([second, fps]);
  while (rates[0][0] < second - SECONDS) rates.shift();
  const most = Math.max(1, ...rates.map(([, rate]) => rate));
  const points = rates.map(([at, rate]) => `${SECONDS - (second - at)},${HEIGHT * (1 - rate / most)}`);
  document.getElementById("graph").setAttribute("points", points.join(" "));
}
