"use strict";
(() => {
  const byId = (name) => document.getElementById(name);
  const data = JSON.parse(byId("data").textContent);
  const COLOURS = {
    dark: { decision: "#f07178", fact: "#61afef", reference: "#98c379", project: "#e5c07b", person: "#c678dd",
      event: "#56b6c2", preference: "#e09956" },
    light: { decision: "#c4314b", fact: "#2f6fd0", reference: "#4b8a2f", project: "#a87900", person: "#8a3fc0",
      event: "#0f858f", preference: "#c2611a" },
  };
  const OTHERS = { dark: ["#8fa8c8", "#c88fa8", "#a8c88f"], light: ["#4a6a8f", "#8f4a6a", "#6a8f4a"] };
  const INK = {
    dark: { ground: "#14161a", text: "#e4e6ea", soft: "#a9afb9", line: "#4a525f", mark: "#ffb454" },
    light: { ground: "#fbfbfa", text: "#23262b", soft: "#5c626b", line: "#b9bdc4", mark: "#b35900" },
  };
  const DAY = 86400000, LISTED = 12;
  const types = [...new Set(data.nodes.map((node) => node.type))].sort();
  const strange = types.filter((type) => !COLOURS.dark[type]);
  const notes = new Map(data.nodes.map((node) => [node.id, node]));
  const near = new Map(data.nodes.map((node) => [node.id, new Set()]));
  const links = data.edges.map((edge) => ({ source: notes.get(edge.source), target: notes.get(edge.target) }));
  for (const { source, target } of links) {
    near.get(source.id).add(target);
    near.get(target.id).add(source);
  }
  for (const node of data.nodes) {
    node.age = node.created ? (Date.parse(data.made) - Date.parse(node.created)) / DAY : 0;
    node.name = node.title || node.id;
    node.heading = node.name.toLowerCase();
    node.text = `${node.heading} ${node.id} ${node.tags.join(" ")} ${node.body}`.toLowerCase();
  }
  const oldest = Math.max(1, ...data.nodes.map((node) => node.age));
  const wanted = { types: new Set(types), age: Infinity };
  const ink = {};
  let now = "dark", chosen = null, pointed = null, found = null;
  const colour = (type) => COLOURS[now][type] || OTHERS[now][strange.indexOf(type) % OTHERS[now].length];
  const picture = Picture(data, near, colour, ink);

  const graph = ForceGraph()(byId("graph"))
    .autoPauseRedraw(true).cooldownTicks(0).warmupTicks(0).enableNodeDrag(false).minZoom(0.005).maxZoom(12)
    .backgroundColor("rgba(0,0,0,0)").nodeId("id").nodeVisibility(false).linkVisibility(false)
    .onRenderFramePre(frame)
    .onBackgroundClick((event) => { const node = under(event); node ? open(node.id) : close(); })
    .graphData({ nodes: data.nodes.map(({ id, x, y }) => ({ id, x, y, fx: x, fy: y })), links: data.edges.map((edge) => ({ ...edge })) });
  const redraw = () => graph.nodeRelSize(graph.nodeRelSize());

  function frame(canvas, scale) {
    const box = byId("graph");
    const [from, to] = [graph.screen2GraphCoords(0, 0), graph.screen2GraphCoords(box.clientWidth, box.clientHeight)];
    const centre = pointed || chosen;
    const lit = pointed || !found ? (centre ? new Set([centre, ...near.get(centre.id)].filter((node) => node.on)) : null) : found;
    const marked = [...(found && found.size < 300 ? found : []), ...(chosen ? [chosen] : [])].filter((node) => node.on);
    const labels = picture.paint(canvas, scale, { left: from.x, top: from.y, right: to.x, bottom: to.y },
      { lit, centre: lit === found ? null : centre, marked });
    document.body.dataset.labels = labels;
  }

  function under(event) {
    const box = byId("graph").getBoundingClientRect();
    const { x, y } = graph.screen2GraphCoords(event.clientX - box.left, event.clientY - box.top);
    return picture.at(x, y, graph.zoom());
  }

  function point(node) {
    if (node === pointed) return;
    pointed = node;
    document.body.dataset.pointed = node ? node.id : "";
    byId("graph").style.cursor = node ? "pointer" : "";
    byId("name").textContent = node ? node.name : "";
    redraw();
  }

  function draw() {
    for (const node of data.nodes) node.on = wanted.types.has(node.type) && node.age <= wanted.age;
    const nodes = data.nodes.filter((node) => node.on), kept = links.filter(({ source, target }) => source.on && target.on);
    picture.show(nodes, kept);
    const more = data.more ? ` (${data.more.toLocaleString("en")} more left out)` : "";
    byId("count").textContent = `${nodes.length.toLocaleString("en")} notes, ${kept.length.toLocaleString("en")} links${more}`;
    Object.assign(document.body.dataset, { nodes: nodes.length, edges: kept.length });
    redraw();
  }

  function open(id) {
    const node = notes.get(id);
    chosen = node;
    byId("note").hidden = false;
    document.body.dataset.note = id;
    byId("title").textContent = node.name;
    const facts = [node.id, node.type, node.created, `score ${node.score.toFixed(2)}`, ...node.tags.map((tag) => `#${tag}`)];
    byId("facts").textContent = facts.filter(Boolean).join(" · ");
    byId("body").textContent = node.body;
    byId("linked").replaceChildren(...[...near.get(id)].map((other) => entry("li", "link", other)));
    fill();
    graph.centerAt(node.x, node.y, 300);
    redraw();
  }

  function close() {
    chosen = null;
    byId("note").hidden = true;
    delete document.body.dataset.note;
    fill();
    redraw();
  }

  function dot(type) {
    const made = document.createElement("i");
    made.dataset.type = type;
    made.style.background = colour(type);
    return made;
  }

  function entry(wrap, kind, node) {
    const button = document.createElement("button");
    button.className = kind;
    button.append(dot(node.type), node.name);
    button.onclick = () => { open(node.id); graph.zoom(Math.max(graph.zoom(), 2), 300); };
    if (!wrap) return button;
    const item = document.createElement(wrap);
    item.append(button);
    return item;
  }

  function search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = words.length ? data.nodes.filter((node) => words.every((word) => node.text.includes(word))) : [];
    found = words.length ? new Set(hits) : null;
    const named = new Set(hits.filter((node) => words.every((word) => node.heading.includes(word))));
    hits.sort((one, other) => named.has(other) - named.has(one) || other.links - one.links);
    byId("hits").replaceChildren(...hits.slice(0, LISTED).map((node) => entry(null, "hit", node)));
    byId("found").textContent = words.length ? (hits.length ? `${hits.length.toLocaleString("en")} found` : "nothing found") : "";
    document.body.dataset.hits = hits.length;
    redraw();
  }

  function theme(name) {
    now = name;
    Object.assign(ink, INK[name]);
    document.documentElement.dataset.theme = name;
    byId("theme").textContent = name === "dark" ? "Light" : "Dark";
    for (const each of document.querySelectorAll("i[data-type]")) each.style.background = colour(each.dataset.type);
    redraw();
  }

  for (const type of types) {
    const label = document.createElement("label"), box = document.createElement("input"), count = document.createElement("span");
    Object.assign(box, { type: "checkbox", checked: true, value: type });
    box.onchange = () => { box.checked ? wanted.types.add(type) : wanted.types.delete(type); draw(); };
    count.className = "quiet";
    count.textContent = data.nodes.filter((node) => node.type === type).length.toLocaleString("en");
    label.append(box, dot(type), type, count);
    byId("types").append(label);
  }
  byId("search").oninput = (event) => search(event.target.value);
  byId("search").onkeydown = (event) => { if (event.key === "Enter") byId("hits").firstChild?.click(); };
  byId("age").oninput = (event) => {
    const share = Number(event.target.value);
    wanted.age = share >= 100 ? Infinity : oldest * (share / 100);
    byId("age-said").textContent = share >= 100 ? "any" : `up to ${Math.round(wanted.age).toLocaleString("en")} days`;
    draw();
  };
  byId("theme").onclick = () => theme(now === "dark" ? "light" : "dark");
  byId("fit").onclick = () => graph.zoomToFit(300, 40);
  byId("close").onclick = close;
  byId("graph").onmousemove = (event) => { if (!event.buttons) point(under(event)); };
  byId("graph").onmouseleave = () => point(null);
  document.onkeydown = (event) => {
    if (event.key === "Escape") close();
    if (event.key === "/" && event.target !== byId("search")) { event.preventDefault(); byId("search").focus(); }
  };
  const fill = () => graph.width(byId("graph").clientWidth).height(byId("graph").clientHeight);
  window.onresize = fill;

  theme(matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  fill();
  draw();
  setTimeout(() => graph.zoomToFit(0, 60), 50);
  window.memory = { graph, open, close, redraw };
  document.body.dataset.ready = "1";
})();
