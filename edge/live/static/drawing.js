// The picture and, over it, boxes, landmarks and where each nose points.

// Which points are joined, by the number of points: [first, last, closed].
const LINES = {
  68: [
    [0, 16], [17, 21], [22, 26], [27, 30], [31, 35],
    [36, 41, true], [42, 47, true], [48, 59, true], [60, 67, true],
  ],
  98: [
    [0, 32], [33, 41, true], [42, 50, true], [51, 54], [55, 59],
    [60, 67, true], [68, 75, true], [76, 87, true], [88, 95, true],
  ],
};
const COLOURS = ["#5ad6a0", "#7aa7ff", "#f0b64f", "#e58ad6", "#6fd3e8", "#c3d95a"];

export const colourOf = (face) => COLOURS[face.id % COLOURS.length];

// Pixel (x, y) of the frame has its centre at (x + 0.5, y + 0.5) of the canvas before scaling.
export function draw(canvas, { facts, bitmap, mirrored, withPicture }) {
  const [width, height] = facts.size;
  canvas.closest(".stage").style.setProperty("--ratio", `${width} / ${height}`);
  const zoom = (canvas.clientWidth * devicePixelRatio) / width;
  canvas.width = Math.round(width * zoom);
  canvas.height = Math.round(height * zoom);
  const pen = canvas.getContext("2d");
  if (mirrored) pen.setTransform(-zoom, 0, 0, zoom, canvas.width, 0);
  else pen.setTransform(zoom, 0, 0, zoom, 0, 0);
  if (bitmap && withPicture) pen.drawImage(bitmap, 0, 0, width, height);
  pen.translate(0.5, 0.5);
  const one = devicePixelRatio / zoom; // a pixel of the screen, in pixels of the frame
  for (const face of facts.faces) drawFace(pen, face, one);
  pen.setTransform(1, 0, 0, 1, 0, 0); // words are not mirrored
  for (const face of facts.faces) {
    const [x0, y0, x1] = face.box.map((side) => (side + 0.5) * zoom);
    drawId(pen, face, mirrored ? canvas.width - x1 : x0, y0);
  }
}

// The id stands above the corner of the box, or in it where the box begins above the picture.
function drawId(pen, face, x, y) {
  const size = 14 * devicePixelRatio;
  pen.font = `600 ${size}px system-ui, sans-serif`;
  pen.lineWidth = size / 4;
  pen.lineJoin = "round";
  pen.strokeStyle = "rgb(0 0 0 / 0.6)";
  pen.fillStyle = colourOf(face);
  const place = [`#${face.id}`, Math.max(x, 0), Math.max(y - size / 3, size)];
  pen.strokeText(...place);
  pen.fillText(...place);
}

function drawFace(pen, face, one) {
  const { points } = face;
  const colour = colourOf(face);
  const lines = linesOf(points);
  pen.lineJoin = pen.lineCap = "round";
  for (const [style, thickness] of [["rgb(0 0 0 / 0.45)", 3.2], [colour, 1.3]]) {
    pen.strokeStyle = style;
    pen.lineWidth = thickness * one;
    pen.stroke(lines);
    pen.stroke(cornersOf(face.box));
    if (face.pose_deg) pen.stroke(noseLine(face.box, points, face.pose_deg));
  }
  const radius = Math.min(2.2 * one, (face.box[2] - face.box[0]) / 75);
  pen.fillStyle = "#ffffff";
  for (const [x, y] of points) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.fill();
  }
}

function linesOf(points) {
  const path = new Path2D();
  for (const [first, last, closed] of LINES[points.length] ?? []) {
    path.moveTo(...points[first]);
    for (let i = first + 1; i <= last; i += 1) path.lineTo(...points[i]);
    if (closed) path.lineTo(...points[first]);
  }
  return path;
}

function cornersOf([x0, y0, x1, y1]) {
  const path = new Path2D();
  const arm = (x1 - x0) / 10;
  for (const [x, y, right, down] of [[x0, y0, 1, 1], [x1, y0, -1, 1], [x1, y1, -1, -1], [x0, y1, 1, -1]]) {
    path.moveTo(x + arm * right, y);
    path.lineTo(x, y);
    path.lineTo(x, y + arm * down);
  }
  return path;
}

// The nose points towards the camera and is turned by yaw (to the left of the picture), pitch (up)
// and roll (clockwise): Rz(roll) Rx(-pitch) Ry(yaw) (0, 0, -1), seen from the front.
function noseLine(box, points, poseDeg) {
  const [yaw, pitch, roll] = poseDeg.map((angle) => (angle * Math.PI) / 180);
  const x = -Math.sin(yaw);
  const y = -Math.cos(yaw) * Math.sin(pitch);
  const length = (box[2] - box[0]) / 2;
  const [fromX, fromY] = points.length === 68 ? points[30] : [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const path = new Path2D();
  path.moveTo(fromX, fromY);
  path.lineTo(
    fromX + length * (x * Math.cos(roll) - y * Math.sin(roll)),
    fromY + length * (x * Math.sin(roll) + y * Math.cos(roll)),
  );
  return path;
}
