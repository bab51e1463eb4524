// A button at each table that copies it with tabs between the columns, as spreadsheets take it. The
// page says everything without it.
for (const tools of document.querySelectorAll("p.tools")) {
  const table = tools.nextElementSibling && tools.nextElementSibling.querySelector("table");
  // A table that is folded away has its button outside, beside the link to its CSV.
  if (!table || table.dataset.copied) continue;
  table.dataset.copied = "button";
  const button = document.createElement("button");
  const name = "Copy table";
  button.type = "button";
  button.textContent = name;
  button.setAttribute("aria-label", name + ": " + table.caption.textContent);
  button.addEventListener("click", async () => {
    const lines = [...table.rows].map(row => [...row.cells].map(cell => cell.textContent.trim()).join("\t"));
    button.textContent = (await copied(lines.join("\n"))) ? "Copied" : "Could not copy";
    setTimeout(() => { button.textContent = name; }, 2000);
  });
  tools.append(button);
}

// A page from a file has no clipboard of its own in some browsers; there a selection is copied.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
