
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const PAGE = 100, MARKS = 12, GAPS = 500, PRINTED = 2000;
  const SEVERITIES = ["critical", "high", "medium", "low"];
  const $ = (id) => document.getElementById(id);
  const many = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

  // Every text becomes a text node: nothing of the data is ever read as HTML.
  const el = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children.filter((child) => child !== "" && child != null));
    return made;
  };
  const link = (url, text) => /^https?:\/\//.test(url) && URL.canParse(url) ? el("a", { href: url, rel: "noreferrer noopener" }, text) : "";
  const host = (url) => URL.canParse(url) ? new URL(url).host : url;
  const badge = (severity) => el("span", { class: `badge ${severity}` }, severity);
  const rule = (finding) => data.rules[finding.rule];

  // ------------------------------------------------------------ the head

  $("verdict").textContent = data.verdict[0].toUpperCase() + data.verdict.slice(1) + ".";
  $("tool").textContent = data.tool;
  document.title = `leaksweep: ${data.verdict}`;
  for (const [severity, count] of Object.entries(data.counts)) {
    const button = el("button", { type: "button", "aria-pressed": "false", "data-severity": severity },
      el("strong", { class: severity }, `${count.toLocaleString("en")} ${severity}`));
    button.addEventListener("click", () => choose({ severity: form.severity.value === severity ? "" : severity }));
    $("counts").append(el("li", {}, button));
  }
  $("counts").hidden = !data.findings.length;
  if (!data.complete) {
    $("gap").hidden = false;
    $("gap").querySelector("p").append(`${many(data.skipped.length, "thing")} could not be read${data.allowed ? ", which was allowed" : ""}: `,
      el("a", { href: "#skipped" }, "see which"), ".");
  }
  for (const { rule: number, count } of data.first) {
    const what = data.rules[number], [text, url] = what.revoke;
    const show = el("button", { type: "button" }, `Show ${count === 1 ? "it" : "all " + count.toLocaleString("en")}`);
    show.addEventListener("click", () => { choose({ rule: String(number) }); $("findings").focus(); });
    $("first").querySelector("ol").append(el("li", {},
      el("h3", {}, badge(what.severity), ` ${what.name} (${count.toLocaleString("en")})`),
      el("p", {}, text, " ", link(url, `Open ${host(url)}`)), show));
  }
  $("first").hidden = !data.first.length;

  // ------------------------------------------------------------ images as stacks, a history as a line

  const mark = (finding, text, kind, tag) => el("li", { class: kind },
    el("a", { href: `#${finding.id}` }, rule(finding).name), " ", el("code", {}, text), " ", tag ? el("span", { class: "tag" }, tag) : "");
  const marks = (items) => {
    const list = el("ul", {}, ...items.slice(0, MARKS).map((item) => mark(...item)));
    if (items.length > MARKS) list.append(el("li", { class: "gone" }, `and ${many(items.length - MARKS, "more secret")}`));
    return list;
  };
  const grouped = (key) => {
    const groups = new Map();
    for (const finding of data.findings) for (const place of finding.places) {
      const name = key(place);
      if (name === undefined) continue;
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push([finding, place]);
    }
    return groups;
  };
  const nothing = data.findings.some((finding) => finding.more) ? "nothing listed" : "no secrets";
  const stack = (seen) => {
    const layers = new Map(), config = [];
    const at = (index) => layers.get(index) || layers.set(index, { digest: "", came: [], gone: [] }).get(index);
    for (const [finding, place] of seen) {
      if (place.kind === "config") { config.push([finding, place.field, "", ""]); continue; }
      const layer = at(place.layer_index);
      layer.digest = place.layer;
      const fate = place.gone ? `${place.gone} in layer ${place.gone_in_layer}${place.gone === "deleted" ? ", still downloadable" : ""}` : "";
      layer.came.push([finding, place.where.slice(place.where.lastIndexOf(": /") + 2), "", fate]);
      if (place.gone) at(place.gone_in_layer).gone.push([finding, place.path, "gone", `${place.gone} here`]);
    }
    const list = el("ol", { class: "stack" });
    if (config.length) list.append(el("li", { class: "hit" }, el("strong", {}, "Configuration"), marks(config)));
    const shown = [...layers.keys()].sort((a, b) => b - a);
    shown.forEach((index, n) => {
      const layer = layers.get(index), below = (shown[n + 1] || 0) + 1;
      list.append(el("li", { class: layer.came.length ? "hit" : "hides" }, el("strong", {}, `Layer ${index}`), " ",
        el("span", { class: "quiet mono" }, layer.digest.slice(0, 19)), marks([...layer.came, ...layer.gone])));
      if (below < index) list.append(el("li", { class: "empty" }, `${below === index - 1 ? "Layer " + below : `Layers ${below} to ${index - 1}`}: ${nothing}`));
    });
    return list;
  };
  const images = grouped((place) => place.image);
  for (const [name, seen] of images) {
    const found = new Set(seen.map(([finding]) => finding.id)).size;
    const details = el("details", { class: "image" }, el("summary", {}, `${name}: ${many(found, "secret")}`));
    const fill = () => { if (details.open && details.children.length === 1) details.append(stack(seen)); };
    details.addEventListener("toggle", fill);
    $("images").querySelector("div").append(details);
    if (images.size <= 3) { details.open = true; fill(); }
  }
  $("images").hidden = !images.size;

  const commits = [...grouped((place) => place.first_commit || place.commit)];
  commits.sort(([, [[, a]]], [, [[, b]]]) => (b.order || 0) - (a.order || 0));
  for (const [id, seen] of commits.slice(0, 200)) {
    $("history").querySelector("ol").append(el("li", {}, el("code", {}, id.slice(0, 10)), " ", el("span", { class: "quiet" }, seen[0][1].author || ""),
      marks(seen.map(([finding, place]) => [finding, place.path, "", place.in_head ? "still in HEAD" : "not in HEAD, still in the history"]))));
  }
  if (commits.length > 200) $("history").append(el("p", {}, `and ${many(commits.length - 200, "more commit")}`));
  $("history").hidden = !commits.length;

  // ------------------------------------------------------------ findings, drawn as they are asked for

  const form = $("filter"), list = $("list"), more = $("more");
  const option = (select, value, text) => select.append(el("option", { value }, text));
  for (const severity of SEVERITIES) if (data.counts[severity]) option(form.severity, severity, severity);
  [...data.rules.entries()].sort(([, a], [, b]) => a.name < b.name ? -1 : 1).forEach(([n, r]) => option(form.rule, n, r.name));
  const targets = new Set();
  for (const finding of data.findings) for (const place of finding.places) targets.add(place.run);
  for (const target of [...targets].sort()) option(form.target, target, target);

  const texts = [];
  const text = (n) => texts[n] ??= [rule(data.findings[n]).name, rule(data.findings[n]).id, rule(data.findings[n]).provider, data.findings[n].id,
    data.findings[n].secret, data.findings[n].verdict, ...data.findings[n].places.map((place) => place.where)].join("\n").toLowerCase();

  const body = (finding) => {
    const where = el("ul", {}, ...finding.places.map((place) => el("li", {}, el("code", {}, place.where))));
    if (finding.more) where.append(el("li", {}, `and ${many(finding.more, "more place")}, which the json report lists`));
    const about = el("dl", {}, el("dt", {}, "Secret"), el("dd", {}, el("code", {}, finding.secret)),
      el("dt", {}, finding.places.length > 1 ? `${finding.places.length + finding.more} places` : "Place"), el("dd", {}, where),
      el("dt", {}, "How sure"), el("dd", {}, finding.sure), el("dt", {}, "Verdict"), el("dd", {}, finding.fails ? "fails the scan" : finding.verdict));
    if (finding.reach.length) about.append(el("dt", {}, "Reach"), ...finding.reach.map((sentence) => el("dd", {}, sentence)));
    const step = ([words, url]) => el("li", {}, words, " ", link(url, host(url)));
    const playbook = rule(finding).playbook.flatMap(([title, numbered, steps]) =>
      [el("h4", {}, title), el(numbered ? "ol" : "ul", {}, ...steps.map(step))]);
    if (finding.token.length) playbook.unshift(el("h4", {}, "This token"), el("ul", {}, ...finding.token.map((words) => step([words, ""]))));
    return el("div", { class: "body" }, el("p", {}, rule(finding).summary), about, ...playbook,
      el("p", { class: "quiet" }, "Rule ", el("code", {}, rule(finding).id), ", id ", el("code", {}, finding.id)));
  };
  const card = (finding) => {
    const others = finding.places.length + finding.more - 1;
    const details = el("details", {}, el("summary", {}, badge(rule(finding).severity),
      el("h3", {}, rule(finding).name, finding.fails ? "" : ` (${finding.verdict})`), el("code", {}, finding.secret),
      el("span", { class: "at mono" }, finding.places[0].where, others ? ` and ${many(others, "more place")}` : "")));
    details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(body(finding)); });
    return el("article", { id: finding.id }, details);
  };

  let matching = [], drawn = 0;
  const draw = (count) => {
    list.append(...matching.slice(drawn, drawn + count).map((n) => card(data.findings[n])));
    drawn = Math.min(matching.length, drawn + count);
    more.hidden = drawn === matching.length;
    more.textContent = `Show ${Math.min(PAGE, matching.length - drawn)} more of ${matching.length.toLocaleString("en")}`;
  };
  const apply = () => {
    const words = form.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    matching = [...data.findings.keys()].filter((n) => {
      const finding = data.findings[n];
      return (!form.severity.value || rule(finding).severity === form.severity.value)
        && (!form.rule.value || String(finding.rule) === form.rule.value)
        && (!form.target.value || finding.places.some((place) => place.run === form.target.value))
        && words.every((word) => text(n).includes(word));
    });
    for (const button of $("counts").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.severity === form.severity.value));
    $("shown").textContent = !data.findings.length ? "No secrets were found." : matching.length === data.findings.length
      ? many(matching.length, "secret") + ", the worst first." : `${many(matching.length, "secret")} of ${data.findings.length.toLocaleString("en")}.`;
    list.replaceChildren();
    drawn = 0;
    draw(PAGE);
  };
  const choose = (wanted) => {
    form.reset();
    for (const [name, value] of Object.entries(wanted)) form[name].value = value;
    apply();
  };
  const follow = () => {
    const id = location.hash.slice(1), found = data.findings.findIndex((finding) => finding.id === id);
    if (found < 0) return;
    if (!matching.includes(found)) choose({});
    draw(Math.max(0, matching.indexOf(found) + 1 - drawn));
    const details = $(id).querySelector("details");
    details.open = true;
    $(id).scrollIntoView();
    details.querySelector("summary").focus();
  };
  form.hidden = !data.findings.length;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  $("clear").addEventListener("click", () => choose({}));
  more.addEventListener("click", () => { const next = drawn; draw(PAGE); list.children[next]?.querySelector("summary").focus(); });
  window.addEventListener("hashchange", follow);
  window.addEventListener("beforeprint", () => {
    draw(Math.max(0, Math.min(PRINTED, matching.length) - drawn));
    for (const details of [...document.querySelectorAll("details")].slice(0, PRINTED)) { details.open = true; details.dispatchEvent(new Event("toggle")); }
  });

  // ------------------------------------------------------------ what was not scanned, and what was

  for (const note of data.notes) $("covered").querySelector("ul").append(el("li", {}, `Note: ${note}`));
  for (const [what, why] of data.skipped.slice(0, GAPS)) $("skipped").querySelector("tbody").append(el("tr", {}, el("td", {}, el("code", {}, what)), el("td", {}, why)));
  if (data.skipped.length > GAPS) $("skipped").querySelector("p").textContent = `and ${many(data.skipped.length - GAPS, "more thing")}, which the json report lists`;
  $("skipped").hidden = !data.skipped.length;
  for (const [target, amount] of data.covered) $("covered").querySelector("ul").append(el("li", {}, el("code", {}, target), `: ${amount}`));

  apply();
  follow();
})();
