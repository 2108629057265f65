// Colours files with VS Code's own TextMate engine and prints what each character's scopes are.
//
//   node scripts/scopes.cjs FILE…      needs: npm ci
//
// Prints one JSON object: for each file a list of lines, each a list of [start, end, scopes] in UTF-16 units.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const GRAMMAR = path.join(__dirname, "..", "syntaxes", "storyboard.tmLanguage.json");

async function loadGrammar() {
  const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
  await oniguruma.loadWASM(wasm);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) =>
      scope === "source.storyboard" ? textmate.parseRawGrammar(fs.readFileSync(GRAMMAR, "utf8"), GRAMMAR) : null,
  });
  return registry.loadGrammar("source.storyboard");
}

function colour(grammar, text) {
  let stack = textmate.INITIAL;
  return text.split(/\r?\n/).map((line) => {
    const found = grammar.tokenizeLine(line, stack);
    stack = found.ruleStack;
    return found.tokens.map((token) => [token.startIndex, Math.min(token.endIndex, line.length), token.scopes.slice(1)]);
  });
}

async function main(files) {
  const grammar = await loadGrammar();
  const coloured = Object.fromEntries(files.map((file) => [file, colour(grammar, fs.readFileSync(file, "utf8"))]));
  process.stdout.write(JSON.stringify(coloured));
}

module.exports = { loadGrammar, colour };
if (require.main === module) main(process.argv.slice(2));
