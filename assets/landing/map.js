// A map without tiles: state outline, degree grid, city names, places and a scale bar on one canvas.
// Positions are Web Mercator in world units (the whole world is 0..1); the view is a centre and a zoom of 256·2^zoom pixels.

import { stateOutline } from "./outline.js";
import { markCount, markPath } from "./marks.js";

const smallestZoom = 3;
const largestZoom = 18;
const clusterPixels = 30; // places nearer than this on the screen become one bubble…
const clusterUntil = 13; // …below this zoom
const earthCircumference = 40075016.686; // metres at the equator, WGS84

const toX = (longitude) => (longitude + 180) / 360;
const toY = (latitude) => {
  const sine = Math.sin((latitude * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
};
const toLatitude = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** The map of one canvas. `onChoose(place)` is called when the visitor clicks a place, the name of one that is pointed at is the canvas's title. */
export class PlaceMap {
  constructor(canvas, onChoose) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.onChoose = onChoose;
    this.places = [];
    this.cities = [];
    this.visitor = null;
    this.chosen = null;
    this.drawn = []; // what the last frame put where, for the pointer
    this.centre = { x: toX(-56), y: toY(-13.5) };
    this.zoom = 5;
    this.outline = [];
    for (let i = 0; i < stateOutline.length; i += 2) this.outline.push([toX(stateOutline[i]), toY(stateOutline[i + 1])]);
    new ResizeObserver(() => this.resize()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.redraw());
    this.listen();
    this.resize();
  }

  /** Places are `{slug, city, location, mark, label}`, `mark` an index of marks.js; cities `{slug, location, name}`. */
  show({ places = this.places, cities = this.cities, visitor = this.visitor, chosen = this.chosen }) {
    const project = (thing) => ({ thing, x: toX(thing.location.longitude), y: toY(thing.location.latitude) });
    if (places !== this.places) this.points = places.map(project);
    if (cities !== this.cities) this.towns = cities.map(project);
    Object.assign(this, { places, cities, visitor, chosen });
    this.redraw();
  }

  /** Moves the view so that all `locations` are seen. */
  fit(locations) {
    if (!locations.length) return;
    const xs = locations.map((location) => toX(location.longitude));
    const ys = locations.map((location) => toY(location.latitude));
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    this.centre = { x: (left + right) / 2, y: (top + bottom) / 2 };
    const room = Math.max(80, Math.min(this.width - 90, this.height - 90));
    const across = Math.max((right - left) * (room / Math.max(80, this.width - 90)), (bottom - top) * (room / Math.max(80, this.height - 90)), 1e-6);
    this.zoom = clamp(Math.log2(room / across / 256), smallestZoom, 14);
    this.redraw();
  }

  /** Brings one location into view without changing a closer zoom. */
  goTo(location) {
    this.centre = { x: toX(location.longitude), y: toY(location.latitude) };
    this.zoom = Math.max(this.zoom, 11);
    this.redraw();
  }

  /** Zooms by `step` levels, keeping the pixel (`x`, `y`) where it is. */
  zoomBy(step, x = this.width / 2, y = this.height / 2) {
    const before = this.unproject(x, y);
    this.zoom = clamp(this.zoom + step, smallestZoom, largestZoom);
    const after = this.unproject(x, y);
    this.centre.x += before.x - after.x;
    this.centre.y += before.y - after.y;
    this.redraw();
  }

  panBy(x, y) {
    this.centre.x = clamp(this.centre.x - x / this.scale, 0, 1);
    this.centre.y = clamp(this.centre.y - y / this.scale, 0, 1);
    this.redraw();
  }

  get scale() { return 256 * 2 ** this.zoom; }
  project(x, y) { return [(x - this.centre.x) * this.scale + this.width / 2, (y - this.centre.y) * this.scale + this.height / 2]; }
  unproject(x, y) { return { x: this.centre.x + (x - this.width / 2) / this.scale, y: this.centre.y + (y - this.height / 2) / this.scale }; }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw();
  }

  redraw() {
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); });
  }

  /** The colours of the style sheet, read anew so that light and dark need no second table. */
  colours() {
    const style = getComputedStyle(this.canvas);
    const read = (name) => style.getPropertyValue(name).trim();
    return {
      land: read("--land"), water: read("--map"), line: read("--grid"), ink: read("--ink"), soft: read("--soft"),
      paper: read("--paper"), accent: read("--accent"), marks: Array.from({ length: markCount }, (_, i) => read(`--mark-${i}`)),
      font: style.fontFamily,
    };
  }

  draw() {
    if (!this.width || !this.height) return;
    const colours = this.colours();
    this.drawn = [];
    const [right, bottom] = [this.width, this.height];
    // Rectangles where no label may go: first the buttons, the legend and the scale bar.
    this.taken = [[right - 60, 0, right, 155], [right - 105, bottom - 50, right, bottom], [0, bottom - 36, 135, bottom]];
    this.context.fillStyle = colours.water;
    this.context.fillRect(0, 0, this.width, this.height);
    this.drawOutline(colours);
    this.drawGrid(colours);
    const { single, bubbles } = this.group();
    const around = ({ px, py, radius = 5 }) => [px - radius - 3, py - radius - 3, px + radius + 3, py + radius + 3];
    this.taken.push(...[...single, ...bubbles].map(around));
    for (const bubble of bubbles) this.drawBubble(bubble, colours);
    for (const point of single) this.drawPlace(point, colours);
    if (this.visitor) this.drawVisitor(colours);
    this.drawTowns(colours, bubbles);
    if (this.zoom >= 11) for (const { thing, px, py } of single) this.label(thing.label, px + 10, py, colours, 12, 400);
    this.drawScale(colours);
  }

  drawOutline(colours) {
    const pen = this.context;
    pen.beginPath();
    for (const [x, y] of this.outline) pen.lineTo(...this.project(x, y));
    pen.closePath();
    pen.fillStyle = colours.land;
    pen.fill();
    pen.strokeStyle = colours.soft;
    pen.lineWidth = 1.25;
    pen.stroke();
  }

  drawGrid(colours) {
    const degreesAcross = (this.width / this.scale) * 360;
    const step = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005].find((size) => degreesAcross / size >= 3) ?? 0.002;
    const [corner, opposite] = [this.unproject(0, 0), this.unproject(this.width, this.height)];
    const pen = this.context;
    pen.strokeStyle = colours.line;
    pen.lineWidth = 1;
    pen.beginPath();
    for (let at = Math.ceil((corner.x * 360 - 180) / step); at * step < opposite.x * 360 - 180; at += 1) {
      const [x] = this.project(toX(at * step), 0);
      pen.moveTo(Math.round(x) + 0.5, 0);
      pen.lineTo(Math.round(x) + 0.5, this.height);
    }
    for (let at = Math.ceil(toLatitude(opposite.y) / step); at * step < toLatitude(corner.y); at += 1) {
      const [, y] = this.project(0, toY(at * step));
      pen.moveTo(0, Math.round(y) + 0.5);
      pen.lineTo(this.width, Math.round(y) + 0.5);
    }
    pen.stroke();
  }

  /** Places in view, near ones joined: a bubble holds at least three, the chosen place always stands alone. */
  group() {
    const single = [];
    const heaps = [];
    for (const point of this.points ?? []) {
      const [px, py] = this.project(point.x, point.y);
      if (px < -20 || py < -20 || px > this.width + 20 || py > this.height + 20) continue;
      const spot = { ...point, px, py };
      const free = this.zoom >= clusterUntil || point.thing.slug === this.chosen;
      const heap = free ? null : heaps.find((one) => Math.hypot(one.px - px, one.py - py) < clusterPixels);
      if (heap) heap.members.push(spot);
      else if (free) single.push(spot);
      else heaps.push({ px, py, members: [spot] });
    }
    const bubbles = [];
    for (const { members } of heaps) {
      if (members.length <= 2) single.push(...members);
      else this.addBubble(bubbles, members);
    }
    return { single, bubbles };
  }

  /** Adds a bubble in the middle of its members, swallowing the bubbles it would lie on. */
  addBubble(bubbles, members) {
    const count = members.length;
    const middle = (axis) => members.reduce((sum, member) => sum + member[axis], 0) / count;
    const bubble = { px: middle("px"), py: middle("py"), radius: 10 + Math.min(9, Math.sqrt(count) * 1.4), members };
    const under = bubbles.findIndex(({ px, py, radius }) => Math.hypot(px - bubble.px, py - bubble.py) < radius + bubble.radius);
    if (under < 0) bubbles.push(bubble);
    else this.addBubble(bubbles, members.concat(bubbles.splice(under, 1)[0].members));
  }

  drawPlace({ thing, px, py }, colours) {
    const pen = this.context;
    const chosen = thing.slug === this.chosen;
    pen.save();
    pen.translate(px, py);
    if (chosen) {
      pen.beginPath();
      pen.arc(0, 0, 14, 0, 2 * Math.PI);
      pen.strokeStyle = colours.ink;
      pen.lineWidth = 2.5;
      pen.stroke();
      pen.scale(1.3, 1.3);
    }
    pen.strokeStyle = colours.paper;
    pen.lineWidth = 2.5;
    pen.stroke(markPath[thing.mark]);
    pen.fillStyle = colours.marks[thing.mark];
    pen.fill(markPath[thing.mark]);
    pen.restore();
    this.drawn.push({ px, py, radius: 12, place: thing });
  }

  drawBubble(bubble, colours) {
    const pen = this.context;
    const { px, py, radius } = bubble;
    pen.beginPath();
    pen.arc(px, py, radius, 0, 2 * Math.PI);
    pen.fillStyle = colours.accent;
    pen.fill();
    pen.strokeStyle = colours.paper;
    pen.lineWidth = 2;
    pen.stroke();
    pen.fillStyle = colours.paper;
    pen.font = `600 12px ${colours.font}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(bubble.members.length, px, py + 0.5);
    this.drawn.push(bubble);
  }

  drawVisitor(colours) {
    const [x, y] = this.project(toX(this.visitor.longitude), toY(this.visitor.latitude));
    const pen = this.context;
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 2;
    pen.beginPath();
    pen.arc(x, y, 8, 0, 2 * Math.PI);
    pen.moveTo(x - 13, y); pen.lineTo(x + 13, y);
    pen.moveTo(x, y - 13); pen.lineTo(x, y + 13);
    pen.stroke();
    this.label(this.visitor.label, x + 14, y, colours, 12, 600);
  }

  /** City names: a bubble carries the name of the city most of its places belong to, a city without one gets a dot. */
  drawTowns(colours, bubbles) {
    const towns = (this.towns ?? []).map(({ thing, x, y }) => {
      const [px, py] = this.project(x, y);
      const bubble = bubbles.find((one) => Math.hypot(one.px - px, one.py - py) < one.radius + 14);
      const weight = bubble?.members.filter((member) => member.thing.city.slug === thing.slug).length ?? 0;
      return { name: thing.name, bubble, weight, anchor: bubble ?? { px, py, radius: 5 } };
    });
    for (const { name, bubble, anchor } of towns.sort((one, other) => other.weight - one.weight)) {
      if (bubble?.named) continue;
      const { px, py, radius } = anchor;
      const width = this.measure(name, 13, 600, colours);
      const spots = [[radius + 4, 0], [-width - radius - 4, 0], [-width / 2, -radius - 13], [-width / 2, radius + 13]];
      const written = spots.some(([right, down]) => {
        const inside = px + right > 4 && px + right + width < this.width - 4;
        return inside && this.label(name, px + right, py + down, colours, 13, 600);
      });
      if (bubble) bubble.named = written;
      else if (written && !this.at(px, py)) this.drawDot(px, py, colours);
    }
  }

  drawDot(px, py, colours) {
    this.context.beginPath();
    this.context.arc(px, py, 2.5, 0, 2 * Math.PI);
    this.context.fillStyle = colours.ink;
    this.context.fill();
  }

  measure(text, size, weight, colours) {
    this.context.font = `${weight} ${size}px ${colours.font}`;
    return this.context.measureText(text).width;
  }

  /** Writes `text` to the right of the pixel unless something is already there; says whether it did. */
  label(text, x, y, colours, size, weight) {
    const width = this.measure(text, size, weight, colours);
    const box = [x, y - size / 2 - 2, x + width, y + size / 2 + 2];
    if (box[2] < 0 || box[0] > this.width || box[3] < 0 || box[1] > this.height) return false;
    if (this.taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) return false;
    this.taken.push(box);
    const pen = this.context;
    pen.textAlign = "left";
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 3.5;
    pen.strokeStyle = colours.land;
    pen.strokeText(text, x, y);
    pen.fillStyle = colours.ink;
    pen.fillText(text, x, y);
    return true;
  }

  drawScale(colours) {
    const metresPerPixel = (earthCircumference * Math.cos((toLatitude(this.centre.y) * Math.PI) / 180)) / this.scale;
    const most = 110 * metresPerPixel;
    const power = 10 ** Math.floor(Math.log10(most));
    const metres = [5, 2, 1].map((digit) => digit * power).find((length) => length <= most);
    const [width, left, bottom] = [metres / metresPerPixel, 14, this.height - 14];
    const pen = this.context;
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.moveTo(left, bottom - 5); pen.lineTo(left, bottom); pen.lineTo(left + width, bottom); pen.lineTo(left + width, bottom - 5);
    pen.stroke();
    this.taken = [];
    this.label(metres >= 1000 ? `${metres / 1000} km` : `${metres} m`, left + 5, bottom - 9, colours, 11, 400);
  }

  at(x, y) {
    let best = null;
    for (const spot of this.drawn) {
      const away = Math.hypot(spot.px - x, spot.py - y) - spot.radius;
      if (away <= 4 && (!best || away < best.away)) best = { ...spot, away };
    }
    return best;
  }

  choose(x, y) {
    const spot = this.at(x, y);
    if (spot?.place) this.onChoose(spot.place);
    else if (spot) {
      const together = spot.members.every((member) => Math.hypot(member.px - spot.px, member.py - spot.py) < 0.5);
      if (together) { this.zoom = clusterUntil; this.goTo(spot.members[0].thing.location); }
      else this.fit(spot.members.map((member) => member.thing.location));
    }
  }

  listen() {
    const { canvas } = this;
    const fingers = new Map();
    let moved = 0;
    const where = (event) => [event.offsetX, event.offsetY];
    const spread = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a[0] - b[0], a[1] - b[1]); };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      fingers.set(event.pointerId, where(event));
      if (fingers.size === 1) moved = 0;
    });
    canvas.addEventListener("pointermove", (event) => {
      const now = where(event);
      const before = fingers.get(event.pointerId);
      if (!before) {
        const spot = this.at(...now);
        canvas.classList.toggle("pointing", Boolean(spot));
        canvas.title = spot?.place?.label ?? "";
        return;
      }
      const wide = fingers.size === 2 ? spread() : 0;
      fingers.set(event.pointerId, now);
      moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (wide) this.zoomBy(Math.log2(spread() / wide), now[0], now[1]);
      this.panBy((now[0] - before[0]) / fingers.size, (now[1] - before[1]) / fingers.size);
    });
    canvas.addEventListener("pointerup", (event) => {
      if (fingers.delete(event.pointerId) && fingers.size === 0 && moved < 6) this.choose(...where(event));
    });
    canvas.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
    canvas.addEventListener("wheel", (event) => {
      // Where the page scrolls, the wheel is the page's; with Ctrl, or two fingers on a trackpad, it is the map's.
      if (!event.ctrlKey && document.documentElement.scrollHeight > innerHeight) return;
      event.preventDefault();
      this.zoomBy(clamp(-event.deltaY / (event.deltaMode ? 6 : 240), -1, 1), ...where(event));
    }, { passive: false });
    const keys = {
      ArrowLeft: () => this.panBy(60, 0), ArrowRight: () => this.panBy(-60, 0), ArrowUp: () => this.panBy(0, 60),
      ArrowDown: () => this.panBy(0, -60), "+": () => this.zoomBy(1), "=": () => this.zoomBy(1), "-": () => this.zoomBy(-1),
    };
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
  }
}
