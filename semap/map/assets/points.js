// Points without WebGL, and the first ones before plotly runs: discs set pixel by pixel in an image. 100,000 of them take about a twentieth of a second on one core,
// where simulated WebGL takes half a second and the canvas's own shapes a quarter.
const software = byId("points");
const STRENGTH = 0.6;

function paintPoints(view) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [overlay.width, overlay.height];
  if (software.width !== width || software.height !== height) [software.width, software.height] = [width, height];
  const image = new ImageData(width, height);
  const stamp = disc(Math.max(2, Math.round(pointSize() * ratio)), width);
  const limits = { left: view.left * ratio, top: view.top * ratio, right: (view.left + view.width) * ratio - stamp.size, bottom: (view.top + view.height) * ratio - stamp.size };
  for (const group of groups) {
    if (group.hidden) continue;
    const rgb = [1, 3, 5].map((at) => parseInt(group.colour.slice(at, at + 2), 16));
    for (const id of group.members) {
      const x = Math.round(view.px(chart.x[id]) * ratio - stamp.size / 2), y = Math.round(view.py(chart.y[id]) * ratio - stamp.size / 2);
      if (x >= limits.left && x <= limits.right && y >= limits.top && y <= limits.bottom) stampAt(image.data, y * width + x, stamp.offsets, rgb);
    }
  }
  software.getContext("2d").putImageData(image, 0, 0);
}

// The pixels of a disc, as distances from its upper left corner.
function disc(size, width) {
  const offsets = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (Math.hypot(row - (size - 1) / 2, column - (size - 1) / 2) <= size / 2) offsets.push(row * width + column);
    }
  }
  return { size, offsets };
}

function stampAt(pixels, at, offsets, [red, green, blue]) {
  for (const offset of offsets) {
    const place = (at + offset) * 4;
    const part = pixels[place + 3] ? STRENGTH : 1; // the first colour on a pixel is whole, only its cover is not
    pixels[place] += (red - pixels[place]) * part;
    pixels[place + 1] += (green - pixels[place + 1]) * part;
    pixels[place + 2] += (blue - pixels[place + 2]) * part;
    pixels[place + 3] += (255 - pixels[place + 3]) * STRENGTH;
  }
}
