// Points without WebGL, and the first ones before plotly runs: discs set pixel by pixel in an image. 100,000 of them take some
// hundredths of a second on one core, where simulated WebGL takes ten times that and the canvas's own shapes five times.
const software = byId("points");

function paintPoints(view) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [overlay.width, overlay.height];
  if (!width || !height) return;
  if (software.width !== width || software.height !== height) [software.width, software.height] = [width, height];
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const size = Math.max(2, Math.round(pointSize() * ratio));
  const place = placing(view, ratio, size, width, height);
  for (const group of groups) if (!group.hidden) stampAll(pixels, width, group, place, disc(size, width));
  software.getContext("2d").putImageData(image, 0, 0);
}

// From a point of the plane to the upper left pixel of its disc, and the pixels where a whole disc has room.
function placing(view, ratio, size, width, height) {
  const corner = (size - 1) / 2;
  return {
    ax: view.perX * ratio, bx: view.px(0) * ratio - corner, ay: -view.perY * ratio, by: view.py(0) * ratio - corner,
    left: Math.max(0, view.left * ratio), right: Math.min(width, (view.left + view.width) * ratio) - size,
    top: Math.max(0, view.top * ratio), bottom: Math.min(height, (view.top + view.height) * ratio) - size,
  };
}

// The pixels of a disc, as distances from its upper left one.
function disc(size, width) {
  const offsets = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (Math.hypot(row - (size - 1) / 2, column - (size - 1) / 2) <= size / 2) offsets.push(row * width + column);
    }
  }
  return Int32Array.from(offsets);
}

function stampAll(pixels, width, group, { ax, bx, ay, by, left, right, top, bottom }, offsets) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(group.colour.slice(at, at + 2), 16));
  const outer = (blue << 16) | red; // a pixel is alpha, blue, green, red: two of them are mixed in one product
  const first = ((159 << 24) | outer | (green << 8)) >>> 0;
  for (const id of group.members) {
    const x = Math.floor(chart.x[id] * ax + bx), y = Math.floor(chart.y[id] * ay + by);
    if (!(x >= left && x <= right && y >= top && y <= bottom)) continue;
    const at = y * width + x;
    for (let i = 0; i < offsets.length; i++) pixels[at + offsets[i]] = mixed(pixels[at + offsets[i]], first, outer, green);
  }
}

// Five eighths of the new colour over what was there; the first one on a pixel is that colour itself.
function mixed(old, first, outer, green) {
  if (old === 0) return first;
  const mixedOuter = (((old & 0xff00ff) * 3 + outer * 5) >>> 3) & 0xff00ff;
  const mixedGreen = (((old >>> 8) & 0xff) * 3 + green * 5) >>> 3;
  const cover = old >>> 24;
  return (((cover + (((255 - cover) * 5) >>> 3)) << 24) | mixedOuter | (mixedGreen << 8)) >>> 0;
}
