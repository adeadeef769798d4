"use strict";
/* Draws the notes. A frame is few calls however many notes there are: links in long paths, a path for each colour and
   fade, only what is in view, labels of the notes with most links where there is room. */
function Picture(data, near, colour, ink) {
  const FADES = 4, CHUNK = 800, CELL = 60, SMALL = 2.2, READABLE = 4, CLOSE = 0.4;
  const TAU = 2 * Math.PI;
  const ranked = [...data.nodes].sort((one, other) => other.links - one.links || (one.id < other.id ? -1 : 1));
  const hubs = Math.min(40, Math.ceil(ranked.length / 12));
  ranked.forEach((node, place) => { node.hub = place < hubs; });
  let shown = { nodes: [], links: [] }, groups = [], cells = new Map();

  const radius = (node, scale) => Math.max(2.5 + Math.sqrt(node.links) * 1.6, (node.links ? 1.5 : 1.1) / scale);
  const cellOf = (x, y) => `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;

  /* What is drawn from now on. */
  function show(nodes, links) {
    shown = { nodes, links };
    const found = new Map();
    cells = new Map();
    for (const node of nodes) {
      const fade = Math.min(FADES - 1, Math.floor(node.score * FADES));
      const key = `${node.type} ${fade}`;
      if (!found.has(key)) found.set(key, { type: node.type, alpha: 0.4 + (0.6 * fade) / (FADES - 1), nodes: [] });
      found.get(key).nodes.push(node);
      const cell = cellOf(node.x, node.y);
      if (!cells.has(cell)) cells.set(cell, []);
      cells.get(cell).push(node);
    }
    groups = [...found.values()];
  }

  /* The note under a point, or null. */
  function at(x, y, scale) {
    const reach = Math.max(12, 5 / scale);
    let best = null, least = Infinity;
    for (let across = x - reach; across < x + reach + CELL; across += CELL) {
      for (let down = y - reach; down < y + reach + CELL; down += CELL) {
        for (const node of cells.get(cellOf(across, down)) || []) {
          const off = Math.hypot(node.x - x, node.y - y) - radius(node, scale);
          if (off < Math.min(least, 4 / scale)) [best, least] = [node, off];
        }
      }
    }
    return best;
  }

  function lines(canvas, links, box) {
    let count = 0;
    canvas.beginPath();
    for (const { source, target } of links) {
      if (Math.max(source.x, target.x) < box.left || Math.min(source.x, target.x) > box.right) continue;
      if (Math.max(source.y, target.y) < box.top || Math.min(source.y, target.y) > box.bottom) continue;
      canvas.moveTo(source.x, source.y);
      canvas.lineTo(target.x, target.y);
      if (++count % CHUNK === 0) {
        canvas.stroke();
        canvas.beginPath();
      }
    }
    canvas.stroke();
  }

  function dots(canvas, nodes, scale, box) {
    let count = 0;
    canvas.beginPath();
    for (const node of nodes) {
      if (node.x < box.left || node.x > box.right || node.y < box.top || node.y > box.bottom) continue;
      const size = radius(node, scale);
      if (size * scale < SMALL) {
        canvas.rect(node.x - size, node.y - size, 2 * size, 2 * size);
      } else {
        canvas.moveTo(node.x + size, node.y);
        canvas.arc(node.x, node.y, size, 0, TAU);
      }
      if (++count % CHUNK === 0) {
        canvas.fill();
        canvas.beginPath();
      }
    }
    canvas.fill();
  }

  function rings(canvas, nodes, scale, box) {
    canvas.beginPath();
    for (const node of nodes) {
      if (node.x < box.left || node.x > box.right || node.y < box.top || node.y > box.bottom) continue;
      const size = radius(node, scale) + 1.5 / scale;
      canvas.moveTo(node.x + size, node.y);
      canvas.arc(node.x, node.y, size, 0, TAU);
    }
    canvas.stroke();
  }

  /* Whether a label would lie on a dot, or with `lit` on one of those. Not asked from afar, where dots are everywhere. */
  function covers(node, half, y, scale, lit) {
    if (scale < CLOSE) return false;
    const [left, right, top, bottom] = [node.x - half / scale, node.x + half / scale, y - 8 / scale, y + 8 / scale];
    for (let across = left; across < right + CELL; across += CELL) {
      for (let down = top; down < bottom + CELL; down += CELL) {
        for (const other of cells.get(cellOf(across, down)) || []) {
          if (other !== node && (!lit || lit.has(other)) && other.x > left && other.x < right && other.y > top && other.y < bottom) return true;
        }
      }
    }
    return false;
  }

  /* Titles below their dots, or above where there is room; the first of the list first, and none lies on another. */
  function labels(canvas, nodes, scale, box, most, lit) {
    const taken = [];
    canvas.textAlign = "center";
    canvas.lineJoin = "round";
    canvas.lineWidth = 3 / scale;
    canvas.strokeStyle = ink.ground;
    for (const node of nodes) {
      if (taken.length >= most) break;
      if (node.x < box.left || node.x > box.right || node.y < box.top || node.y > box.bottom) continue;
      const text = node.name.length > 34 ? `${node.name.slice(0, 33)}…` : node.name;
      const half = text.length * 3.2 + 4, x = node.x * scale, off = radius(node, scale) + 8 / scale;
      const free = (y) => !covers(node, half, y, scale, lit)
        && !taken.some((each) => Math.abs(each.x - x) < each.half + half && Math.abs(each.y - y * scale) < 16);
      const place = [node.y + off, node.y - off].find(free);
      if (place === undefined) continue;
      taken.push({ x, y: place * scale, half });
      canvas.font = `${node.hub ? "600 " : ""}${11 / scale}px system-ui, sans-serif`;
      canvas.fillStyle = node.hub || lit ? ink.text : ink.soft;
      canvas.strokeText(text, node.x, place + 4 / scale);
      canvas.fillText(text, node.x, place + 4 / scale);
    }
    return taken.length;
  }

  /* A frame. `lit`: the notes that stand out, or null; `centre`: the note whose links do; `marked`: those with a ring. */
  function paint(canvas, scale, box, { lit, centre, marked }) {
    const wide = { left: box.left - 20 / scale, right: box.right + 20 / scale, top: box.top - 20 / scale, bottom: box.bottom + 20 / scale };
    canvas.lineWidth = 0.8 / scale;
    canvas.strokeStyle = ink.line;
    canvas.globalAlpha = lit ? 0.25 : shown.links.length > 5000 ? 0.55 : 0.9;
    lines(canvas, shown.links, wide);
    for (const group of groups) {
      canvas.fillStyle = colour(group.type);
      canvas.globalAlpha = lit ? 0.13 : group.alpha;
      dots(canvas, group.nodes, scale, wide);
    }
    if (centre) {
      canvas.globalAlpha = 0.9;
      canvas.lineWidth = 1.4 / scale;
      canvas.strokeStyle = ink.mark;
      lines(canvas, [...near.get(centre.id)].filter((node) => lit.has(node)).map((node) => ({ source: centre, target: node })), wide);
    }
    const bright = lit ? shown.nodes.filter((node) => lit.has(node)) : [];
    canvas.globalAlpha = 1;
    for (const group of lit ? groups : []) {
      canvas.fillStyle = colour(group.type);
      dots(canvas, group.nodes.filter((node) => lit.has(node)), scale, wide);
    }
    canvas.lineWidth = 1.5 / scale;
    canvas.strokeStyle = ink.mark;
    rings(canvas, marked, scale, wide);
    const room = Math.ceil(((box.right - box.left) * (box.bottom - box.top) * scale * scale) / 12000);
    const most = lit ? Math.min(room, 40) : room;
    const among = lit ? (centre ? [centre, ...bright.filter((node) => node !== centre)] : ranked.filter((node) => node.on && lit.has(node)))
      : ranked.filter((node) => node.on && (node.hub || radius(node, scale) * scale >= READABLE));
    return labels(canvas, among, scale, box, most, lit);
  }

  return { show, at, paint };
}
