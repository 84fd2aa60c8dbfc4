// How a category root looks: a shape and a colour together, so that neither has to be told apart alone.
// Roots get their look by the order of their slugs, hence the same data always looks the same.

const shapes = [
  "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z", // circle
  "M-4.5-4.5H4.5V4.5H-4.5Z", // square
  "M0-6L5.6 4.4H-5.6Z", // triangle
  "M0-6.3L6.3 0L0 6.3L-6.3 0Z", // diamond
  "M-2-5.5H2V-2H5.5V2H2V5.5H-2V2H-5.5V-2H-2Z", // cross
  "M0 6L5.6-4.4H-5.6Z", // triangle, pointing down
  "M-3-5.4H3L6 0L3 5.4H-3L-6 0Z", // hexagon
  "M0-6.5L1.8-1.9L6.5-1.6L2.9 1.5L4 6L0 3.5L-4 6L-2.9 1.5L-6.5-1.6L-1.8-1.9Z", // star
];

/** The number of different looks; further roots repeat them. */
export const markCount = shapes.length;

/** The top of a category's line, `null` without a category. */
export function rootOf(category) {
  let root = category;
  while (root?.parent) root = root.parent;
  return root ?? null;
}

/** The shape of look `index` for a canvas, about 12 pixels wide around the origin. */
export const markPath = shapes.map((shape) => new Path2D(shape));

/** The shape of look `index` as a small decorative SVG element, coloured by the style sheet. */
export function markElement(index) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "-8 -8 16 16");
  svg.setAttribute("class", `mark mark-${index}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", shapes[index]);
  svg.append(path);
  return svg;
}
