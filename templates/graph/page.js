"use strict";
(() => {
  const byId = (name) => document.getElementById(name);
  const data = JSON.parse(byId("data").textContent);
  const COLOURS = { decision: "#e06c75", fact: "#61afef", reference: "#98c379", project: "#e5c07b", person: "#c678dd",
    event: "#56b6c2", preference: "#d19a66" };
  const OTHERS = ["#7f9fbf", "#bf7f9f", "#9fbf7f", "#bfa37f", "#7fbfae"];
  const types = [...new Set(data.nodes.map((node) => node.type))].sort();
  const colour = (type) => COLOURS[type] || OTHERS[types.indexOf(type) % OTHERS.length];
  const notes = new Map(data.nodes.map((node) => [node.id, node]));
  const near = new Map(data.nodes.map((node) => [node.id, new Set()]));
  for (const edge of data.edges) {
    near.get(edge.source).add(edge.target);
    near.get(edge.target).add(edge.source);
  }
  const day = 86400000;
  const ages = data.nodes.map((node) => (node.created ? (Date.parse(data.made) - Date.parse(node.created)) / day : 0));
  data.nodes.forEach((node, place) => {
    Object.assign(node, { fx: node.x, fy: node.y, age: ages[place] });
    node.text = `${node.title} ${node.id} ${node.tags.join(" ")} ${node.body}`.toLowerCase();
  });
  const oldest = Math.max(1, ...ages);
  const shown = { types: new Set(types), age: Infinity };
  let chosen = null, pointed = null, found = null;

  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let ink = {};
  const readInk = () => { ink = { text: style("--text"), line: style("--line"), mark: style("--mark"), quiet: style("--quiet") }; };
  const radius = (node) => 3 + Math.sqrt(node.links) * 1.5;
  const centre = () => pointed || chosen;
  const isLit = (node) => {
    if (found) return found.has(node.id);
    const middle = centre();
    return !middle || node === middle || near.get(middle.id).has(node.id);
  };

  const graph = ForceGraph()(byId("graph"))
    .autoPauseRedraw(true).cooldownTicks(0).warmupTicks(0).enableNodeDrag(false)
    .backgroundColor("rgba(0,0,0,0)").nodeId("id").nodeLabel(null)
    .linkColor((link) => (centre() && (link.source === centre() || link.target === centre()) ? ink.mark : ink.line))
    .linkWidth((link) => (centre() && (link.source === centre() || link.target === centre()) ? 1.5 : 0.5))
    .nodeCanvasObject((node, canvas, scale) => {
      const size = radius(node);
      canvas.globalAlpha = isLit(node) ? 0.35 + 0.65 * node.score : 0.08;
      canvas.fillStyle = colour(node.type);
      canvas.beginPath();
      canvas.arc(node.x, node.y, size, 0, 2 * Math.PI);
      canvas.fill();
      if (node === chosen || (found && found.has(node.id))) {
        canvas.lineWidth = 2 / scale;
        canvas.strokeStyle = ink.mark;
        canvas.stroke();
      }
      if (isLit(node) && (size * scale > 9 || (centre() && data.nodes.length > 1 && node === centre()))) {
        canvas.globalAlpha = 1;
        canvas.font = `${11 / scale}px system-ui, sans-serif`;
        canvas.fillStyle = ink.text;
        canvas.textAlign = "center";
        canvas.fillText(node.title.slice(0, 50), node.x, node.y + size + 11 / scale);
      }
      canvas.globalAlpha = 1;
    })
    .nodePointerAreaPaint((node, tint, canvas) => {
      canvas.fillStyle = tint;
      canvas.beginPath();
      canvas.arc(node.x, node.y, radius(node) + 2, 0, 2 * Math.PI);
      canvas.fill();
    })
    .onNodeHover((node) => { pointed = node; redraw(); })
    .onNodeClick((node) => open(node.id))
    .onBackgroundClick(() => close());

  const redraw = () => graph.nodeRelSize(graph.nodeRelSize());

  function draw() {
    const nodes = data.nodes.filter((node) => shown.types.has(node.type) && node.age <= shown.age);
    const kept = new Set(nodes.map((node) => node.id));
    const links = data.edges.filter((edge) => kept.has(edge.source) && kept.has(edge.target));
    graph.graphData({ nodes, links: links.map((edge) => ({ ...edge })) });
    byId("count").textContent = `${nodes.length} notes, ${links.length} links` + (data.more ? ` (${data.more} more left out)` : "");
    Object.assign(document.body.dataset, { nodes: nodes.length, edges: links.length });
  }

  function open(id) {
    const node = notes.get(id);
    chosen = node;
    byId("note").hidden = false;
    document.body.dataset.note = id;
    byId("title").textContent = node.title;
    byId("facts").textContent = [node.id, node.type, node.created, `score ${node.score.toFixed(2)}`, ...node.tags.map((tag) => `#${tag}`)]
      .filter(Boolean).join(" · ");
    byId("body").textContent = node.body;
    byId("linked").replaceChildren(...[...near.get(id)].map((other) => entry("li", "link", notes.get(other))));
    graph.centerAt(node.x, node.y, 300);
    redraw();
  }

  function close() {
    chosen = null;
    byId("note").hidden = true;
    delete document.body.dataset.note;
    redraw();
  }

  function entry(wrap, kind, node) {
    const button = document.createElement("button");
    button.className = kind;
    button.textContent = node.title;
    button.onclick = () => { open(node.id); graph.zoom(Math.max(graph.zoom(), 3), 300); };
    if (!wrap) return button;
    const item = document.createElement(wrap);
    item.append(button);
    return item;
  }

  function search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.length ? data.nodes.filter((node) => words.every((word) => node.text.includes(word))) : [];
    found = words.length ? new Set(hits.map((node) => node.id)) : null;
    const inTitle = (node) => words.every((word) => node.title.toLowerCase().includes(word));
    hits.sort((one, other) => inTitle(other) - inTitle(one) || other.links - one.links);
    byId("hits").replaceChildren(...hits.slice(0, 20).map((node) => entry(null, "hit", node)));
    document.body.dataset.hits = hits.length;
    redraw();
  }

  function theme(name) {
    document.documentElement.dataset.theme = name;
    byId("theme").textContent = name === "dark" ? "Light" : "Dark";
    readInk();
    redraw();
  }

  for (const type of types) {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: true, value: type });
    const dot = document.createElement("i");
    dot.style.background = colour(type);
    box.onchange = () => { box.checked ? shown.types.add(type) : shown.types.delete(type); draw(); };
    const count = data.nodes.filter((node) => node.type === type).length;
    label.append(box, dot, `${type} (${count})`);
    byId("types").append(label);
  }
  byId("search").oninput = (event) => search(event.target.value);
  byId("search").onkeydown = (event) => { if (event.key === "Enter") byId("hits").firstChild?.click(); };
  byId("age").oninput = (event) => {
    const share = Number(event.target.value);
    shown.age = share >= 100 ? Infinity : oldest * (share / 100);
    byId("age-said").textContent = share >= 100 ? "" : `up to ${Math.round(shown.age)} days`;
    draw();
  };
  byId("theme").onclick = () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  byId("fit").onclick = () => graph.zoomToFit(300, 40);
  byId("close").onclick = close;
  document.onkeydown = (event) => { if (event.key === "Escape") close(); };
  const fill = () => graph.width(byId("graph").clientWidth).height(byId("graph").clientHeight);
  window.onresize = fill;

  theme(matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  fill();
  draw();
  setTimeout(() => graph.zoomToFit(0, 60), 50);
  window.memory = { graph, open, close };
  document.body.dataset.ready = "1";
})();
