// Checks the extension as far as that goes without a screen: what its manifest names is there, it starts the server and its commands through
// VS Code's own interface (a stand-in here), and the package holds what it needs and nothing else.
//
//   npm ci && npm run check
"use strict";

const assert = require("node:assert/strict");
const childProcess = require("node:child_process");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const test = require("node:test");

const HERE = path.join(__dirname, "..");
const manifest = JSON.parse(fs.readFileSync(path.join(HERE, "package.json"), "utf8"));

/** Loads the extension with stand-ins for VS Code and the language client, and keeps what it asked them to do. */
function load({ trusted = true, command = "", folders = [], answers = true, starts = async () => {} } = {}) {
  const asked = { clients: [], stopped: 0, tasks: [], messages: [], registered: {}, warnings: [] };
  const event = () => ({ dispose() {} });
  const document = { uri: uri("/films/my film.sky"), isDirty: true, save: async () => (asked.saved = true) };
  const vscode = {
    commands: {
      registerCommand: (name, run) => ((asked.registered[name] = run), { dispose() {} }),
      executeCommand: async (...words) => asked.messages.push(words),
    },
    workspace: {
      isTrusted: trusted,
      workspaceFolders: folders.map((folder) => ({ uri: uri(folder) })),
      textDocuments: [document],
      getConfiguration: () => ({ get: (name, otherwise) => ({ command, variables: { city: "Osaka" } })[name] ?? otherwise }),
      getWorkspaceFolder: () => undefined,
      createFileSystemWatcher: event,
      onDidChangeConfiguration: event,
      onDidGrantWorkspaceTrust: (listener) => {
        asked.trust = () => ((vscode.workspace.isTrusted = true), listener());
        return { dispose() {} };
      },
    },
    window: {
      activeTextEditor: { document },
      showErrorMessage: async (...words) => (asked.messages.push(words), words[1]),
      showWarningMessage: async (words) => asked.warnings.push(words),
    },
    tasks: { executeTask: async (task) => asked.tasks.push(task) },
    Task: class {
      constructor(...parts) {
        [this.definition, this.scope, this.name, this.source, this.execution] = parts;
      }
    },
    ProcessExecution: class {
      constructor(program, words, options) {
        Object.assign(this, { program, words, options });
      }
    },
    TaskScope: { Workspace: 2 },
    TaskRevealKind: { Always: 1 },
    TaskPanelKind: { Dedicated: 2 },
  };
  class LanguageClient {
    constructor(id, name, server, options) {
      asked.clients.push({ id, name, server, options });
    }
    start = starts;
    stop = async () => (asked.stopped += 1);
  }
  const execFile = (program, words, done) => {
    asked.probed = [program, ...words];
    done(answers ? null : Object.assign(new Error("not found"), { code: "ENOENT" }));
  };
  const standIns = {
    vscode,
    "node:child_process": { execFile },
    "vscode-languageclient/node": { LanguageClient, TransportKind: { stdio: 0 } },
  };
  const loadModule = Module._load;
  Module._load = (name, ...rest) => standIns[name] ?? loadModule(name, ...rest);
  try {
    const file = path.join(HERE, manifest.main);
    delete require.cache[require.resolve(file)];
    return { extension: require(file), asked };
  } finally {
    Module._load = loadModule;
  }
}

function uri(file, scheme = "file") {
  return { scheme, fsPath: file, toString: () => `${scheme}://${file}` };
}

test("every file that the manifest names is there and can be read", () => {
  const { languages, grammars, snippets } = manifest.contributes;
  const named = [languages[0].configuration, grammars[0].path, snippets[0].path];
  for (const name of named) JSON.parse(fs.readFileSync(path.join(HERE, name), "utf8"));
  const grammar = JSON.parse(fs.readFileSync(path.join(HERE, grammars[0].path), "utf8"));
  assert.equal(grammar.scopeName, grammars[0].scopeName);
  // What the server colours has the colour that the grammar gave it before the server was there.
  const text = JSON.stringify(grammar);
  for (const scopes of Object.values(manifest.contributes.semanticTokenScopes[0].scopes)) assert.ok(text.includes(`"${scopes[0]}"`));
});

test("patterns of the language configuration can be compiled", () => {
  const { wordPattern, indentationRules, folding, onEnterRules } = JSON.parse(
    fs.readFileSync(path.join(HERE, manifest.contributes.languages[0].configuration), "utf8"),
  );
  const words = "a @Mika-2 小雨.den".match(new RegExp(wordPattern.pattern, `g${wordPattern.flags}`));
  assert.deepEqual(words, ["a", "@Mika-2", "小雨", "den"]);
  const increases = new RegExp(indentationRules.increaseIndentPattern);
  for (const line of ["shot street {", "  defaults { # all", '  prompt = """']) assert.match(line, increases);
  for (const line of ['defaults { look = "a {" }', "# shot {", '  """', "}"]) assert.doesNotMatch(line, increases);
  const decreases = new RegExp(indentationRules.decreaseIndentPattern);
  for (const line of ["}", '  """', "  } # end"]) assert.match(line, decreases);
  for (const pattern of [folding.markers.start, folding.markers.end]) new RegExp(pattern);
  for (const { beforeText, afterText } of onEnterRules) [beforeText, afterText].map((pattern) => new RegExp(pattern));
  assert.match('  prompt = """', new RegExp(onEnterRules[0].beforeText));
});

test("it registers just the commands of the manifest and starts `skyflow lsp` over stdio", async () => {
  const { extension, asked } = load();
  await extension.activate({ subscriptions: [] });
  const declared = manifest.contributes.commands.map(({ command }) => command);
  assert.deepEqual(Object.keys(asked.registered).sort(), declared.sort());
  assert.deepEqual(asked.clients[0].server, { command: "skyflow", args: ["lsp"], transport: 0 });
  assert.deepEqual(asked.clients[0].options.documentSelector, [{ language: "storyboard", scheme: "file" }]);
  assert.deepEqual(asked.clients[0].options.initializationOptions, { pictures: true, variables: { city: "Osaka" } });
  await extension.deactivate();
  assert.equal(asked.stopped, 1);
});

test("nothing is executed in a workspace that is not trusted", async () => {
  const { extension, asked } = load({ trusted: false, command: "/tmp/evil" });
  await extension.activate({ subscriptions: [] });
  assert.deepEqual([asked.clients, asked.probed], [[], undefined]);
  await asked.trust();
  assert.equal(asked.clients.length, 1);
});

test("the program is the one of the settings, else one in the workspace's environment", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "skyflow-"));
  const program = process.platform === "win32" ? ["Scripts", "skyflow.exe"] : ["bin", "skyflow"];
  const inside = path.join(folder, ".venv", ...program);
  fs.mkdirSync(path.dirname(inside), { recursive: true });
  fs.writeFileSync(inside, "");
  try {
    for (const [command, expected] of [["", inside], [" /opt/skyflow ", "/opt/skyflow"]]) {
      const { extension, asked } = load({ command, folders: [folder] });
      await extension.activate({ subscriptions: [] });
      assert.equal(asked.clients[0].server.command, expected);
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});

test("a program that is not there is told once, with what to do", async () => {
  const { extension, asked } = load({ answers: false });
  await extension.activate({ subscriptions: [] });
  assert.deepEqual(asked.probed, ["skyflow", "--version"]);
  assert.deepEqual(asked.clients, []);
  assert.match(asked.messages[0][0], /`skyflow lsp` could not be started \(ENOENT\).*pip install 'skyflow\[lsp\]'/);
  assert.deepEqual(asked.messages[1], ["workbench.action.openSettings", "skyflow.command"]);
});

test("a server that does not start is not stopped either", async (context) => {
  context.mock.method(console, "error", () => {});
  const { extension, asked } = load({ starts: () => Promise.reject(new Error("no")) });
  await extension.activate({ subscriptions: [] });
  await extension.deactivate();
  assert.equal(asked.stopped, 0);
  assert.deepEqual(asked.messages, []);
});

test("commands save the storyboard and run on it without a shell", async () => {
  const { extension, asked } = load();
  await extension.activate({ subscriptions: [] });
  for (const name of ["check", "plan", "run"]) {
    await asked.registered[`skyflow.${name}`]();
    const { program, words, options } = asked.tasks.at(-1).execution;
    assert.deepEqual([program, words, options.cwd], ["skyflow", [name, "my film.sky"], "/films"]);
    // VS Code runs no task of a type that the manifest does not define.
    assert.equal(asked.tasks.at(-1).definition.type, manifest.contributes.taskDefinitions[0].type);
  }
  assert.ok(asked.saved);
  await asked.registered["skyflow.run"](uri("/a.sky", "untitled"));
  assert.equal(asked.tasks.length, 3);
  assert.equal(asked.warnings.length, 1);
});

test("a storyboard whose name begins with a dash is no option", async () => {
  const { extension, asked } = load();
  await extension.activate({ subscriptions: [] });
  await asked.registered["skyflow.check"](uri("/films/--live.sky"));
  assert.ok(!asked.tasks[0].execution.words.includes("--live.sky"));
});

test("the package holds what the extension needs and nothing else", () => {
  const target = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "skyflow-")), "skyflow.vsix");
  const vsce = require.resolve("@vscode/vsce/vsce");
  try {
    childProcess.execFileSync(process.execPath, [vsce, "package", "--allow-missing-repository", "--out", target], {
      cwd: HERE,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const size = fs.statSync(target).size;
    assert.ok(size > 50_000 && size < 2_000_000, `${size} bytes`);
    const listed = childProcess.execFileSync(process.execPath, [vsce, "ls"], { cwd: HERE, encoding: "utf8" }).split(/\r?\n/);
    const own = listed.filter((name) => name && !name.startsWith("node_modules/")).sort();
    const named = [manifest.main, manifest.icon].filter(Boolean).map((name) => name.replace("./", ""));
    assert.deepEqual(own, [
      ...["LICENSE", "README.md", "language-configuration.json", "package.json"],
      ...["snippets/storyboard.json", "syntaxes/storyboard.tmLanguage.json", ...named],
    ].sort());
    const packages = new Set(listed.filter((name) => name.startsWith("node_modules/")).map((name) => name.split("/")[1]));
    assert.ok(packages.has("vscode-languageclient") && packages.has("vscode-languageserver-protocol"));
    assert.ok(!packages.has("vscode-textmate") && !packages.has("@vscode"));
  } finally {
    fs.rmSync(path.dirname(target), { recursive: true });
  }
});
